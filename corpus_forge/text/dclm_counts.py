"""What DCLM's filters count of a text: the columns that its signals are computed from."""

from __future__ import annotations

from enum import IntEnum


class DclmCount(IntEnum):
    """Column of int64[n, len(DclmCount)]."""

    TOKENS = 0
    """What fastText's white space (ASCII, and NUL) parts, whose first character is a letter or a number."""
    SPACED_ELLIPSES = 1
    """`. . .`, without overlap."""
    STOP_WORDS = 2
    """How often a stop word stands between white space, in any case."""
    BULLET_LINES = 3
    """Lines that begin with one of `●•*-`."""
    ELLIPSIS_LINES = 4
    """Lines that end in `...`, `. . .` or `…`."""

    # Lines and paragraphs without white space around them, blank ones left out; columns as in segments.py, then all characters.
    LINES = 5
    LINES_LATER = 6
    LINES_LATER_CHARS = 7
    LINES_ALL = 8
    LINES_ALL_CHARS = 9
    LINES_CHARS = 10
    PARAGRAPHS = 11
    PARAGRAPHS_LATER = 12
    PARAGRAPHS_LATER_CHARS = 13
    PARAGRAPHS_ALL = 14
    PARAGRAPHS_ALL_CHARS = 15
    PARAGRAPHS_CHARS = 16

    # N-grams of words of Unicode that begin with a letter or a number.
    WORDS = 17
    WORD_CHARS = 18
    TOP_2_GRAM = 19
    TOP_3_GRAM = 20
    TOP_4_GRAM = 21
    IN_5_GRAMS = 22
    IN_6_GRAMS = 23
    IN_7_GRAMS = 24
    IN_8_GRAMS = 25
    IN_9_GRAMS = 26
    IN_10_GRAMS = 27


QUALITY = frozenset(count for count in DclmCount if count <= DclmCount.ELLIPSIS_LINES) | {DclmCount.LINES}
SEGMENTS = frozenset(count for count in DclmCount if DclmCount.LINES <= count <= DclmCount.PARAGRAPHS_CHARS)
GRAMS = frozenset(count for count in DclmCount if count >= DclmCount.WORDS)
LOOPS = (QUALITY, SEGMENTS, GRAMS)
"""What each loop fills; a loop runs when one of its counts is wanted."""
