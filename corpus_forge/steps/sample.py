"""Step `sample`: keep documents by chance, the more likely the better they score: a score is a preference then, no verdict.

The draw belongs to the text: Philox, keyed by the seed and counted by a digest of the bytes. Files may be split, sorted or
added to, and the same texts stay; exact copies share their fate, so duplicates should be gone before. Ids are not known yet
where a step may stand, and a draw by the number of a record would be the same in every file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from corpus_forge.document import Outcome, Removal
from corpus_forge.registry import steps
from corpus_forge.scoring.chance import gumbel_noise, pareto_chance, uniform_draws
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.own_columns import OwnColumns


@steps.add("sample")
class SampleStep(MapStep):
    """Keep documents by chance: a share of them, or the more likely the better the score in a column."""

    name: ClassVar[str] = "sample"
    needs: ClassVar[Any] = OwnColumns(lambda step: ("text",) if step.by is None else ("text", step.by))
    decides: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    by: str | None = Field(default=None, description="Column of the score, such as class_hq or importance; not for share.")
    method: Literal["pareto", "gumbel", "share"] = Field(
        default="pareto",
        description="pareto: GPT-3's and NeMo's, for scores from 0 to 1. gumbel: score plus noise is at least `least`, for"
        " logarithms of weights. share: the same chance for all.",
    )
    alpha: float = Field(default=9, gt=0, description="pareto: shape; 9 in GPT-3. The higher, the fewer low scores stay.")
    least: float | None = Field(default=None, description="gumbel: keep from here on; `importance train` says it for a share.")
    share: float | None = Field(default=None, gt=0, le=1, description="share: the chance of each document.")
    seed: int = Field(default=0, ge=0, description="Another seed, another sample.")

    @model_validator(mode="after")
    def _is_whole(self) -> SampleStep:
        if (self.method == "share") != (self.by is None):
            raise ValueError("by: method share looks at no column." if self.by else f"by: {self.method} needs a column.")
        for key, method in (("least", "gumbel"), ("share", "share")):
            if (getattr(self, key) is None) == (self.method == method):
                raise ValueError(f"{key}: method {method} needs it." if self.method == method else f"{key}: is for {method}.")
        return self

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The function over batches."""
        return self._sample

    def _sample(self, batch: pa.RecordBatch) -> Outcome:
        draws = uniform_draws(batch["text"], self.seed)
        scores = np.zeros(batch.num_rows) if self.by is None else _numbers(batch.column(self.by))
        removed = {}
        for row in np.flatnonzero(~self._stays(scores, draws)).tolist():
            value = None if np.isnan(scores[row]) or self.by is None else float(scores[row])
            removed[row] = Removal(f"sample.{self.by or self.method}", value, "no value" if np.isnan(scores[row]) else "")
        return Outcome(batch, removed=removed)

    def _stays(self, scores: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """bool[n]; a score that is no number never stays."""
        if self.method == "gumbel":
            return scores + gumbel_noise(draws) >= self.least
        if self.method == "share":
            return draws <= self.share
        return draws <= pareto_chance(scores, self.alpha)


def _numbers(values: pa.Array) -> np.ndarray:
    """float64[n]; NaN where there is no number."""
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        return np.full(len(values), np.nan)
    return pc.fill_null(values.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
