"""Where copies count: what all methods share that find them by equal keys."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from corpus_forge.dedup.scopes import Scope, parted, salted
from corpus_forge.steps.base import CorpusStep
from corpus_forge.steps.own_columns import OwnColumns


class Scoped(CorpusStep):
    """A method whose keys meet only in the same source, shard, or value of a column."""

    needs: ClassVar[Any] = OwnColumns(lambda step: step.looked_at(), always=("text",))

    scope: Scope = Field(
        default="run",
        description="Where a copy must be to count: anywhere in the run, in the same source, or in the same shard.",
    )
    within: str | None = Field(
        default=None, description="Copies count only where this column has the same value: a dump, or `language`."
    )

    def looked_at(self) -> tuple[str, ...]:
        """Besides the text: the column that copies must agree in."""
        return () if self.within is None else (self.within,)

    def salted(self, keys: np.ndarray, batch: pa.RecordBatch) -> np.ndarray:
        """The keys of a batch, changed in place, as keys of this scope."""
        return salted(keys, self.scope, self.within, batch)

    def parted(self, rows: np.ndarray) -> np.ndarray:
        """Rows sorted by (hi, lo, id): those of another shard get other keys, where that is the scope."""
        return parted(rows, self.scope)
