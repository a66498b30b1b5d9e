"""Step `classify`: what a fastText classifier says of each document, as columns, and intervals to keep.

The scores are stored: a rule behind this step (`select`, `sample`) is tuned without scoring again. Changing `keep` here does
score again, which is the price of one step for both, as in `language`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from corpus_forge.document import Outcome, with_column
from corpus_forge.errors import ConfigError, InputError, nearest
from corpus_forge.language.fasttext_model import Model, load_model, model_digest
from corpus_forge.registry import steps
from corpus_forge.rules.columns import Interval, check_keep, judged
from corpus_forge.scoring.labels import label_scores
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.listed import one_is_a_list
from corpus_forge.steps.own_columns import OwnColumns

BEST_SCORE = "score"


@steps.add("classify")
class ClassifyStep(MapStep):
    """Score each document by a fastText classifier, and keep what lies in intervals of its labels' probabilities."""

    name: ClassVar[str] = "classify"
    shorthand: ClassVar[str | None] = "model"
    gives: ClassVar[Any] = OwnColumns(lambda step: step.columns())
    costly: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    model: str = Field(description="Path of a fastText model, .bin or .ftz; docs/models.md names published ones.")
    sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-fA-F]{64}$", description="Digest of the model's file; needed, and `check` says it."
    )
    column: str = Field(
        default="class",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*$",
        description="What columns begin with: `class`, the likeliest label; `class_score`, its probability; `class_hq`, hq's.",
    )
    labels: tuple[str, ...] = Field(default=(), description="Labels whose probabilities become columns, beside those of keep.")
    keep: dict[str, Interval] = Field(
        default={}, description="Probabilities to keep by label: {hq: [0.018112, null]}. A document without a score leaves."
    )
    characters: int | None = Field(default=None, ge=1, description="Look at the first so many characters; by default at all.")

    _one_is_a_list = field_validator("labels", mode="before")(one_is_a_list)

    @field_validator("keep")
    @classmethod
    def _can_keep_something(cls, keep: dict[str, Interval]) -> dict[str, Interval]:
        for label, interval in keep.items():
            check_keep(label, interval)
        return dict(sorted(keep.items()))

    @model_validator(mode="after")
    def _has_a_column_for_each(self) -> ClassifyStep:
        if BEST_SCORE in self.wanted():
            raise ValueError(f"labels: '{BEST_SCORE}' has no column of its own, which is that of the likeliest label.")
        return self

    def wanted(self) -> tuple[str, ...]:
        """The labels that get a column, sorted."""
        return tuple(sorted({*self.labels, *self.keep}))

    def columns(self) -> tuple[str, ...]:
        """The likeliest label, its probability, and that of each label wanted."""
        return (self.column, self._named(BEST_SCORE), *map(self._named, self.wanted()))

    def identity(self) -> dict[str, Any]:
        """With the digest of the model's content in place of its path. InputError when the file is absent or another."""
        return {**super().identity(), "model": None, "labels": self.wanted(), "sha256": model_digest(self.model, self.sha256)}

    def kernels(self) -> tuple[str, ...]:
        """Those of scoring/."""
        return ("scoring",)

    def problems(self) -> list[str]:
        """A model that is absent (with where it is published), another, or no fastText model; labels that it does not know."""
        try:
            known = load_model(self.model, self.sha256).labels()
        except InputError as error:
            return [str(error)]
        unknown = [label for label in self.wanted() if label not in known]
        return [f"the model {self.model} has no label '{label}'. {nearest(label, known)}" for label in unknown]

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that adds the columns and removes what is not to be kept. ConfigError when the model is unusable."""
        try:
            model = load_model(self.model, self.sha256)
        except InputError as error:
            raise ConfigError("classify.model", str(error)) from None
        return lambda batch: self._classified(batch, model)

    def _classified(self, batch: pa.RecordBatch, model: Model) -> Outcome:
        found = label_scores(model, batch["text"], self.wanted(), self.characters)
        for name, values in zip(self.columns(), (found.best, found.best_score, *found.scores), strict=True):
            batch = with_column(batch, name, values)
        keep = {self._named(label): interval for label, interval in self.keep.items()}
        return Outcome(batch, removed=judged(batch, keep, self.name))

    def _named(self, label: str) -> str:
        return f"{self.column}_{label}"
