"""Rules over columns that documents have already: an interval for a number, a list for words.

`{ccnet_perplexity: [null, 500], language: [en, de]}`. A document without a value satisfies no rule, and a column of the other
kind than the rule none either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Interval = tuple[float | None, float | None]
Wanted = tuple[str, ...] | Interval


def checked_columns(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rules themselves; ValueError in words for one that keeps nothing, or everything."""
    for name, keep in columns.items():
        if not keep:
            raise ValueError(f"{name}: an empty list would keep nothing")
        if not isinstance(keep[0], str) and not isinstance(keep[-1], str):
            low, high = keep
            if low is None and high is None:
                raise ValueError(f"{name}: [null, null] would keep everything that has a value; give a bound")
            if low is not None and high is not None and not low <= high:
                raise ValueError(f"{name}: [{low:g}, {high:g}] would keep nothing; the lower bound comes first")
    return columns


def satisfied(values: pa.Array, keep: Any) -> np.ndarray:
    """bool[n]: which values lie in the interval, or in the list."""
    return pc.fill_null(_wanted(values, keep), False).to_numpy(zero_copy_only=False)


def _wanted(values: pa.Array, keep: Any) -> pa.Array:
    """bool[n]; null where there is no value."""
    if isinstance(keep[0], str):
        return pc.is_in(values.cast(pa.string()), pa.array(keep, pa.string()))
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        return pa.nulls(len(values), pa.bool_())
    numbers, (low, high) = values.cast(pa.float64()), keep
    above = pc.greater_equal(numbers, -np.inf if low is None else low)
    return pc.and_(above, pc.less_equal(numbers, np.inf if high is None else high))
