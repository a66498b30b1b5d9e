"""What one pass over a text counts: the columns of the array that kernels fill and signals are computed from.

Signals are ratios of these integers, so a pass stays integer, exact and the same on every machine; a new signal over known
counts is three lines in signals.py and no kernel at all.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

C = TypeVar("C", bound=IntEnum)


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

    # Segments of a text, five columns a kind in the order of segments.py: how many; second and later copies, and
    # their characters; all copies of what occurs twice, and their characters.
    RUN_LINES = 12
    """What one or more newlines part, as `re.split("\\n+", text)` does."""
    RUN_LINES_LATER = 13
    RUN_LINES_LATER_CHARS = 14
    RUN_LINES_ALL = 15
    RUN_LINES_ALL_CHARS = 16
    PARAGRAPHS = 17
    """What two or more newlines part, white space around the text aside."""
    PARAGRAPHS_LATER = 18
    PARAGRAPHS_LATER_CHARS = 19
    PARAGRAPHS_ALL = 20
    PARAGRAPHS_ALL_CHARS = 21
    FULL_LINES = 22
    """Lines between newlines that are not blank."""
    FULL_LINES_LATER = 23
    FULL_LINES_LATER_CHARS = 24
    FULL_LINES_ALL = 25
    FULL_LINES_ALL_CHARS = 26
    NEWLINES = 27
    ENDED_LINES = 28
    """Lines that are not blank and end in a mark that ends a sentence in some script."""
    SHORT_LINES = 29
    """Lines that are not blank, of at most 30 characters."""

    EMPTY_ENDS = 30
    """Of RUN_LINES, the empty ones: before newlines that begin the text and after those that end it."""

    # N-grams of pieces: characters of the most frequent one with spaces between, times its count; then the characters
    # of second and later copies, without overlap.
    TOP_2_GRAM = 31
    TOP_3_GRAM = 32
    TOP_4_GRAM = 33
    LATER_5_GRAMS = 34
    LATER_6_GRAMS = 35
    LATER_7_GRAMS = 36
    LATER_8_GRAMS = 37
    LATER_9_GRAMS = 38
    LATER_10_GRAMS = 39

    # The same of what stands between white space, without spaces, all copies, overlaps counted again; and the
    # characters of all n-grams.
    SPLIT_WORDS = 40
    SPLIT_CHARS = 41
    SPLIT_TOP_2_GRAM = 42
    SPLIT_TOP_3_GRAM = 43
    SPLIT_TOP_4_GRAM = 44
    SPLIT_ALL_5_GRAMS = 45
    SPLIT_ALL_6_GRAMS = 46
    SPLIT_ALL_7_GRAMS = 47
    SPLIT_ALL_8_GRAMS = 48
    SPLIT_ALL_9_GRAMS = 49
    SPLIT_ALL_10_GRAMS = 50
    SPLIT_OF_5_GRAMS = 51
    SPLIT_OF_6_GRAMS = 52
    SPLIT_OF_7_GRAMS = 53
    SPLIT_OF_8_GRAMS = 54
    SPLIT_OF_9_GRAMS = 55
    SPLIT_OF_10_GRAMS = 56
    SPLIT_SYMBOL_WORDS = 57
    """Words between white space that hold `#` or `…`."""
    SPLIT_LETTER_WORDS = 58
    """That hold a letter."""
    SPLIT_STOP_WORDS = 59
    """How often a stop word stands between white space."""
    SPLIT_MEDIAN_TWICE = 60
    """Characters of the two words in the middle by length; 255 at most of each."""
    STAR_LINES = 61
    """Lines between newlines that begin with `*` or `-`, white space and all."""
    DOTS_LINES = 62
    """Lines between newlines that end in `…`, white space and all."""


def between(first: C, last: C) -> frozenset[C]:
    """The columns from the first to the last."""
    return frozenset(count for count in type(first) if first <= count <= last)


LINE_COUNTS = between(Count.CHARS, Count.ELLIPSIS_LINES)
WORD_COUNTS = between(Count.PIECES, Count.STOP_WORDS)
SEGMENT_COUNTS = between(Count.RUN_LINES, Count.EMPTY_ENDS) | {Count.STAR_LINES, Count.DOTS_LINES}
GRAM_COUNTS = between(Count.TOP_2_GRAM, Count.LATER_10_GRAMS)
SPLIT_COUNTS = between(Count.SPLIT_WORDS, Count.SPLIT_MEDIAN_TWICE)
LOOPS = (LINE_COUNTS, WORD_COUNTS, SEGMENT_COUNTS, GRAM_COUNTS, SPLIT_COUNTS)
"""What each loop of the pass fills; a loop runs when one of its counts is wanted."""
