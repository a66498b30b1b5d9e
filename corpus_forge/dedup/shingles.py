"""Sets of shingles, for the true Jaccard similarity of two texts: what a signature estimates.

Eight bytes a shingle, and most words of a text begin one: sets take more room than the text does. They are kept only where
pairs are to be verified by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from corpus_forge.dedup.folding import checked_foldings, folding_table
from corpus_forge.dedup.minhash import FOLDINGS, Unit
from corpus_forge.text.columns import Texts, text_column


class Shingles(NamedTuple):
    """values: uint64[m], ascending within a text. lengths: int64[n]. Looked up by index like the notes of a run."""

    values: np.ndarray
    lengths: np.ndarray

    def list_lengths(self, ids: np.ndarray) -> np.ndarray:
        """int64[k]."""
        return self.lengths[ids.astype(np.int64)]

    def lists(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(values, offsets) of uint64[k] ids, which are indices."""
        ends = np.cumsum(self.lengths)
        pieces = [self.values[ends[i] - self.lengths[i] : ends[i]] for i in ids.astype(np.int64).tolist()]
        offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces], dtype=np.int64)]).astype(np.int64)
        return np.concatenate([np.empty(0, np.uint64), *pieces]), offsets


def shingles_of(texts: Texts, ngram: int = 5, unit: Unit = "words", normalize: str | Iterable[str] = FOLDINGS) -> Shingles:
    """The distinct shingles of each text, as 64-bit hashes; parameters as those of `minhash_signatures`."""
    from corpus_forge.dedup.shingle_kernel import shingle_sets

    data, offsets = text_column(texts)
    lengths = np.empty(len(offsets) - 1, np.int64)
    rules = folding_table(checked_foldings(normalize)), unit == "characters"
    return Shingles(shingle_sets(data, offsets, rules, ngram, lengths), lengths)
