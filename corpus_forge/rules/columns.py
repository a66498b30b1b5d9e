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

from corpus_forge.document import Removal

Interval = tuple[float | None, float | None]
Wanted = tuple[str, ...] | Interval


def checked_columns(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rules themselves; ValueError in words for one that keeps nothing, or everything."""
    for name, keep in columns.items():
        check_keep(name, keep)
    return columns


def check_keep(name: str, keep: Any) -> None:
    """ValueError for a list or an interval that keeps nothing, or everything."""
    if not keep:
        raise ValueError(f"{name}: an empty list would keep nothing")
    if not isinstance(keep[0], str) and not isinstance(keep[-1], str):
        low, high = keep
        if low is None and high is None:
            raise ValueError(f"{name}: [null, null] would keep everything that has a value; give a bound")
        if low is not None and high is not None and not low <= high:
            raise ValueError(f"{name}: [{low:g}, {high:g}] would keep nothing; the lower bound comes first")


def judged(batch: pa.RecordBatch, columns: Mapping[str, Any], step: str) -> dict[int, Removal]:
    """Rows of which a column does not lie in what is to be kept, each by the first such column as rule `step.column`."""
    removed: dict[int, Removal] = {}
    for name, keep in columns.items():
        values = batch.column(name)
        for row in np.flatnonzero(~satisfied(values, keep)).tolist():
            removed.setdefault(row, _removal(f"{step}.{name}", values[row].as_py()))
    return dict(sorted(removed.items()))


def satisfied(values: pa.Array, keep: Any) -> np.ndarray:
    """bool[n]: which values lie in the interval, or in the list."""
    return pc.fill_null(_wanted(values, keep), False).to_numpy(zero_copy_only=False)


def _wanted(values: pa.Array, keep: Any) -> pa.Array:
    """bool[n]; null where there is no value.

    A bound is rounded as the column is, so that 0.65 is the same number for a rule and for a column of float32.
    """
    if isinstance(keep[0], str):
        return pc.is_in(values.cast(pa.string()), pa.array(keep, pa.string()))
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        return pa.nulls(len(values), pa.bool_())
    low, high = (-np.inf if keep[0] is None else keep[0]), (np.inf if keep[1] is None else keep[1])
    if pa.types.is_float32(values.type):
        low, high = float(np.float32(low)), float(np.float32(high))
    numbers = values.cast(pa.float64())
    return pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))


def _removal(rule: str, value: Any) -> Removal:
    if value is None:
        return Removal(rule, detail="no value")
    number = isinstance(value, int | float)
    return Removal(rule, float(value) if number else None, "" if number else str(value)[:200])
