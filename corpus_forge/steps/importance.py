"""Step `importance`: DSIR's weight of each document: how much likelier it is among target texts than among raw ones.

What is done with the weight is another step's: `sample: {method: gumbel, by: importance, least: …}` draws by weight as DSIR
does, where `importance train` worked out `least` for a share of the raw texts; `select` cuts. An exact top k over all shards
would need a step that sees them all, and would change with every file that is added; a bound does not. Its price is a share
that is as right as the sample that `least` comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from corpus_forge.document import Outcome, with_column
from corpus_forge.errors import ConfigError, InputError
from corpus_forge.language.model_file import checked_digest, file_digest
from corpus_forge.registry import steps
from corpus_forge.scoring.importance import Importance, load_importance
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.own_columns import OwnColumns

KIND = "model that `corpus-forge importance train` wrote"


@steps.add("importance")
class ImportanceStep(MapStep):
    """Weigh each document by DSIR: the logarithm of how much likelier it is among target texts than among raw ones."""

    name: ClassVar[str] = "importance"
    shorthand: ClassVar[str | None] = "model"
    gives: ClassVar[Any] = OwnColumns(lambda step: (step.column, f"{step.column}_mean"))
    leaves_text: ClassVar[bool] = True

    model: str = Field(description="Path of what `corpus-forge importance train` wrote.")
    sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-fA-F]{64}$", description="Digest of the file, if it must be that one."
    )
    column: str = Field(
        default="importance",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*$",
        description="Name of the column; that of the weight over the number of n-grams ends in _mean.",
    )

    def identity(self) -> dict[str, Any]:
        """With the digest of the model's content in place of its path. InputError when the file is absent or another."""
        return {**super().identity(), "model": None, "sha256": self._digest()}

    def kernels(self) -> tuple[str, ...]:
        """Those of scoring/."""
        return ("scoring",)

    def problems(self) -> list[str]:
        """A model that is absent, another, or none."""
        try:
            self._load()
        except InputError as error:
            return [str(error)]
        return []

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that adds both columns. ConfigError when the model is unusable."""
        try:
            model = self._load()
        except InputError as error:
            raise ConfigError("importance.model", str(error)) from None
        return lambda batch: Outcome(self._weighed(batch, model))

    def _digest(self) -> str:
        path = Path(self.model)
        return checked_digest(path, self.sha256, KIND) if self.sha256 else file_digest(path, KIND)

    def _load(self) -> Importance:
        self._digest()
        return load_importance(Path(self.model))

    def _weighed(self, batch: pa.RecordBatch, model: Importance) -> pa.RecordBatch:
        """Null for a document without words."""
        found = model.weigh(batch["text"])
        nothing = found.ngrams == 0
        mean = found.total / np.maximum(found.ngrams, 1)
        batch = with_column(batch, self.column, pa.array(found.total, mask=nothing))
        return with_column(batch, f"{self.column}_mean", pa.array(mean, mask=nothing))
