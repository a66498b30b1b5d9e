"""Which characters are letters, numbers, capitals, white space: a table of flags beside classes.py, whose table is full.

Signals of DCLM and RedPajama-V2 ask Python's own questions of single characters; the flags are those answers.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text import letter_ranges, unicode_ranges
from corpus_forge.text.classes import CODE_POINTS, SPACE, character_classes, code_points

ALPHANUMERIC = 1 << 0
"""`str.isalnum`; with `_` it is what `\\w` matches."""
DIGIT = 1 << 1
"""`str.isdigit`."""
NUMERIC = 1 << 2
"""`str.isnumeric`."""
UPPERCASE = 1 << 3
"""`str.isupper`."""
OTHER_CASE = 1 << 4
"""`str.islower`, or title case."""
LATIN = 1 << 5
"""A to Z and a to z."""
WHITE = 1 << 6
"""`str.isspace`."""


@cache
def letter_classes() -> np.ndarray:
    """uint8[0x110000], read-only: the flags of each code point."""
    table = np.zeros(CODE_POINTS, np.uint8)
    table[code_points(unicode_ranges.LETTERS)] |= ALPHANUMERIC
    # `isalnum` is letters and all that is decimal, a digit or numeric, and the last of these has the others in it.
    table[code_points(letter_ranges.NUMERIC_CHARACTERS)] |= ALPHANUMERIC | NUMERIC
    table[code_points(letter_ranges.DIGIT_CHARACTERS)] |= DIGIT
    table[code_points(letter_ranges.UPPERCASE)] |= UPPERCASE
    table[code_points(letter_ranges.OTHER_CASE)] |= OTHER_CASE
    table[code_points("41-5A 61-7A")] |= LATIN
    table[character_classes() & SPACE != 0] |= WHITE
    table.setflags(write=False)
    return table
