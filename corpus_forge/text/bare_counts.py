"""What is counted of a bare line: what newlines part, white space at its ends and all, as DCLM looks at lines."""

from __future__ import annotations

from enum import IntEnum

from corpus_forge.text.line_counts import LineCount


class BareCount(IntEnum):
    """Column of int64[lines, len(BareCount)]; the first are those of LineCount, which the same kernels fill."""

    WORDS = 0
    LONGEST_WORD = 1
    ENDED = 2
    LOREM_IPSUM = 3
    JAVASCRIPT = 4
    BRACES = 5
    POLICY = 6
    SENTENCES = 7
    WORDS_LEFT = 8
    ENDED_STRICTLY = 9
    CHARS = 10
    UPPERCASE = 11
    """`str.isupper` of each character."""
    DIGITS = 12
    """`str.isdigit` of each character."""

    # 0 only where RE2 finds no such phrase: what else it need not search.
    LIKE_COUNTER = 13
    LIKE_CART = 14
    """0 too in lines of more than MOST_WORDS words, which have no phrases; so for the two below."""
    LIKE_READ_MORE = 15
    LIKE_SIGN_IN = 16


MOST_WORDS = 10
"""Of lines in which RefinedWeb's phrases are looked for."""


if any(BareCount[count.name] != count for count in LineCount):
    raise ValueError("the columns of BareCount and LineCount differ")
