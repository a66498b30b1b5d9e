"""Which bare lines RE2 need not search: a glance at a few bytes says where none of RefinedWeb's phrases can be.

A hint is 0 only where the pattern finds nothing, and may be 1 anywhere: RE2 decides. It reads bytes as RE2 may, not as it does:
letters in any case, U+017F where the pattern has an s (`(?i)` takes it for one; no pattern searched for here has a k), and any
character beyond ASCII for a digit and for no part of a word. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bare_counts import MOST_WORDS, BareCount
from corpus_forge.text.bitmaps import BYTES, NONE, between, in_any_case, up_to
from corpus_forge.text.eight import CASE, eight, leading
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.utf8 import previous, width

WORDS, LIKE_COUNTER, LIKE_CART = int(BareCount.WORDS), int(BareCount.LIKE_COUNTER), int(BareCount.LIKE_CART)
LIKE_READ_MORE, LIKE_SIGN_IN = int(BareCount.LIKE_READ_MORE), int(BareCount.LIKE_SIGN_IN)
MOST_LETTERS = 10
"""Of a counter: one behind the number, and those of `followers`."""
LONG_S = "ſ".encode()
FIRST_OF_S, LAST_OF_S = LONG_S
UNDERSCORE, BLANK, SMALL_S, SMALL_N, SMALL_C = (ord(mark) for mark in "_ snc")
EAD_MORE, IGN_IN = (np.uint64(int.from_bytes(part, "little")) for part in (b"ead more", b"ign-in"))


@inner
def is_letter(byte):
    """Is it an ASCII letter?"""
    return 97 <= byte | 0x20 <= 122


@inner
def is_word_byte(byte):
    """Is it an ASCII letter, a digit, or `_`?"""
    return is_letter(byte) or 48 <= byte <= 57 or byte == UNDERSCORE


@inner
def may_begin_counter(data, start, end):
    """Is the first character that may be of a word a digit, or beyond ASCII?"""
    i = start
    while i < end and data[i] < 0x80 and not is_word_byte(data[i]):
        i += 1
    return i < end and (data[i] >= 0x80 or 48 <= data[i] <= 57)


@inner
def may_end_counter(data, start, end):
    """Is the last letter, of ASCII or like one, an s, as that of all that is counted?"""
    i = end - 1
    while i >= start and not is_word_byte(data[i]):
        if data[i] == LAST_OF_S and i > start and data[i - 1] == FIRST_OF_S:
            return True
        i -= 1
    return i >= start and data[i] | 0x20 == SMALL_S


@inner
def has_few_letters(data, start, end):
    """Are no more letters of ASCII in the line than in a counter?"""
    letters, i = 0, start
    while i < end and letters <= MOST_LETTERS:
        letters += is_letter(data[i])
        i += 1
    return letters <= MOST_LETTERS


@called
def may_be_counter(data, start, end):
    """May the line be a number and what it counts?"""
    return may_begin_counter(data, start, end) and has_few_letters(data, start, end) and may_end_counter(data, start, end)


@inner
def may_have_cart(data, start, end):
    """Is `n c` in the line, in any case, as in `items in cart`?"""
    found = NONE
    for i in range(start, end - 2, BYTES):
        blanks = up_to(between(data, i + 1, BLANK, BLANK), end - 2 - i)
        found |= in_any_case(data, i, SMALL_N) & blanks & in_any_case(data, i + 2, SMALL_C)
    return found != NONE


@inner
def may_end_in_read_more(data, start, end):
    """Does `ead more` stand before the last three characters?"""
    for _ in range(3):
        if end > start:
            end = previous(data, end, start)
    return end - start > 8 and eight(data, end - 8) | CASE == EAD_MORE


@inner
def may_begin_with_sign_in(data, start, end):
    """Does `ign-in` stand behind the first character?"""
    behind = start + width(data, start, end) if start < end else end
    return end - behind >= 6 and leading(eight(data, behind) | CASE, 6) == IGN_IN


@called
def note_hints(data, start, end, row):
    """Fill the hints of a line whose words are counted."""
    row[LIKE_COUNTER] = may_be_counter(data, start, end)
    if row[WORDS] <= MOST_WORDS:
        row[LIKE_CART] = may_have_cart(data, start, end)
        row[LIKE_READ_MORE] = may_end_in_read_more(data, start, end)
        row[LIKE_SIGN_IN] = may_begin_with_sign_in(data, start, end)
