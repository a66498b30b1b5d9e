"""Contamination: evaluation items whose words are in training texts (Brown et al. 2020, appendix C).

GPT-3's n-gram is 13 lower-case words without punctuation, and one in common is contamination. Here a word ends at punctuation
instead of losing it (`don't` is two words on both sides), so that `18-year` meets `18 year`. An item with fewer words than n
has no n-gram and cannot be found: it is counted, never taken for clean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.folding import Folding, checked_foldings
from corpus_forge.dedup.gram_index import Found, GramIndex, build_index, find_items, grams_of_items
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import TextColumn, Texts, large_text_array, text_column

VERSION = 1
"""Raise it when another item is found for the same texts and parameters: it is part of the fingerprint."""
NGRAM, MAX_NGRAM = 13, 1000
FOLDINGS: tuple[Folding, ...] = ("lower", "punctuation")


class ItemSet(NamedTuple):
    """One evaluation set. texts: string array; item_of: int64[texts], which of the `items` items each belongs to."""

    texts: pa.Array
    item_of: np.ndarray
    items: int
    ngram: int = NGRAM
    min_overlap: float = 0.0


class Contaminants:
    """Indexes of evaluation sets, one for each n. Items are numbered through all sets: those of set s begin at firsts[s]."""

    def __init__(self, sets: Iterable[ItemSet], how: tuple[Folding, ...] = FOLDINGS) -> None:
        self.sets = list(sets)
        self.firsts = np.cumsum([0, *(each.items for each in self.sets)])
        self.indexes = [self._index(n, how) for n in sorted({each.ngram for each in self.sets})]
        total = int(self.firsts[-1])
        self.grams = sum((grams_of_items(index, total) for index in self.indexes), np.zeros(total, np.int64))
        overlaps = np.repeat([each.min_overlap for each in self.sets], [each.items for each in self.sets])
        self.needed = np.maximum(np.ceil(overlaps * self.grams - 1e-9).astype(np.int64), 1)

    def _index(self, n: int, how: tuple[Folding, ...]) -> GramIndex:
        chosen = [(each, first) for each, first in zip(self.sets, self.firsts, strict=False) if each.ngram == n]
        texts = pa.chunked_array([each.texts.cast(pa.large_string()) for each, _ in chosen])
        items = np.concatenate([each.item_of + first for each, first in chosen])
        return build_index(text_column(texts), items.astype(np.int64), n, how)

    def matchable(self) -> list[int]:
        """For each set, how many items have an n-gram."""
        return [int((self.grams[a:b] > 0).sum()) for a, b in zip(self.firsts, self.firsts[1:], strict=False)]

    def set_of(self, items: np.ndarray) -> np.ndarray:
        """int64[k]: the set that each item belongs to."""
        return np.searchsorted(self.firsts, items, side="right") - 1

    def find(self, column: TextColumn) -> Found:
        """The items in each text, and where their n-grams are; both by text, then by item or place."""
        found = [find_items(index, column, self.needed) for index in self.indexes]
        rows, hits = np.concatenate([one.rows for one in found]), np.concatenate([one.hits for one in found])
        return Found(rows[np.lexsort((rows[:, 1], rows[:, 0]))], hits[np.lexsort((hits[:, 2], hits[:, 1], hits[:, 0]))])


def contamination(
    texts: Texts,
    sets: Mapping[str, Texts],
    ngram: int = NGRAM,
    *,
    normalize: str | Iterable[str] = FOLDINGS,
    min_overlap: float = 0.0,
) -> pa.Table:
    """One row for each evaluation item that a text contains: text, set, item, ngrams, overlap, start, stop.

    `sets` names the evaluation sets; each is a list of items. text and item are indexes; ngrams how many different n-grams of
    the item are in the text, overlap their share of all that it has; text[start:stop], in characters, is the longest run.
    An item counts with one n-gram, or with `min_overlap` of its n-grams. Items with fewer than `ngram` words are never found.
    RequestError for a parameter that cannot be.
    """
    if not 1 <= ngram <= MAX_NGRAM:
        raise RequestError(f"ngram: {ngram} is not between 1 and {MAX_NGRAM}.")
    if not 0 <= min_overlap <= 1:
        raise RequestError(f"min_overlap: {min_overlap} is not between 0 and 1.")
    if not sets:
        raise RequestError("sets: no evaluation set is given. Pass {name: list of items}.")
    arrays = [large_text_array(items) for items in sets.values()]
    known = Contaminants(
        [ItemSet(array, np.arange(len(array)), len(array), ngram, min_overlap) for array in arrays], checked_foldings(normalize)
    )
    column = text_column(texts)
    rows = known.find(column).rows
    names, number = list(sets), known.set_of(rows[:, 1])
    places = characters(column, rows[:, 0], rows[:, 3:])
    return pa.table(
        {
            "text": rows[:, 0],
            "set": pa.array([names[k] for k in number], pa.string()),
            "item": rows[:, 1] - known.firsts[number],
            "ngrams": rows[:, 2],
            "overlap": rows[:, 2] / np.maximum(known.grams[rows[:, 1]], 1),
            "start": places[:, 0],
            "stop": places[:, 1],
        }
    )


def characters(column: TextColumn, texts: np.ndarray, places: np.ndarray) -> np.ndarray:
    """int64[k, m] places in texts int64[k], in bytes from the beginning of each, as places in characters."""
    out, last, before = np.empty_like(places), -1, np.empty(0, np.int64)
    for row, text in enumerate(texts.tolist()):
        if text != last:
            content = column.data[column.offsets[text] : column.offsets[text + 1]]
            before = np.concatenate([[0], np.cumsum((content & 0xC0) != 0x80)])
            last = text
        out[row] = before[places[row]]
    return out
