"""Method `exact`: texts with equal bytes, after the normalization that was asked for. Documents without text are equal."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from corpus_forge.dedup.exact import text_keys
from corpus_forge.errors import nearest
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.normalizes import Normalizes
from corpus_forge.steps.dedup.policy import as_keys

FOLDINGS = ("whitespace", "lower")


@methods.add("exact")
class ExactDedup(Normalizes):
    """Remove documents whose text is that of another one; one of them stays."""

    version: ClassVar[int] = 1

    method: Literal["exact"] = Field(default="exact", description="Equal text.")
    normalize: tuple[str, ...] = Field(default=(), description="Before comparing: whitespace, lower, or none.")

    @model_validator(mode="after")
    def _known_foldings(self) -> ExactDedup:
        unknown = [name for name in self.normalize if name not in FOLDINGS]
        if unknown:
            raise ValueError(f"normalize: '{unknown[0]}' is not known to method: exact. {nearest(unknown[0], FOLDINGS)}")
        return self

    def keys(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[n]: one key a document."""
        return as_keys(*text_keys(batch["text"], self.normalize), np.arange(batch.num_rows))  # type: ignore[arg-type]
