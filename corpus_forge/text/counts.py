"""What one pass over a text counts: the columns of the array that kernels fill and signals are computed from.

Signals are ratios of these integers, so a pass stays integer, exact and the same on every machine; a new signal over known
counts is three lines in signals.py and no kernel at all.
"""

from __future__ import annotations

from enum import IntEnum


class Count(IntEnum):
    """Column of int64[n, len(Count)]."""

    BYTES = 0
    CHARS = 1
    LINES = 2
    HASHES = 3
    """`#`."""
    ELLIPSES = 4
    """`...` (not overlapping) and `…`."""
    BULLET_LINES = 5
    """Lines whose first character that is no white space is `•` or `-`."""
    ELLIPSIS_LINES = 6
    """Lines that end in `...` or `…`, white space aside."""
    PIECES = 7
    """All words, marks included."""
    WORDS = 8
    """Pieces with a character that is no symbol."""
    WORD_CHARS = 9
    """Characters of those."""
    LETTER_PIECES = 10
    """Pieces with a letter."""
    STOP_WORDS = 11
    """Different stop words."""


LINE_COUNTS = frozenset(
    {Count.CHARS, Count.LINES, Count.HASHES, Count.ELLIPSES, Count.BULLET_LINES, Count.ELLIPSIS_LINES},
)
WORD_COUNTS = frozenset({Count.PIECES, Count.WORDS, Count.WORD_CHARS, Count.LETTER_PIECES, Count.STOP_WORDS})
