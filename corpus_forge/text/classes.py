"""What a character is: one table of bit flags over all code points, made at first use.

Kernels ask `classes[code_point] & FLAG` and nothing else, so that a rule about characters lives here and not in a loop.
The flat table costs 2.2 MB and saves every lookup a branch; text touches only a few pages of it.
Which marks are affixes, infixes and quotes follows spaCy 3.8 `lang/punctuation.py` and `lang/char_classes.py`, whose English
tokenizer is what datatrove counts words with; which are symbols follows datatrove 0.10 `utils/text.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from corpus_forge.text import unicode_ranges

CODE_POINTS = 0x110000

SPACE = 1 << 0
"""`str.isspace`."""
BREAK = 1 << 1
"""Ends a line by `str.splitlines`."""
LETTER = 1 << 2
"""`str.isalpha`."""
SYMBOL = 1 << 3
"""A word made only of these is no word to count."""
PREFIX = 1 << 4
"""Cut off the front of a word."""
SUFFIX = 1 << 5
"""Cut off its end."""
ICON = 1 << 6
"""Cut out of its middle."""
WORD_LETTER = 1 << 7
"""A hyphen, comma, slash or colon between two of these cuts."""
LOWER = 1 << 8
UPPER = 1 << 9
"""Lower and upper case letters; those of scripts without case are both."""
QUOTE = 1 << 10
BEFORE_STOP = 1 << 11
"""A full stop at the end of a word is cut off after one of these."""
CURRENCY = 1 << 12
"""Cut off the end after a digit."""
LABEL = 1 << 13
"""Part of a label of a host name (a hyphen and `_` too, but not at its ends)."""
SCHEME = 1 << 14
"""Part of the scheme of a URL."""
ENDING = 1 << 15
"""Ends a sentence in some script."""

PUNCTUATION_MARK = 1 << 0
"""Of sentence_classes: general category P."""
DIGIT = 1 << 1
"""General category Nd."""
SENTENCE_MARK = 1 << 2
"""A piece that is this character alone ends a sentence."""

SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
BREAKS = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
PUNCTUATION = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪"
QUOTES = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉\u2329\u232a⟦⟧"
MONEY = "$£€¥฿₽﷼" + "".join(map(chr, range(0x20A0, 0x20C0)))
MARKS = "\"#$%&'()*+,-/:;<=>@[\\]^_`{|}~«´»–—’“”„…∶━►、〈〉《》「」【】％（），１：；～"
CONTROLS = "0-8 B-1F 7F-9F"
AFTER_SCHEME_START = "+-._"


@cache
def character_classes() -> np.ndarray:
    """uint16[0x110000], read-only: the flags of each code point."""
    table = np.zeros(CODE_POINTS, np.uint16)
    for flag, *parts in _members():
        for part in parts:
            table[part] |= flag
    table.setflags(write=False)
    return table


@cache
def sentence_classes() -> np.ndarray:
    """uint8[0x110000], read-only: flags that only lines and sentences need; a table of its own, since the other is full."""
    table = np.zeros(CODE_POINTS, np.uint8)
    for flag, ranges in (
        (PUNCTUATION_MARK, unicode_ranges.PUNCTUATION),
        (DIGIT, unicode_ranges.DIGITS),
        (SENTENCE_MARK, unicode_ranges.SENTENCE_MARKS),
    ):
        table[code_points(ranges)] |= flag
    table.setflags(write=False)
    return table


def _members() -> Iterator[tuple[Any, ...]]:
    """Each flag, and what has it."""
    letters, lower = code_points(unicode_ranges.LETTERS), code_points(unicode_ranges.WORD_LOWER)
    icons, terminal_marks = code_points(unicode_ranges.ICONS), code_points(unicode_ranges.TERMINAL_MARKS)
    ascii_alphanumeric = code_points("30-39 41-5A 61-7A")
    yield SPACE, characters(SPACES), slice(0x2000, 0x200B)
    yield BREAK, characters(BREAKS)
    yield LETTER, letters
    yield SYMBOL, characters(MARKS), code_points(CONTROLS), terminal_marks
    yield ENDING, terminal_marks
    yield PREFIX, characters("§%=—–" + PUNCTUATION + QUOTES + MONEY), icons
    yield SUFFIX, characters("—–" + PUNCTUATION + QUOTES), icons
    yield ICON, icons
    yield WORD_LETTER, code_points(unicode_ranges.WORD_LETTERS)
    yield LOWER, lower
    yield UPPER, code_points(unicode_ranges.WORD_UPPER)
    yield QUOTE, characters(QUOTES)
    # The odd ones come from a list of alternatives that spaCy puts inside a character class: its bar and brackets count.
    yield BEFORE_STOP, characters("0123456789%²+|(?:)-" + PUNCTUATION + QUOTES), lower
    yield CURRENCY, characters(MONEY)
    yield LABEL, ascii_alphanumeric, slice(0xA1, 0x10000)
    yield SCHEME, characters(AFTER_SCHEME_START), ascii_alphanumeric, letters[letters > 127]


def code_points(ranges: str) -> np.ndarray:
    """int64[n]: code points of `first`, `first-last` and `first-last:stride` items, hexadecimal."""
    found = [np.arange(0)]
    for item in ranges.split():
        span, _, stride = item.partition(":")
        first, _, last = span.partition("-")
        found.append(np.arange(int(first, 16), int(last or first, 16) + 1, int(stride or "1")))
    return np.concatenate(found)


def characters(marks: str) -> list[int]:
    """Code points of a string."""
    return [ord(mark) for mark in marks]
