"""Lines and paragraphs as they are compared, and the 128-bit keys of those (CCNet, Wenzek and others 2020, arXiv 1911.00359).

A line ends at a newline, a paragraph at two or more. Both are folded like near duplicates are (folding.py), and any run of
separators in them counts as one space; what then has no character left is a duplicate of nothing. The place of a line holds
the newlines behind it, that of the last one those before it, so that cutting one leaves no empty line.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from corpus_forge.dedup.folding import Folding, checked_foldings, folding_table
from corpus_forge.dedup.substrings import PLACES
from corpus_forge.text.columns import TextColumn

FOLDINGS: tuple[Folding, ...] = ("lower", "punctuation", "digits")
"""What CCNet folds; there marks vanish, here they separate words."""
NEWLINE = 10


def line_places(column: TextColumn, paragraphs: bool, normalize: Iterable[str] = FOLDINGS, min_length: int = 1) -> np.ndarray:
    """PLACES[m], by text and start: the lines, or paragraphs, of at least `min_length` bytes that hold anything to compare."""
    from corpus_forge.dedup.line_kernel import fold_lines

    data, offsets = column
    newlines = int(np.count_nonzero(data[offsets[0] : offsets[-1]] == NEWLINE))
    most = newlines + len(offsets) - 1
    where, keys = np.empty((3, most), np.uint32), np.empty((2, most), np.uint64)
    fold = folding_table(checked_foldings(normalize))
    count = fold_lines(data, offsets, fold, paragraphs, min_length, where, keys)
    places = np.empty(count, PLACES)
    places["row"], places["start"], places["stop"] = where[:, :count]
    places["hi"], places["lo"] = keys[:, :count]
    return places
