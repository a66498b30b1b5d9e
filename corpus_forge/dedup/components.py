"""Connected components: documents that any chain of pairs connects are one group, known by its smallest id.

Pairs come in any order and number. What is kept of them is a forest: the ids seen so far, ascending, and of each the place of
another of its group that comes no later, 12 bytes in all. New pairs are collected until there are a quarter as many as ids,
then joined with it by union-find over an array; so memory follows the ids that have a duplicate, not the pairs.
"""

from __future__ import annotations

import numpy as np

LEAST_PENDING = 1 << 20
PART = 4
"""New pairs are joined when they are this part of the ids: fewer joins against less memory while one is made."""


class Forest:
    """Groups of ids, joined pair by pair."""

    def __init__(self) -> None:
        self._ids = np.empty(0, np.uint64)
        self._parents: np.ndarray = np.empty(0, np.uint32)
        self._pending: list[tuple[np.ndarray, np.ndarray]] = []
        self._waiting = 0

    def add(self, left: np.ndarray, right: np.ndarray) -> None:
        """uint64[k] and uint64[k]: left[i] and right[i] belong together. One paired with itself alone is in no group."""
        apart = left != right
        self._pending.append((left[apart], right[apart]))
        self._waiting += int(apart.sum())
        if self._waiting > max(LEAST_PENDING, len(self._ids) // PART):
            self._join()

    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """uint64[m] ids of groups of two and more, ascending, and uint64[m] the smallest id of the group of each."""
        from corpus_forge.dedup.union_find import settle

        self._join()
        settle(self._parents)
        return self._ids, self._ids[self._parents]

    def sizes(self) -> np.ndarray:
        """int64[m]: how many are in the group of each id that `groups` gave."""
        return np.bincount(self._parents, minlength=len(self._parents))[self._parents]

    def _join(self) -> None:
        """Make room for the ids of the pairs that wait, and join those."""
        from corpus_forge.dedup.union_find import join

        if not self._waiting:
            return
        # One sort of all ends is several times faster than looking each of them up in the sorted ids.
        ends = np.concatenate([pair[side] for side in (0, 1) for pair in self._pending])
        self._pending, self._waiting = [], 0
        new, inverse = np.unique(ends, return_inverse=True)
        ids = _ascending(np.concatenate([self._ids, new]))
        place = np.searchsorted(ids, self._ids)
        parents = np.arange(len(ids), dtype=np.uint32 if len(ids) < 1 << 32 else np.int64)
        parents[place] = place[self._parents]
        ends = np.searchsorted(ids, new)[inverse]
        join(parents, ends[: len(ends) // 2], ends[len(ends) // 2 :])
        self._ids, self._parents = ids, parents


def _ascending(ids: np.ndarray) -> np.ndarray:
    """Each once. np.unique looks them up in a hash table, at several times the time of this sort."""
    ids = np.sort(ids)
    new = np.ones(len(ids), bool)
    new[1:] = ids[1:] != ids[:-1]
    return ids[new]


def components(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(ids, roots), each uint64[m]: every id of the pairs once, ascending, and the smallest id that it is connected with.

    uint64[k] and uint64[k] in. An id that is paired with itself alone is not among them.
    """
    forest = Forest()
    forest.add(left, right)
    return forest.groups()
