"""From rows with equal bands to pairs of documents.

A group of m rows gives m - 1 pairs, each with the first of the group: a star, since components need no more. A band that
ten million documents share so costs ten million pairs, not their square.

Verified, a row is held against the *leaders* of its group: its first row, then each that agreed with no leader before it, at
most MAX_LEADERS. So a band that unrelated documents share by chance (a licence, a menu) joins only those that are alike. The
cost is that a row which agrees with none of the leaders of a crowded group stays unless another band brings its partner.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np

from corpus_forge.dedup.exact import later_copies

MAX_LEADERS = 32
PIECE = 1 << 16
"""Rows verified at a time: 29 MB of signatures of 112 entries."""
SHINGLES = 1 << 23
"""Of a piece whose sets are compared: 64 MB."""
Look = Callable[[np.ndarray], np.ndarray]
"""uint64[k] ids → uint32[k, p] signatures."""


VerifyBy = Literal["signature", "jaccard"]
"""What candidates are held against each other by: an estimate of their similarity, or all their shingles."""


class Sets(Protocol):
    """Sets of shingles, ascending, by id."""

    def list_lengths(self, ids: np.ndarray) -> np.ndarray:
        """int64[k] sizes of the sets of uint64[k] ids."""

    def lists(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(values, offsets): uint64[m] and int64[k + 1]."""


def star_pairs(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(later, first), uint64[k] each, from three uint64[n] sorted by (hi, lo, id): each later row of a group with its first."""
    return later_copies(hi, lo, ids)


def verified_pairs(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray, look: Look, share: float) -> tuple[np.ndarray, np.ndarray]:
    """(later, leader) for rows whose signature agrees with a leader's in at least this share of the entries."""
    from corpus_forge.dedup.verify_kernel import match_leaders

    begins, ids = _shared(hi, lo, ids)
    partners, count = np.empty(len(ids), np.uint64), 0
    leaders: tuple[np.ndarray, np.ndarray] | None = None
    for first in range(0, len(ids), PIECE):
        piece = slice(first, first + PIECE)
        signatures = look(ids[piece])
        if leaders is None:
            leaders = np.empty((MAX_LEADERS, signatures.shape[1]), signatures.dtype), np.empty(MAX_LEADERS, np.uint64)
        needed = math.ceil(share * signatures.shape[1] - 1e-9)
        count = match_leaders(begins[piece], ids[piece], signatures, needed, leaders, count, partners[piece])
    joined = partners != ids
    return ids[joined], partners[joined]


def similar_pairs(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray, sets: Sets, share: float) -> tuple[np.ndarray, np.ndarray]:
    """(later, leader) for rows whose set of shingles has at least this Jaccard similarity with a leader's."""
    from corpus_forge.dedup.shingle_kernel import match_sets

    begins, ids = _shared(hi, lo, ids)
    partners, leaders, carried = ids.copy(), np.zeros(MAX_LEADERS, np.int64), np.empty(0, np.uint64)
    for first, stop in _pieces(sets, ids):
        rows, count = np.concatenate([carried, ids[first:stop]]), len(carried)
        leaders[:count] = np.arange(count)
        found, new = rows.copy(), np.concatenate([np.zeros(count, bool), begins[first:stop]])
        count = match_sets(new, rows, sets.lists(rows), share, leaders, count, found)
        partners[first:stop] = found[len(carried) :]
        carried = rows[leaders[:count]]
    joined = partners != ids
    return ids[joined], partners[joined]


def _shared(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that share their key with another: where a group of them begins, and their ids."""
    begins = np.ones(len(ids), bool)
    begins[1:] = (hi[1:] != hi[:-1]) | (lo[1:] != lo[:-1])
    shared = ~(begins & np.append(begins[1:], True))
    return begins[shared], ids[shared]


def _pieces(sets: Sets, ids: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first, stop) of rows whose sets have some SHINGLES in all, or one of more."""
    for start in range(0, len(ids), PIECE):
        block = slice(start, start + PIECE)
        number = np.cumsum(sets.list_lengths(ids[block])) // SHINGLES
        cuts = [start, *(start + np.flatnonzero(np.diff(number)) + 1).tolist(), min(start + PIECE, len(ids))]
        yield from pairwise(cuts)
