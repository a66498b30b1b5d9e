"""What NeMo Curator's heuristics count of a text: the columns that its signals are computed from."""

from __future__ import annotations

from enum import IntEnum

from corpus_forge.text.counts import between


class NemoCount(IntEnum):
    """Column of int64[n, len(NemoCount)]."""

    PLAIN_CHARS = 0
    """ASCII letters and digits, newlines, and `?!,.`."""
    DIGITS = 1
    """ASCII ones."""
    BLANKS = 2
    """Spaces, tabs, newlines, carriage returns, backspaces."""
    BRACKETS = 3
    """`()[]{}⟨⟩`."""
    URL_CHARS = 4
    """Characters of what looks like a URL."""

    WORDS = 5
    """What white space parts."""
    WORD_CHARS = 6
    SYMBOL_WORDS = 7
    """Words that are an ellipsis, or more than half of whose characters begin a run of `#`."""
    ALPHABETIC_WORDS = 8
    """Words with a character that Unicode calls alphabetic."""
    COMMON_WORDS = 9
    """How often a stop word stands between white space."""
    LONGEST_WORD = 10

    LINES = 11
    """Lines between newlines that are not blank."""
    LINE_CHARS = 12
    LINES_LATER = 13
    LINES_LATER_CHARS = 14
    ENDED_LINES = 15
    """Lines that end in `.?!"'`, white space aside."""
    ELLIPSIS_LINES = 16
    """Lines that end in an ellipsis or `read more`."""
    BULLET_LINES = 17

    # Columns of a kind in the order of segments.py.
    PARAGRAPHS = 18
    """What two newlines part, empty ones too."""
    PARAGRAPHS_LATER = 19
    PARAGRAPHS_LATER_CHARS = 20
    PARAGRAPHS_ALL = 21
    PARAGRAPHS_ALL_CHARS = 22
    PARAGRAPH_CHARS = 23
    BOILERPLATE = 24
    """Paragraphs with a phrase of a policy."""
    LOREM_IPSUM = 25

    TOP_2_GRAM = 26
    """Characters of the text that go when the most frequent 2-gram is taken out wherever it is found."""
    TOP_3_GRAM = 27
    TOP_4_GRAM = 28
    COPIED_5_GRAMS = 29
    """Characters of second and later copies, each counted once, with the spaces between."""
    COPIED_6_GRAMS = 30
    COPIED_7_GRAMS = 31
    COPIED_8_GRAMS = 32
    COPIED_9_GRAMS = 33
    COPIED_10_GRAMS = 34

    CHARS = 35
    """Whatever is wanted: shares of characters are of these."""


CHARACTERS = between(NemoCount.PLAIN_CHARS, NemoCount.URL_CHARS)
WORDS = between(NemoCount.WORDS, NemoCount.LONGEST_WORD)
LINES = between(NemoCount.LINES, NemoCount.BULLET_LINES)
PARAGRAPHS = between(NemoCount.PARAGRAPHS, NemoCount.LOREM_IPSUM)
GRAMS = between(NemoCount.TOP_2_GRAM, NemoCount.COPIED_10_GRAMS)
LOOPS = (CHARACTERS, WORDS, LINES, PARAGRAPHS, GRAMS)
"""What each loop fills; a loop runs when one of its counts is wanted."""

ELLIPSES = ("...", "[...]", "…", "(...)", "[…]", "-»", "read more..", "read more")
"""`ellipsis_marks`: at the end of a line in any case, and as a whole word."""
BULLETS = "•‣⁃⁌⁍∙○●◘◦⦾⦿"
BRACKETS = "()[]{}⟨⟩"
PHRASES = (
    "lorem ipsum",
    "terms of use",
    "privacy policy",
    "privacy overview",
    "privacy & cookies policy",
    "privacy and cookies policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
    "necessary cookies are absolutely essential for the website to function properly. this category only includes cookies that "
    "ensures basic functionalities and security features of the website. these cookies do not store any personal information.",
    "any cookies that may not be particularly necessary for the website to function and is used specifically to collect user "
    "personal data via analytics, ads, other embedded contents are termed as non-necessary cookies. it is mandatory to procure "
    "user consent prior to running these cookies on your website.",
    "if you continue to browse this site without changing your cookie settings, you agree to this use. acceptread more",
)
"""`policy_substrings`, less the two that have another of them in it; the first makes a text nothing but boilerplate."""
