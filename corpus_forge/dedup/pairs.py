"""From rows with equal bands to pairs of documents.

A group of m rows gives m - 1 pairs, each with the first of the group: a star, since components need no more. A band that
ten million documents share so costs ten million pairs, not their square.

Verified, a row is held against the *leaders* of its group: its first row, then each that agreed with no leader before it, at
most MAX_LEADERS. So a band that unrelated documents share by chance (a licence, a menu) joins only those that are alike. The
cost is that a row which agrees with none of the leaders of a crowded group stays unless another band brings its partner.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from corpus_forge.dedup.exact import later_copies

MAX_LEADERS = 32
PIECE = 1 << 16
"""Rows verified at a time: 29 MB of signatures of 112 entries."""
Look = Callable[[np.ndarray], np.ndarray]
"""uint64[k] ids → uint32[k, p] signatures."""


def star_pairs(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(later, first), uint64[k] each, from three uint64[n] sorted by (hi, lo, id): each later row of a group with its first."""
    return later_copies(hi, lo, ids)


def verified_pairs(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray, look: Look, share: float) -> tuple[np.ndarray, np.ndarray]:
    """(later, leader) for rows whose signature agrees with a leader's in at least this share of the entries."""
    from corpus_forge.dedup.verify_kernel import match_leaders

    begins = np.ones(len(ids), bool)
    begins[1:] = (hi[1:] != hi[:-1]) | (lo[1:] != lo[:-1])
    shared = ~(begins & np.append(begins[1:], True))
    begins, ids = begins[shared], ids[shared]
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
