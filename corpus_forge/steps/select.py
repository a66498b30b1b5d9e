"""Step `select`: keep documents by columns that they have already, such as a corpus' own quality signals.

An interval for a number, a list for text: `- select: {columns: {ccnet_perplexity: [null, 500], language: [en, de]}}`. A
document without a value cannot be judged and is removed, with those words as the reason. Nothing is measured: that is what
`filter` is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from corpus_forge.document import Outcome, Removal
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.own_columns import OwnColumns

Interval = tuple[float | None, float | None]


@steps.add("select")
class SelectStep(MapStep):
    """Keep the documents whose columns lie in intervals, or in lists of words."""

    name: ClassVar[str] = "select"
    version: ClassVar[int] = 2
    shorthand: ClassVar[str | None] = None
    needs: ClassVar[Any] = OwnColumns(lambda step: step.columns)
    decides: ClassVar[bool] = True

    columns: dict[str, tuple[str, ...] | Interval] = Field(
        min_length=1, description="By column: [low, high] where null is no bound, or a list of words: {language: [en, de]}."
    )

    @field_validator("columns")
    @classmethod
    def _can_keep_something(cls, columns: dict[str, Any]) -> dict[str, Any]:
        for name, keep in columns.items():
            check_keep(name, keep)
        return columns

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The function over batches."""
        return lambda batch: Outcome(batch, removed=judged(batch, self.columns, self.name))


def check_keep(name: str, keep: tuple[Any, ...]) -> None:
    """ValueError for a list or an interval that keeps nothing, or all."""
    if not keep:
        raise ValueError(f"{name}: an empty list would keep nothing")
    if not isinstance(keep[0], str) and not isinstance(keep[-1], str):
        low, high = keep
        if low is None and high is None:
            raise ValueError(f"{name}: [null, null] would keep everything that has a value; give a bound")
        if low is not None and high is not None and not low <= high:
            raise ValueError(f"{name}: [{low:g}, {high:g}] would keep nothing; the lower bound comes first")


def judged(batch: pa.RecordBatch, columns: Mapping[str, tuple[Any, ...]], step: str) -> dict[int, Removal]:
    """Rows of which a column does not lie in what is to be kept, each by the first such column as rule `step.column`."""
    removed: dict[int, Removal] = {}
    for name, keep in columns.items():
        values = batch.column(name)
        wanted = pc.fill_null(_wanted(values, keep), False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(~wanted).tolist():
            removed.setdefault(row, _removal(f"{step}.{name}", values[row].as_py()))
    return dict(sorted(removed.items()))


def _wanted(values: pa.Array, keep: tuple[Any, ...]) -> pa.Array:
    """bool[n]; null where there is no value. A column of the other kind than the rule is kept by none.

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
