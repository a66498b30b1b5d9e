"""Connected components: documents that any chain of pairs connects are one group, known by its smallest id.

Pairs come in any order and number. What is kept of them is a forest: for each id seen so far the smallest id of its group, 16
bytes. New pairs are collected until there are as many as the forest has ids, then joined with it by union-find over an
array; so memory follows the ids that have a duplicate, not the pairs, and the time of all joins is that of a few of the last.
"""

from __future__ import annotations

import numpy as np

LEAST_PENDING = 1 << 20


class Forest:
    """Groups of ids, joined pair by pair."""

    def __init__(self) -> None:
        self._ids = self._roots = np.empty(0, np.uint64)
        self._pending: list[tuple[np.ndarray, np.ndarray]] = []
        self._waiting = 0

    def add(self, left: np.ndarray, right: np.ndarray) -> None:
        """uint64[k] and uint64[k]: left[i] and right[i] belong together."""
        self._pending.append((left, right))
        self._waiting += len(left)
        if self._waiting > max(LEAST_PENDING, len(self._ids)):
            self._join()

    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """uint64[m] ids of groups of two and more, ascending, and uint64[m] the smallest id of the group of each."""
        self._join()
        return self._ids, self._roots

    def _join(self) -> None:
        if not self._waiting:
            return
        left = np.concatenate([self._ids, *(pair[0] for pair in self._pending)])
        right = np.concatenate([self._roots, *(pair[1] for pair in self._pending)])
        self._pending, self._waiting = [], 0
        self._ids, self._roots = components(left, right)


def components(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(ids, roots), each uint64[m]: every id of the pairs once, ascending, and the smallest id that it is connected with.

    uint64[k] and uint64[k] in. An id that is paired with itself alone is not among them.
    """
    from corpus_forge.dedup.union_find import join, settle

    apart = left != right
    ends = np.concatenate([left[apart], right[apart]])
    # One sort of all ends is several times faster than looking each of them up in the sorted ids.
    ids, place = np.unique(ends, return_inverse=True)
    parents = np.arange(len(ids), dtype=np.uint32 if len(ids) < 1 << 32 else np.int64)
    join(parents, place[: len(place) // 2], place[len(place) // 2 :])
    settle(parents)
    return ids, ids[parents]
