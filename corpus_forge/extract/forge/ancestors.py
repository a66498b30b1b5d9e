"""Steps up from an element. Imports numba: inside functions only."""

from __future__ import annotations

from corpus_forge.extract.forge.kernel import inner
from corpus_forge.extract.forge.layout import Element

PARENT, DEPTH = int(Element.PARENT), int(Element.DEPTH)
MAX_CLIMB = 24
"""Steps to a common ancestor that are told apart."""


@inner
def parent_of(elements, e):
    """The parent, of the page the page itself."""
    return elements[e, PARENT] if e > 0 else 0


@inner
def climb(elements, e, other):
    """Levels from e up to an ancestor of both, MAX_CLIMB at most."""
    depth, steps = elements[e, DEPTH], 0
    while e != other and steps < 2 * MAX_CLIMB:
        if elements[e, DEPTH] >= elements[other, DEPTH]:
            e = elements[e, PARENT]
        else:
            other = elements[other, PARENT]
        steps += 1
    return min(MAX_CLIMB, depth - elements[e, DEPTH])
