"""Where copies count: what all methods share that find them by equal keys."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from corpus_forge.dedup.scopes import Scope, parted, salted
from corpus_forge.steps.base import CorpusStep


class _Needs:
    """The text, and the column that copies must agree in; of the class, where none is known, the text."""

    def __get__(self, step: Scoped | None, owner: type) -> tuple[str, ...]:
        return ("text",) if step is None or step.within is None else ("text", step.within)


class Scoped(CorpusStep):
    """A method whose keys meet only in the same source, shard, or value of a column."""

    needs: ClassVar[Any] = _Needs()

    scope: Scope = Field(
        default="run",
        description="Where a copy must be to count: anywhere in the run, in the same source, or in the same shard.",
    )
    within: str | None = Field(
        default=None, description="Copies count only where this column has the same value: a dump, or `language`."
    )

    def salted(self, keys: np.ndarray, batch: pa.RecordBatch) -> np.ndarray:
        """The keys of a batch, changed in place, as keys of this scope."""
        return salted(keys, self.scope, self.within, batch)

    def parted(self, rows: np.ndarray) -> np.ndarray:
        """Rows sorted by (hi, lo, id): those of another shard get other keys, where that is the scope."""
        return parted(rows, self.scope)
