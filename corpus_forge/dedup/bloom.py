"""A Bloom filter over n-grams of words, as BFF uses it (Groeneveld, allenai/bff; mlfoundations/dclm, dedup/bff).

A unit is a paragraph (a line, as there) or a whole document. It leaves when more than `threshold` of its n-grams are in the
filter; else they all go in. BFF draws its hashes anew in each run and lets threads race for the filter; here hashes are fixed
and units come in input order, so that the output is the same every time. Words are ours (folding.py) where BFF takes Unicode
word bounds, marks included. A filter may say "seen" of what it never saw, never the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corpus_forge.dedup.folding import Folding, folding_table
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import TextColumn

VERSION = 2
"""Raise it when other units leave for the same texts and parameters."""
UNIT_DTYPE = np.dtype([("row", "<u4"), ("start", "<u4"), ("stop", "<u4"), ("count", "<u4")])
"""A unit with n-grams: bytes [start, stop) of the text in this row, and how many n-grams it has."""
MAX_HASHES = 32
WORD_BITS = 64
UNITS_AT_ONCE = 1 << 18


class FilterSize(NamedTuple):
    """bits: a multiple of 64. hashes: bits set for each n-gram."""

    bits: int
    hashes: int

    @property
    def bytes(self) -> int:
        """Memory."""
        return self.bits // 8

    def rate(self, entries: int) -> float:
        """Share of n-grams never seen that a filter with so many entries takes for seen (Bloom 1970)."""
        return (-math.expm1(-self.hashes * entries / self.bits)) ** self.hashes


def filter_for(entries: int, rate: float) -> FilterSize:
    """The smallest filter that so many entries fill no further than to this false-positive rate."""
    sizes = [(-k * entries / math.log1p(-(rate ** (1 / k))), k) for k in range(1, MAX_HASHES + 1)]
    bits, hashes = min(sizes)
    return FilterSize(_whole_words(bits), hashes)


def filter_of(size: int, entries: int) -> FilterSize:
    """A filter of so many bytes, with the number of hashes that is best for so many entries, as BFF rounds it."""
    bits = _whole_words(size * 8)
    return FilterSize(bits, min(max(math.ceil(bits / max(entries, 1) * math.log(2)), 1), MAX_HASHES))


def _whole_words(bits: float) -> int:
    return max(math.ceil(bits / WORD_BITS), 1) * WORD_BITS


def list_units(
    column: TextColumn, ngram: int, min_ngram: int, how: tuple[Folding, ...], whole: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(UNIT_DTYPE[u], uint64[h]): the units of each text in order, and the hashes of their n-grams, unit after unit.

    whole: the text is one unit; else each line with the newline behind it, or, of the last line, the one before. A unit of
    fewer words than `ngram` has one n-gram, all of it; one of fewer than `min_ngram` has none and is not listed.
    """
    if not 1 <= min_ngram <= ngram:
        raise RequestError(f"min_ngram: {min_ngram} is not between 1 and ngram, {ngram}.")
    return list_grams(column, ngram, min_ngram, folding_table(how), whole)


def list_grams(column: TextColumn, ngram: int, min_ngram: int, fold: np.ndarray, whole: bool) -> tuple[np.ndarray, np.ndarray]:
    """The same with a table of what each character counts as (folding.py)."""
    from corpus_forge.dedup.bloom_kernel import list_unit_grams
    from corpus_forge.dedup.gram_kernels import count_words

    data, offsets = column
    texts = len(offsets) - 1
    words = np.zeros(texts, np.int64)
    count_words(data, offsets, fold, words)
    newlines = 0 if whole else int(np.count_nonzero(data[offsets[0] : offsets[-1]] == ord("\n")))
    units, hashes = np.empty((newlines + texts, 4), np.uint32), np.empty(int(words.sum()), np.uint64)
    listed, grams = list_unit_grams(data, offsets, fold, (ngram, min_ngram, whole), units, hashes)
    return units[:listed].view(UNIT_DTYPE).reshape(-1), hashes[:grams]


class Walk:
    """A filter on its way through units in input order."""

    def __init__(self, size: FilterSize, threshold: float, documents_too: bool) -> None:
        self.size, self.threshold, self.documents_too = size, threshold, documents_too
        self.words = np.zeros(size.bits // WORD_BITS, np.uint64)
        self.counts = np.zeros(4, np.int64)
        self.doubt = np.zeros(1, np.float64)

    def feed(self, units: np.ndarray, hashes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For pieces of the units of whole texts: (units that leave, rows whose whole text leaves)."""
        from corpus_forge.dedup.bloom_kernel import walk_units

        first, at = 0, 0
        while first < len(units):
            last = _end_of_text(units, first)
            piece = np.ascontiguousarray(units[first:last]).view(np.uint32).reshape(-1, 4)
            size = int(piece[:, 3].sum(dtype=np.int64))
            leaves, whole = np.zeros(len(piece), bool), np.zeros(len(piece), bool)
            how = self.size.bits, self.size.hashes, self.threshold, self.documents_too
            walk_units(piece, np.asarray(hashes[at : at + size]), self.words, how, (leaves, whole), (self.counts, self.doubt))
            rows = piece[:, 0]
            yield units[first:last][leaves], rows[whole]
            first, at = last, at + size

    def facts(self) -> dict[str, float | int]:
        """For reports. ngrams: looked up; contained: found; entries: put in; bits_set.

        false_positive_rate: of the filter as it is at the end. false_positives: expected number among all look-ups, each at the
        fill of its time.
        """
        ngrams, contained, entries, bits_set = self.counts.tolist()
        return {
            "bytes": self.size.bytes,
            "hashes": self.size.hashes,
            "ngrams": ngrams,
            "contained": contained,
            "entries": entries,
            "bits_set": bits_set,
            "false_positive_rate": (bits_set / self.size.bits) ** self.size.hashes,
            "false_positives": round(float(self.doubt[0]), 3),
        }


def _end_of_text(units: np.ndarray, first: int) -> int:
    """About UNITS_AT_ONCE units on, where a text ends."""
    last = min(first + UNITS_AT_ONCE, len(units))
    while last < len(units) and units["row"][last] == units["row"][last - 1]:
        last += 1
    return last
