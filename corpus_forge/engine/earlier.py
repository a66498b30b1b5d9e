"""Groups that hold documents of earlier runs: whoever of this run is in one leaves, for the one that stays there.

A document of an earlier run always stays, whatever `keep` says: it has been published. Where it did not stay in its own run,
the one that stayed for it is named; of several, the first in the order of the runs and their ids. So a group names the same
document as a run over all inputs at once would, as long as the first of each group stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from corpus_forge.engine.shelf import Shelf
from corpus_forge.io.key_index import KeyIndex
from corpus_forge.steps.base import MEMBER_DTYPE, REMOVAL_DTYPE, CorpusStep, Look

STAYS_DTYPE = np.dtype([("run", "<u4"), ("id", "<u8")])
"""A document of the run-th earlier run that is named, counted from 1."""


def earlier_names(earlier: Sequence[KeyIndex]) -> list[str]:
    """All runs whose documents may stay: those that are named, then those that they themselves were made against."""
    return list(dict.fromkeys([*(index.name for index in earlier), *(name for index in earlier for name in index.names)]))


def group_members(step: CorpusStep, found: tuple[np.ndarray, np.ndarray, np.ndarray], shelf: Shelf, look: Look) -> np.ndarray:
    """MEMBER_DTYPE[m] by id: this run's documents of all groups. found: ids, groups and group sizes, of the shelf."""
    ids, groups, sizes = found
    members = np.zeros(len(ids), MEMBER_DTYPE)
    np.subtract(ids, shelf.first, out=members["id"])
    members["size"] = sizes
    if not shelf.earlier:
        members["kept"] = step.elect(ids, groups, look)
        return members
    own, held = ids >= shelf.first, groups < shelf.first
    free, taken = own & ~held, own & held
    members["kept"][free] = step.elect(ids[free], groups[free], look) - shelf.first
    first, stays = _first_of_groups(groups[~own], _staying(ids[~own], shelf))
    there = stays[np.searchsorted(first, groups[taken])]
    members["kept"][taken], members["run"][taken] = there["id"], there["run"]
    return members[own]


def _first_of_groups(groups: np.ndarray, stays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(groups, stays): each group once, ascending, and the first by run and id that stays there."""
    order = np.lexsort((stays["id"], stays["run"], groups))
    found, first = np.unique(groups[order], return_index=True)
    return found, stays[order][first]


def _staying(ids: np.ndarray, shelf: Shelf) -> np.ndarray:
    """STAYS_DTYPE[n]: for documents of earlier runs, ascending, who stayed for them; themselves where they did."""
    names = earlier_names(shelf.earlier)
    found = np.empty(len(ids), STAYS_DTYPE)
    bounds = np.searchsorted(ids, np.array(shelf.starts, np.uint64) << np.uint64(32))
    for number, index in enumerate(shelf.earlier):
        part = slice(bounds[number], bounds[number + 1])
        local = ids[part] - np.uint64(shelf.starts[number] << 32)
        found["run"][part], found["id"][part] = names.index(index.name) + 1, local
        for places, runs, kept in _kept_of(index, local):
            known = np.array([names.index(name) + 1 for name in (index.name, *index.names)], np.uint32)
            found["run"][part][places], found["id"][part][places] = known[runs], kept
    return found


def _kept_of(index: KeyIndex, ids: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(places, runs, kept) of those of the ascending ids that a file of the index lists."""
    dtype = MEMBER_DTYPE if index.joined else REMOVAL_DTYPE
    for path in index.kept():
        if not path.stat().st_size:
            continue
        listed = np.memmap(path, dtype, "r")
        at = np.minimum(np.searchsorted(listed["id"], ids), len(listed) - 1)
        places = np.flatnonzero(listed["id"][at] == ids)
        rows = listed[at[places]]
        yield places, rows["run"] if index.joined else np.zeros(len(places), np.uint32), rows["kept"]


def detail(stays: int, run: int, names: Sequence[str]) -> str:
    """How a report names the document that stays: its id, and of an earlier run `NAME:ID`."""
    return f"{names[run - 1]}:{stays}" if run else str(stays)
