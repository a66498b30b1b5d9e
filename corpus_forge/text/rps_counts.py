"""What RedPajama-V2's quality signals count: of a text, of the same text in normal form, and of its lines."""

from __future__ import annotations

from enum import IntEnum


class RpsCount(IntEnum):
    """Column of int64[n, len(RpsCount)]."""

    # Of the text as it is.
    LINES = 0
    """What a newline ends, and what stands behind the last one."""
    CCNET_LINES = 1
    """One more than newlines; 0 of an empty text."""
    BULLET_LINES = 2
    ELLIPSIS_LINES = 3
    BRACES = 4
    """`{` and `}`."""
    SENTENCES = 5
    PIECES = 6
    """Runs of letters, numbers and `_`, and runs of what is neither these nor white space."""
    LATIN_PIECES = 7
    """With a letter from A to Z."""
    UPPERCASE_PIECES = 8
    """`str.isupper`."""
    STOP_PIECES = 9

    # Of the text in normal form: no ASCII punctuation, lower case, NFD; words are what white space parts.
    WORDS = 10
    WORD_CHARS = 11
    DIFFERENT_WORDS = 12
    ENTROPY = 13
    """Of the words, in trillionths of a nat."""
    LOREM_IPSUM = 14
    TOP_2_GRAM = 15
    TOP_3_GRAM = 16
    TOP_4_GRAM = 17
    IN_5_GRAMS = 18
    IN_6_GRAMS = 19
    IN_7_GRAMS = 20
    IN_8_GRAMS = 21
    IN_9_GRAMS = 22
    IN_10_GRAMS = 23
    FLAGGED_GRAMS = 24
    """Of one word or more, overlaps counted again."""


class RpsLineCount(IntEnum):
    """Column of int64[lines, len(RpsLineCount)]. A line is what stands between newlines, white space and all."""

    CHARS = 0
    UPPERCASE = 1
    """`str.isupper` of each character."""
    ENDED = 2
    BULLET = 3

    # In normal form.
    WORDS = 4
    JAVASCRIPT = 5
    NUMERIC = 6
    """`str.isnumeric` of each character."""
    NORMAL_CHARS = 7
    """With one blank between two words."""


RAW = frozenset(count for count in RpsCount if count <= RpsCount.STOP_PIECES)
NORMAL = frozenset(RpsCount) - RAW
RAW_OF_LINES = frozenset(count for count in RpsLineCount if count <= RpsLineCount.BULLET)
NORMAL_OF_LINES = frozenset(RpsLineCount) - RAW_OF_LINES
