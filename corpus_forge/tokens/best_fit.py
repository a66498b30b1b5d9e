"""Best-fit decreasing as a kernel: pieces into rows of one length, each into the fullest row that still has room.

Ding et al., Fewer Truncations Improve Language Modeling (arXiv:2404.10830), section 3: with sizes that are small integers the
fullest row is found in a tree over what rows have left, so packing n pieces into rows of T costs O(n log T). Imports numba:
import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.kernel import inner, kernel


@kernel
def best_fit(sizes, capacity):
    """(int64[n] row of each piece, number of rows). sizes: int64[n], descending, each from 1 to capacity.

    Among rows with equally little left, the one that was added to last is taken.
    """
    leaves = 1
    while leaves <= capacity:
        leaves *= 2
    holds = np.zeros(2 * leaves, np.bool_)  # holds[node]: some row has as much left as a leaf below the node says
    newest = np.full(capacity + 1, -1, np.int64)  # the row that was last added to among those with so much left
    before = np.full(len(sizes), -1, np.int64)
    row_of, rows = np.empty(len(sizes), np.int64), 0
    for piece in range(len(sizes)):
        size = sizes[piece]
        left = _least_room(holds, leaves, size)
        if left < 0:
            row, left = rows, capacity
            rows += 1
        else:
            row = newest[left]
            newest[left] = before[row]
            if newest[left] < 0:
                _clear(holds, leaves + left)
        row_of[piece] = row
        left -= size
        if left > 0:
            before[row], newest[left] = newest[left], row
            _set(holds, leaves + left)
    return row_of, rows


@inner
def _least_room(holds, leaves, size):
    """The smallest amount from `size` on that some row has left; -1 when none has."""
    node = leaves + size
    while not holds[node]:
        while node & 1:
            node >>= 1
        if node == 0:
            return -1
        node += 1
    while node < leaves:
        node *= 2
        if not holds[node]:
            node += 1
    return node - leaves


@inner
def _set(holds, node):
    while node > 0 and not holds[node]:
        holds[node] = True
        node >>= 1


@inner
def _clear(holds, node):
    holds[node] = False
    node >>= 1
    while node > 0 and not holds[2 * node] and not holds[2 * node + 1]:
        holds[node] = False
        node >>= 1
