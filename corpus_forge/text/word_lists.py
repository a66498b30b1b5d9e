"""Stop words and flagged words by language: filters/lists, each file with its origin, licence and date in the first line.

One table says of a word which lists it is on, so that all languages together cost one look-up a word. These are the only files
that corpus_forge.text reads; they are part of the package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus_forge.text.juicer_counts import FLAGGED_BITS, LANGUAGES

KINDS = {"stop_words": 0, "flagged_words": FLAGGED_BITS}
"""Folders of filters/lists, and the bit of the first language."""


class WordLists(NamedTuple):
    """keys: uint64[s], the open-addressing set of hashing.py; bits: uint64[s], the lists that each word of it is on."""

    keys: np.ndarray
    bits: np.ndarray


def words_of(kind: str, language: str) -> list[str]:
    """The words of one list, as its file has them; lines that begin with `#` are about it."""
    package = Path(__file__).resolve().parents[1]
    folders = [package.parent / "filters", package / "_data" / "filters"]
    path = next(path for folder in folders if (path := folder / "lists" / kind / f"{language}.txt").exists())
    return [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


@cache
def word_lists() -> WordLists:
    """All lists, read-only."""
    from corpus_forge.text.juicer_words import filled, hash_word

    bits: dict[int, int] = {}
    for kind, first in KINDS.items():
        for number, language in enumerate(LANGUAGES):
            for word in words_of(kind, language):
                value = hash_word(word)
                bits[value] = bits.get(value, 0) | 1 << (first + number)
    return WordLists(*filled(np.fromiter(bits, np.uint64, len(bits)), np.fromiter(bits.values(), np.uint64, len(bits))))
