"""What Data-Juicer's filters ask of a character, in one table: its lower case, and four flags above that.

The flat table costs 4.4 MB and saves a second look-up. Lower case is Python's, of cased characters of Unicode 14.0 only, so
that a newer Python gives the same; of one character, so that a capital sigma is always σ and İ stays what it is.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text import letter_ranges
from corpus_forge.text.classes import BREAKS, CODE_POINTS, characters, code_points
from corpus_forge.text.juicer_ranges import SPECIAL_CHARACTERS
from corpus_forge.text.letters import ALPHANUMERIC as IS_ALPHANUMERIC
from corpus_forge.text.letters import letter_classes

LOWER_CASE = (1 << 21) - 1
"""The bits of the code point of the lower case."""
ALPHANUMERIC = 1 << 21
"""`str.isalnum`."""
SPECIAL = 1 << 22
LOWER_SPECIAL = 1 << 23
"""The lower case is special."""
BREAK = 1 << 24
"""Ends a line by `str.splitlines`."""
FINAL_SIGMA, SIGMA = 0x3C2, 0x3C3


@cache
def juicer_table() -> np.ndarray:
    """uint32[0x110000], read-only: flags and the lower case of each code point."""
    lower = np.arange(CODE_POINTS, dtype=np.uint32)
    for code in code_points(letter_ranges.UPPERCASE + letter_ranges.OTHER_CASE).tolist():
        if len(chr(code).lower()) == 1:
            lower[code] = ord(chr(code).lower())
    lower[FINAL_SIGMA] = SIGMA
    special = np.zeros(CODE_POINTS, np.bool_)
    special[code_points(SPECIAL_CHARACTERS)] = True
    table = lower.copy()
    table[letter_classes() & IS_ALPHANUMERIC != 0] |= ALPHANUMERIC
    table[special] |= SPECIAL
    table[special[lower]] |= LOWER_SPECIAL
    table[characters(BREAKS)] |= BREAK
    table.setflags(write=False)
    return table
