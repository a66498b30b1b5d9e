"""Union-find over an array, rooted at the smallest index, with path halving (Tarjan and van Leeuwen 1984).

Rooting at the smallest instead of the largest set costs a little depth, and makes the result that of the set of pairs alone,
not of their order. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.kernel import kernel


@kernel
def join(parents, left, right):
    """parents: uint32[n] or int64[n] with parents[i] <= i, changed in place. left, right: int64[k]."""
    for k in range(len(left)):
        x, y = left[k], right[k]
        while parents[x] != x:
            parents[x] = parents[parents[x]]
            x = parents[x]
        while parents[y] != y:
            parents[y] = parents[parents[y]]
            y = parents[y]
        if x < y:
            parents[y] = x
        elif y < x:
            parents[x] = y


@kernel
def settle(parents):
    """Point every node at its root: parents come before their children, so one pass does."""
    for i in range(len(parents)):
        parents[i] = parents[parents[i]]
