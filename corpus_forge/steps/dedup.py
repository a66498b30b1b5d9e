"""Step `dedup`: of documents that are the same, the first stays.

First means the smallest id, that is input order, so which copy stays does not depend on workers or on the order in which
shards finish. Documents without text are equal to each other.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from corpus_forge.dedup.exact import Normalization, later_copies, text_keys
from corpus_forge.errors import nearest
from corpus_forge.registry import steps
from corpus_forge.steps.base import KEY_DTYPE, REMOVAL_DTYPE, CorpusStep

METHODS = ("exact",)


@steps.add("dedup")
class DedupStep(CorpusStep):
    """Remove documents whose text came before, anywhere in the run; the first one stays."""

    name: ClassVar[str] = "dedup"
    shorthand: ClassVar[str | None] = "method"

    method: Literal["exact"] = Field(default="exact", description="What counts as the same. exact: equal text.")
    normalize: tuple[Normalization, ...] = Field(
        default=(), description="Before comparing: whitespace (runs become one space), lower (lower case). none, or a list."
    )
    keep: Literal["first"] = Field(
        default="first", description="Which copy stays. first: the one that comes first in the input."
    )

    @field_validator("method", mode="before")
    @classmethod
    def _known(cls, method: Any) -> Any:
        if method not in METHODS:
            raise ValueError(f"no method of dedup is named '{method}'. {nearest(str(method), METHODS)}")
        return method

    @field_validator("normalize", mode="before")
    @classmethod
    def _as_a_list(cls, value: Any) -> Any:
        if value in (None, "none"):
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("normalize")
    @classmethod
    def _as_a_set(cls, normalize: tuple[Normalization, ...]) -> tuple[Normalization, ...]:
        return tuple(sorted(set(normalize)))

    def partition(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[n]: one key for each document."""
        rows = np.empty(batch.num_rows, KEY_DTYPE)
        rows["hi"], rows["lo"] = text_keys(batch["text"], self.normalize)
        rows["row"] = np.arange(batch.num_rows, dtype=np.uint32)
        return rows

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """REMOVAL_DTYPE[k]: all but the smallest id of each key."""
        leaving, kept = later_copies(rows["hi"], rows["lo"], rows["id"])
        removals = np.empty(len(leaving), REMOVAL_DTYPE)
        removals["id"], removals["kept"] = leaving, kept
        return removals

    def rule(self) -> str:
        """`dedup.exact`."""
        return f"{self.name}.{self.method}"
