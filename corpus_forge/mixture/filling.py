"""A budget poured over several parts by weight, none of which takes more than it can hold.

What a full part leaves goes to the others, again by weight. With equal weights and `epochs * size` as limits this is UniMax
(Chung et al., arXiv:2304.09151, Algorithm 1), which pours the smallest part first: both find the one level at which the
budget is used up. Floating point decides nothing but the last token.
"""

from __future__ import annotations

from collections.abc import Sequence


def fill(budget: float, weights: Sequence[float], limits: Sequence[float]) -> list[float]:
    """How much each part gets: weights[i] * level, at most limits[i]; together `budget`, or all limits where they are less.

    Weights and limits are at least 0; a part without weight gets nothing.
    """
    given = [0.0] * len(weights)
    open_parts = sorted((i for i, weight in enumerate(weights) if weight > 0), key=lambda i: limits[i] / weights[i])
    left = float(budget)
    for place, i in enumerate(open_parts):
        given[i] = min(limits[i], left * weights[i] / sum(weights[other] for other in open_parts[place:]))
        left = max(0.0, left - given[i])
    return given


def tempered(sizes: Sequence[int], temperature: float) -> list[float]:
    """Weights size ** (1 / temperature): 1 is by size, larger ones are flatter (mT5's 0.3 is a temperature of 3.33)."""
    largest = max(sizes, default=0)
    return [(size / largest) ** (1 / temperature) if size else 0.0 for size in sizes]
