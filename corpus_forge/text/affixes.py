"""What is cut off the front and the end of a word, and out of its middle.

The rules of spaCy's English tokenizer (3.8, `lang/punctuation.py`, `lang/en/punctuation.py`) without regular expressions:
each function looks at a bounded window, save for a run of full stops, which is consumed whole, so that a
word is cut in time linear in its length. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.classes import (
    BEFORE_STOP,
    CURRENCY,
    ICON,
    LOWER,
    PREFIX,
    QUOTE,
    SUFFIX,
    UPPER,
    WORD_LETTER,
)
from corpus_forge.text.eight import digits, eight, leading
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.tables import FILTER_BITS, IS_UNIT, MAX_SPECIAL, SCATTER, SLOTS
from corpus_forge.text.utf8 import flags_at, flags_before, is_digit, previous, width

STOP, PLUS, HYPHEN, STAR, CARET, COMMA, TILDE, DOLLAR = (ord(mark) for mark in ".+-*^,~$")
COLON, LESS, GREATER, EQUALS, SLASH = (ord(mark) for mark in ":<>=/")
APOSTROPHE = ord("'")
LOWER_S, UPPER_S, UPPER_U, UPPER_C, UPPER_A, UPPER_F, UPPER_K = (ord(letter) for letter in "sSUCAFK")
SPREAD, HALF, LAST_SLOT = np.uint64(SCATTER), np.uint64(32), np.uint64(SLOTS - 1)
TOP_BYTE, FILTER_SHIFT = np.uint64(56), np.uint64(64 - FILTER_BITS)
SIX, LOW_SIX, ZERO, ONE = np.uint64(6), np.uint64(63), np.uint64(0), np.uint64(1)
MAX_UNIT = 12
"""Bytes of the longest unit, rounded up."""


@inner
def same_entry(data, start, length, entry, tables):
    """Are these bytes that entry?"""
    first = tables.starts[entry]
    if tables.starts[entry + 1] - first != length:
        return False
    for k in range(length):  # noqa: SIM110 - numba knows no all()
        if data[start + k] != tables.blob[first + k]:
            return False
    return True


@inner
def slot_number(data, start, end):
    """As tables.slot_of: the first slot to look at for data[start:end]."""
    value = np.uint64(0)
    i = start
    while i < end:
        value = (value ^ leading(eight(data, i), end - i)) * SPREAD
        value ^= value >> HALF
        i += 8
    return np.int64(value & LAST_SLOT)


@inner
def may_be_known(data, start, end, tables):
    """Is the bit of data[start:end], at least a byte, set in the filter? As tables.filter_bit."""
    size = end - start
    value = (leading(eight(data, start), size) ^ (np.uint64(size) << TOP_BYTE)) * SPREAD >> FILTER_SHIFT
    return (tables.filter[value >> SIX] >> (value & LOW_SIX)) & ONE != ZERO


@inner
def find(data, start, end, kind, tables):
    """Entry of that kind that equals data[start:end], or -1."""
    if end - start > MAX_SPECIAL or end <= start or not may_be_known(data, start, end, tables):
        return -1
    return look_up(data, start, end, kind, tables)


@called
def look_up(data, start, end, kind, tables):
    """As find, for what passes the filter: too rare to be copied to every place that asks."""
    slot = slot_number(data, start, end)
    while tables.slots[slot] >= 0:
        entry = tables.slots[slot]
        if same_entry(data, start, end - start, entry, tables):
            return entry if tables.kinds[entry] & kind else -1
        slot = (slot + 1) & (SLOTS - 1)
    return -1


@inner
def run_of_stops(data, i, end):
    """How many full stops follow one another from i."""
    j = i
    while j < end and data[j] == STOP:
        j += 1
    return j - i


@inner
def is_right_quote(data, i, start, end):
    """Is U+2019 at i, the typographic apostrophe?"""
    return start <= i and i + 2 < end and data[i] == 0xE2 and data[i + 1] == 0x80 and data[i + 2] == 0x99


@inner
def is_ellipsis(data, i, start, end):
    """Is U+2026 at i?"""
    return start <= i and i + 2 < end and data[i] == 0xE2 and data[i + 1] == 0x80 and data[i + 2] == 0xA6


@inner
def prefix_length(data, start, end, tables):
    """Bytes to cut off the front of data[start:end], 0 for none."""
    byte = data[start]
    if byte == STOP:
        run = run_of_stops(data, start, end)
        return run if run > 1 else 0
    if byte == PLUS:
        return 0 if is_digit(data, start + 1, start, end) else 1
    if byte == UPPER_U:
        return 3 if end - start > 2 and data[start + 1] == UPPER_S and data[start + 2] == DOLLAR else 0
    if byte in (UPPER_C, UPPER_A):
        return 2 if end - start > 1 and data[start + 1] == DOLLAR else 0
    return width(data, start, end) if flags_at(tables.classes, data, start, end) & PREFIX else 0


@inner
def final_stop_length(data, start, end, tables):
    """As suffix_length, where the last byte is a full stop."""
    run = 1
    while end - run > start and data[end - run - 1] == STOP:
        run += 1
    if run > 1:
        return run
    at = end - 1
    before = flags_before(tables.classes, data, at, start)
    if before & BEFORE_STOP:
        return 1
    if at <= start:
        return 0
    letter = previous(data, at, start)
    if before & UPPER and flags_before(tables.classes, data, letter, start) & UPPER:
        return 1
    is_scale = data[letter] in (UPPER_F, UPPER_C, UPPER_K)
    return 1 if is_scale and letter - 2 >= start and data[letter - 2] == 0xC2 and data[letter - 1] == 0xB0 else 0


@inner
def unit_length(data, start, end, tables):
    """Bytes of a unit of measure at the end, straight after a digit."""
    first = max(end - MAX_UNIT, start)
    if not digits(eight(data, first)) | digits(eight(data, first + 4)):
        return 0
    i = end - 1
    while i >= start and end - i <= MAX_UNIT:
        if is_digit(data, i, start, end):
            return end - i - 1 if find(data, i + 1, end, IS_UNIT, tables) >= 0 else 0
        i -= 1
    return 0


@inner
def money_length(data, start, end, last):
    """Bytes of a currency sign that begins at `last`, with the country before it, straight after a digit."""
    if is_digit(data, last - 1, start, end):
        return end - last
    if data[last] != DOLLAR or last - 2 < start:
        return 0
    if data[last - 1] in (UPPER_C, UPPER_A):
        return 2 if is_digit(data, last - 2, start, end) else 0
    is_us = data[last - 1] == UPPER_S and data[last - 2] == UPPER_U
    return 3 if is_us and is_digit(data, last - 3, start, end) else 0


@inner
def suffix_length(data, start, end, tables):  # noqa: PLR0911 - a list of cases
    """Bytes to cut off the end of data[start:end], 0 for none."""
    if end <= start:
        return 0
    byte = data[end - 1]
    if byte == STOP:
        return final_stop_length(data, start, end, tables)
    if byte in (LOWER_S, UPPER_S):
        if end - start > 1 and data[end - 2] == APOSTROPHE:
            return 2
        if is_right_quote(data, end - 4, start, end):
            return 4
    if byte == PLUS and is_digit(data, end - 2, start, end):
        return 1
    last = previous(data, end, start)
    flags = flags_at(tables.classes, data, last, end)
    if is_ellipsis(data, last, start, end) and is_ellipsis(data, last - 3, start, end):
        return 6
    if flags & SUFFIX:
        return end - last
    if flags & CURRENCY:
        money = money_length(data, start, end, last)
        if money:
            return money
    return unit_length(data, start, end, tables)


@inner
def hyphen_length(data, i, end, tables):  # noqa: PLR0911 - a list of cases
    """Bytes of a hyphen or dash at i that a letter follows: `-` to `---`, `–`, `—`, `——` or `~`."""
    classes = tables.classes
    if data[i] == HYPHEN:
        for size in range(1, 4):
            if flags_at(classes, data, i + size, end) & WORD_LETTER:
                return size
            if i + size >= end or data[i + size] != HYPHEN:
                return 0
        return 0
    if data[i] == TILDE:
        return 1 if flags_at(classes, data, i + 1, end) & WORD_LETTER else 0
    is_dash = i + 2 < end and data[i] == 0xE2 and data[i + 1] == 0x80 and data[i + 2] in (0x93, 0x94)
    if not is_dash:
        return 0
    if flags_at(classes, data, i + 3, end) & WORD_LETTER:
        return 3
    twice = i + 5 < end and data[i + 2] == 0x94 and data[i + 3] == 0xE2 and data[i + 4] == 0x80 and data[i + 5] == 0x94
    return 6 if twice and flags_at(classes, data, i + 6, end) & WORD_LETTER else 0


@inner
def infix_length(data, i, start, end, tables):  # noqa: PLR0911 - a list of cases
    """Bytes of a mark at i that cuts data[start:end] in its middle, 0 for none."""
    classes = tables.classes
    byte = data[i]
    if byte == STOP:
        run = run_of_stops(data, i, end)
        if run > 1:
            return run
        between = flags_before(classes, data, i, start) & (LOWER | QUOTE)
        return 1 if between and flags_at(classes, data, i + 1, end) & (UPPER | QUOTE) else 0
    is_operator = byte in (PLUS, HYPHEN, STAR, CARET) and is_digit(data, i - 1, start, end)
    if is_operator and (is_digit(data, i + 1, start, end) or (i + 1 < end and data[i + 1] == HYPHEN)):
        return 1
    if byte >= 0x80 and not flags_at(classes, data, i, end) & PREFIX:
        return 0
    if byte >= 0x80 and (is_ellipsis(data, i, start, end) or flags_at(classes, data, i, end) & ICON):
        return width(data, i, end)
    before_letter = flags_before(classes, data, i, start) & WORD_LETTER
    if byte == COMMA:
        return 1 if before_letter and flags_at(classes, data, i + 1, end) & WORD_LETTER else 0
    if not before_letter and not is_digit(data, i - 1, start, end):
        return 0
    if byte in (COLON, LESS, GREATER, EQUALS, SLASH):
        return 1 if flags_at(classes, data, i + 1, end) & WORD_LETTER else 0
    return hyphen_length(data, i, end, tables)
