"""What is counted of a line: the columns that line signals, and the sentences of a document, are read from."""

from __future__ import annotations

from enum import IntEnum


class LineCount(IntEnum):
    """Column of int64[lines, len(LineCount)]. A line is what `str.splitlines` cuts, stripped of white space."""

    WORDS = 0
    """What white space parts."""
    LONGEST_WORD = 1
    """Characters of the longest of these."""
    ENDED = 2
    """1 where it ends in one of `.?!"'` and not in `...`."""
    LOREM_IPSUM = 3
    """1 where it holds `lorem ipsum`, in any case."""
    JAVASCRIPT = 4
    BRACES = 5
    """How many `{`."""
    POLICY = 6
    """How many of the six phrases of C4 on policies and cookies it holds, in any case."""
    SENTENCES = 7
    """Sentences by the rules of spaCy's `sentencizer`."""
    WORDS_LEFT = 8
    """What white space parts once citations are gone."""
    ENDED_STRICTLY = 9
    """1 where it ends in one of `.?!"` and not in `...`."""


POLICY_PHRASES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
"""In the order and spelling of tensorflow_datasets `c4_utils.py` and datatrove `c4_filters.py`."""
CITATIONS = ("[edit]", "[citation needed]")
"""Removed from lines beside `[]` and numbers in brackets."""
END_MARKS = ".?!\"'"


WORD_GROUP = frozenset({LineCount.WORDS, LineCount.LONGEST_WORD})
SENTENCE_GROUP = frozenset({LineCount.SENTENCES})
LEFT_GROUP = frozenset({LineCount.WORDS_LEFT})
GROUPS = (WORD_GROUP, frozenset(LineCount) - WORD_GROUP - SENTENCE_GROUP - LEFT_GROUP, SENTENCE_GROUP, LEFT_GROUP)
"""What is counted together, in the order of the kernel's switches; a group is counted when one of it is wanted."""
