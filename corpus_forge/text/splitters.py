"""What a word is: the ways to cut a text into words that signals may be measured with.

`default`: pieces of spaCy's English tokenizer (words.py). `whitespace`: what `str.split` gives. `uax29`: the default word
boundaries of Unicode (word_breaks.py), marks are words there too. One kernel takes all three; the name travels as a number.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from corpus_forge.errors import RequestError, nearest

Words: TypeAlias = Literal["default", "whitespace", "uax29"]
DEFAULT, WHITESPACE, UAX29 = range(3)


def splitter_number(words: str) -> int:
    """DEFAULT, WHITESPACE or UAX29. RequestError for another name."""
    names = get_args(Words)
    if words not in names:
        raise RequestError(f"words: no way to cut words is named '{words}'. {nearest(str(words), names)}")
    return names.index(words)
