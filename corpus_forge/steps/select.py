"""Step `select`: keep documents by columns that they have already, such as a corpus' own quality signals.

An interval for a number, a list for text: `- select: {columns: {ccnet_perplexity: [null, 500], language: [en, de]}}`. A
document without a value cannot be judged and is removed, with those words as the reason. Nothing is measured: that is what
`filter` is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field, field_validator

from corpus_forge.document import Outcome
from corpus_forge.registry import steps
from corpus_forge.rules.columns import Interval, checked_columns, judged
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.own_columns import OwnColumns


@steps.add("select")
class SelectStep(MapStep):
    """Keep the documents whose columns lie in intervals, or in lists of words."""

    name: ClassVar[str] = "select"
    version: ClassVar[int] = 2
    shorthand: ClassVar[str | None] = None
    needs: ClassVar[Any] = OwnColumns(lambda step: step.columns)
    decides: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    columns: dict[str, tuple[str, ...] | Interval] = Field(
        min_length=1, description="By column: [low, high] where null is no bound, or a list of words: {language: [en, de]}."
    )

    @field_validator("columns")
    @classmethod
    def _can_keep_something(cls, columns: dict[str, Any]) -> dict[str, Any]:
        return dict(checked_columns(columns))

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The function over batches."""
        return lambda batch: Outcome(batch, removed=judged(batch, self.columns, self.name))
