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
from pydantic import Field, field_validator

from corpus_forge.document import Outcome, Removal
from corpus_forge.registry import steps
from corpus_forge.rules.columns import Interval, checked_columns, satisfied
from corpus_forge.steps.base import MapStep


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
        return dict(checked_columns(columns))

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The function over batches."""
        return self._select

    def _select(self, batch: pa.RecordBatch) -> Outcome:
        removed: dict[int, Removal] = {}
        for name, keep in self.columns.items():
            values = batch.column(name)
            for row in np.flatnonzero(~satisfied(values, keep)).tolist():
                removed.setdefault(row, _removal(name, values[row].as_py()))
        return Outcome(batch, removed=dict(sorted(removed.items())))


def _removal(name: str, value: Any) -> Removal:
    if value is None:
        return Removal(f"select.{name}", detail="no value")
    number = isinstance(value, int | float)
    return Removal(f"select.{name}", float(value) if number else None, "" if number else str(value)[:200])
