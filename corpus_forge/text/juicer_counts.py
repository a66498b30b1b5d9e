"""What Data-Juicer's text filters count, and words on lists: the columns that their signals are computed from."""

from __future__ import annotations

from enum import IntEnum


class JuicerCount(IntEnum):
    """Column of int64[n, COLUMNS]."""

    CHARS = 0
    ALPHANUMERIC = 1
    SPECIAL = 2
    LINES = 3
    """What `str.splitlines` cuts."""
    LONGEST_LINE = 4

    CHAR_GRAMS = 5
    """10-grams of characters, each time that one occurs."""
    TOP_CHAR_GRAMS = 6
    """How often the most frequent ones that occur twice occur: of all different ones, as many as the root of their number."""

    WORDS = 7
    """What spaces, tabs and newlines part and not all of whose characters are special."""
    REFINED_WORDS = 8
    """The same in lower case, special characters cut off both ends."""
    WORD_GRAMS = 9
    COPIED_WORD_GRAMS = 10
    """10-grams of refined words that occur twice, each time that one does."""

    # Refined words that are on a list: STOP words and FLAGGED words by language.
    STOP_AR = 16
    STOP_CS = 17
    STOP_DA = 18
    STOP_DE = 19
    STOP_EN = 20
    STOP_EO = 21
    STOP_ES = 22
    STOP_FA = 23
    STOP_FI = 24
    STOP_FR = 25
    STOP_HI = 26
    STOP_HU = 27
    STOP_IT = 28
    STOP_KO = 29
    STOP_NL = 30
    STOP_NO = 31
    STOP_PL = 32
    STOP_PT = 33
    STOP_RU = 34
    STOP_SV = 35
    STOP_TR = 36
    FLAGGED_AR = 48
    FLAGGED_CS = 49
    FLAGGED_DA = 50
    FLAGGED_DE = 51
    FLAGGED_EN = 52
    FLAGGED_EO = 53
    FLAGGED_ES = 54
    FLAGGED_FA = 55
    FLAGGED_FI = 56
    FLAGGED_FR = 57
    FLAGGED_HI = 58
    FLAGGED_HU = 59
    FLAGGED_IT = 60
    FLAGGED_KO = 61
    FLAGGED_NL = 62
    FLAGGED_NO = 63
    FLAGGED_PL = 64
    FLAGGED_PT = 65
    FLAGGED_RU = 66
    FLAGGED_SV = 67
    FLAGGED_TR = 68


LISTED, FLAGGED_BITS = 16, 32
"""Where the columns of lists begin: that of bit b is LISTED + b. Bits of stop words come first, then those of flagged words."""
COLUMNS = LISTED + 64
LANGUAGES = tuple(count.name.removeprefix("STOP_").lower() for count in JuicerCount if count.name.startswith("STOP_"))
"""Those that have both lists and whose words spaces part; bit k is of the k-th."""

CHARACTERS = frozenset(count for count in JuicerCount if count <= JuicerCount.LONGEST_LINE)
CHAR_GRAMS = frozenset((JuicerCount.CHAR_GRAMS, JuicerCount.TOP_CHAR_GRAMS))
WORDS = frozenset(count for count in JuicerCount if count in (JuicerCount.WORDS, JuicerCount.REFINED_WORDS) or count >= LISTED)
WORD_GRAMS = frozenset((JuicerCount.WORD_GRAMS, JuicerCount.COPIED_WORD_GRAMS))
LOOPS = (CHARACTERS, CHAR_GRAMS, WORDS, WORD_GRAMS)
"""What each loop fills; a loop runs when one of its counts is wanted."""
GRAM = 10
"""`rep_len`, of characters and of words."""
