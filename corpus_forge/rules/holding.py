"""Does a value lie in the interval that a rule keeps?"""

from __future__ import annotations

import numpy as np

from corpus_forge.rules.rule import Interval


def holds(values: np.ndarray, keep: Interval) -> np.ndarray:
    """bool[n]: does each value lie in the closed interval? NaN lies in none."""
    low, high = keep
    inside = ~np.isnan(values)
    if low is not None:
        inside &= values >= low
    if high is not None:
        inside &= values <= high
    return inside
