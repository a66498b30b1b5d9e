"""Step `select`: keep documents by columns that they have already, such as a corpus' own quality signals.

An interval for a number, a list for text: `- select: {columns: {ccnet_perplexity: [null, 500], language: [en, de]}}`. A
document without a value cannot be judged and is removed, with those words as the reason. Nothing is measured: that is what
`filter` is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from corpus_forge.document import Outcome, Removal
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep

Interval = tuple[float | None, float | None]


class _Needs:
    """The columns that are looked at; of the class, where no columns are known, none."""

    def __get__(self, step: SelectStep | None, owner: type) -> tuple[str, ...]:
        return () if step is None else tuple(step.columns)


@steps.add("select")
class SelectStep(MapStep):
    """Keep the documents whose columns lie in intervals, or in lists of words."""

    name: ClassVar[str] = "select"
    shorthand: ClassVar[str | None] = None
    needs: ClassVar[Any] = _Needs()
    decides: ClassVar[bool] = True

    columns: dict[str, tuple[str, ...] | Interval] = Field(
        min_length=1, description="By column: [low, high] where null is no bound, or a list of words: {language: [en, de]}."
    )

    @field_validator("columns")
    @classmethod
    def _can_keep_something(cls, columns: dict[str, Any]) -> dict[str, Any]:
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

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The function over batches."""
        return self._select

    def _select(self, batch: pa.RecordBatch) -> Outcome:
        removed: dict[int, Removal] = {}
        for name, keep in self.columns.items():
            values = batch.column(name)
            wanted = pc.fill_null(_wanted(values, keep), False).to_numpy(zero_copy_only=False)
            for row in np.flatnonzero(~wanted).tolist():
                removed.setdefault(row, _removal(name, values[row].as_py()))
        return Outcome(batch, removed=dict(sorted(removed.items())))


def _wanted(values: pa.Array, keep: tuple[Any, ...]) -> pa.Array:
    """bool[n]; null where there is no value. A column of the other kind than the rule is kept by none."""
    if isinstance(keep[0], str):
        return pc.is_in(values.cast(pa.string()), pa.array(keep, pa.string()))
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        return pa.nulls(len(values), pa.bool_())
    numbers, (low, high) = values.cast(pa.float64()), keep
    above = pc.greater_equal(numbers, -np.inf if low is None else low)
    return pc.and_(above, pc.less_equal(numbers, np.inf if high is None else high))


def _removal(name: str, value: Any) -> Removal:
    if value is None:
        return Removal(f"select.{name}", detail="no value")
    number = isinstance(value, int | float)
    return Removal(f"select.{name}", float(value) if number else None, "" if number else str(value)[:200])
