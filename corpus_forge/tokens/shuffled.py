"""Rows of several parts in one shuffled order, each part as often as it is wanted: which row stands where, computed.

Places are shuffled over all rows of the mixture at once, so a prefix of it is a random sample of the whole, and every part has
exactly the rows wanted of it. A part read more than once is shuffled anew each time; of a part read in fractions, the last time
through is a sample of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from corpus_forge.tokens.order import Shuffle, stream_key

MIXED = "mixed"
"""`packing` of shards whose rows are those of several parts, in the order of a mixture."""
MIXTURE = "mixture"
"""`source` of such shards."""


class Places(NamedTuple):
    """int64[n] each: number of the part in the order of the names, row of the part, and how often it was read before."""

    part: np.ndarray
    row: np.ndarray
    epoch: np.ndarray


def shuffled_rows(held: Mapping[str, int], wanted: Mapping[str, int], seed: int, first: int, stop: int) -> Places:
    """What stands at places `first` to `stop` of a mixture of `wanted` rows of each part, of which there are `held` (≥ 1)."""
    names = list(wanted)
    ends = np.cumsum([wanted[name] for name in names])
    inside = Shuffle(int(ends[-1]), seed, stream_key(MIXTURE))(np.arange(first, stop))
    part = np.searchsorted(ends, inside, "right")
    inside -= np.concatenate([[0], ends[:-1]])[part]
    epoch, within = np.divmod(inside, np.array([held[name] for name in names])[part])
    row = np.empty_like(within)
    for number, name in enumerate(names):
        for turn in np.unique(epoch[part == number]):
            own = np.flatnonzero((part == number) & (epoch == turn))
            row[own] = Shuffle(held[name], seed, stream_key("mixture rows", name, int(turn)))(within[own])
    return Places(part, row, epoch)
