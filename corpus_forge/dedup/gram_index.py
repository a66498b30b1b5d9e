"""All n-grams of a number of items, and which texts have them.

An item is one or more texts (question, answer); n-grams never cross from one to the next. The index holds each different n-gram
once, with its folded words and the items that have it: some 40 bytes and its words an n-gram.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.dedup.folding import Folding, folding_table
from corpus_forge.text.columns import TextColumn

FIRST_ROOM = 1024


class GramIndex(NamedTuple):
    """n-grams of words, ascending by hash. begins: int64[g + 1] into items, int64[...]: the items that have each n-gram.

    grams is (bits uint64[m], hashes uint64[g], starts int64[g], stops int64[g], blob uint8[...]) for the kernels.
    """

    n: int
    fold: np.ndarray
    grams: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    begins: np.ndarray
    items: np.ndarray


class Found(NamedTuple):
    """rows: int64[k, 5] of (text, item, different n-grams, first byte, byte after the longest run), by text and item.

    hits: int64[h, 3] of (text, first byte, byte after) for each n-gram of an item found, in order. Bytes count from the
    beginning of the text.
    """

    rows: np.ndarray
    hits: np.ndarray


def words_in(column: TextColumn, how: tuple[Folding, ...]) -> np.ndarray:
    """int64[texts]: words of each text."""
    from corpus_forge.dedup.gram_kernels import count_words

    words = np.zeros(len(column.offsets) - 1, np.int64)
    count_words(column.data, column.offsets, folding_table(how), words)
    return words


def build_index(column: TextColumn, item_of: np.ndarray, n: int, how: tuple[Folding, ...]) -> GramIndex:
    """The index of texts, each of which belongs to the item int64[texts] `item_of` says."""
    from corpus_forge.dedup.gram_kernels import list_grams, number_grams

    size = int(np.maximum(words_in(column, how) - n + 1, 0).sum())
    hashes, places = np.empty(size, np.uint64), np.empty((3, size), np.int64)
    starts, stops, texts = places
    room = 2 * int(column.offsets[-1] - column.offsets[0]) + 4 * len(column.offsets)
    blob = np.empty(room, np.uint8)
    used = list_grams(column.data, column.offsets, folding_table(how), n, blob, (hashes, starts, stops, texts))
    blob = blob[:used].copy()
    numbers, heads = np.empty(size, np.int64), np.empty(size, np.int64)
    count = number_grams(np.argsort(hashes, kind="stable"), hashes, starts, stops, blob, numbers, heads)
    heads = heads[:count]
    pairs = np.unique(np.stack([numbers, item_of[texts]]), axis=1)
    begins = np.searchsorted(pairs[0], np.arange(count + 1))
    keys = hashes[heads]
    grams = _bit_table(keys), keys, starts[heads], stops[heads], blob
    return GramIndex(n, folding_table(how), grams, begins.astype(np.int64), pairs[1].copy())


def grams_of_items(index: GramIndex, n_items: int) -> np.ndarray:
    """int64[items]: different n-grams of each item."""
    return np.bincount(index.items, minlength=n_items).astype(np.int64)


def find_items(index: GramIndex, column: TextColumn, needed: np.ndarray) -> Found:
    """The items of which a text has `needed` different n-grams, int64[items], or more."""
    hits = _hits(index, column)
    if not len(hits):
        return Found(np.empty((0, 5), np.int64), np.empty((0, 3), np.int64))
    from corpus_forge.dedup.tally_kernel import tally_items

    kept, room = np.zeros(len(hits), bool), FIRST_ROOM
    while True:
        rows = np.empty((room, 5), np.int64)
        count = tally_items(hits, index.begins, index.items, needed, rows, kept)
        if count <= room:
            break
        room = count
    rows = rows[:count]
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    rows[:, 3:] -= column.offsets[rows[:, 0]][:, None]
    hits = hits[kept][:, [0, 2, 3]]
    hits[:, 1:] -= column.offsets[hits[:, 0]][:, None]
    return Found(rows, hits)


def _hits(index: GramIndex, column: TextColumn) -> np.ndarray:
    from corpus_forge.dedup.gram_kernels import find_grams

    room = FIRST_ROOM
    while True:
        hits = np.empty((room, 4), np.int64)
        count = find_grams(column.data, column.offsets, index.fold, index.n, index.grams, hits)
        if count <= room:
            return hits[:count]
        room = count


def _bit_table(keys: np.ndarray) -> np.ndarray:
    """uint64[m]: one bit for each hash, in a table of 16 bits a hash or more, a power of two."""
    from corpus_forge.dedup.gram_kernels import BITS_A_GRAM

    words = 1
    while words * 64 < BITS_A_GRAM * len(keys):
        words *= 2
    bits, places = np.zeros(words, np.uint64), keys & np.uint64(words * 64 - 1)
    np.bitwise_or.at(bits, (places >> np.uint64(6)).astype(np.int64), np.uint64(1) << (places & np.uint64(63)))
    return bits
