"""Which copy of a document stays: the first, the longest, the newest or oldest, the best by a number; or by its source.

Whatever the policy, the first in input order stays among equals, so that the choice depends on nothing but the documents.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from corpus_forge.dedup.ranks import Keep, date_ranks, length_ranks, numbers_of, source_ranks, value_ranks
from corpus_forge.steps.dedup.scoped import Scoped
from corpus_forge.text.columns import text_column
from corpus_forge.text.signals import measured
from corpus_forge.text.signals import registry as signal_registry


class Keeps(Scoped):
    """A method of which one copy stays, and what decides which."""

    keep: Keep = Field(
        default="first",
        description="Which copy stays: the first in the input, the longest, the newest or oldest by date, or the one with the"
        " highest or lowest value of `signal` or `column`. Among equals the first.",
    )
    sources: tuple[str, ...] = Field(
        default=(), description="A copy from an earlier source of this list stays, whatever `keep`."
    )
    signal: str | None = Field(default=None, description="Name of the signal that keep: highest or lowest measures.")
    column: str | None = Field(default=None, description="In its place a column that is there: a classifier's score, say.")

    @model_validator(mode="after")
    def _signal_where_needed(self) -> Keeps:
        given = (self.signal is not None) + (self.column is not None)
        if given != (self.keep in ("highest", "lowest")):
            raise ValueError("keep: highest and lowest need `signal`, such as word_count, or `column`, and nothing else does")
        if self.signal is not None:
            signal_registry.get(self.signal)
        return self

    def looked_at(self) -> tuple[str, ...]:
        """With the column whose value decides who stays."""
        return super().looked_at() if self.column is None else (*super().looked_at(), self.column)

    def named_sources(self) -> tuple[str, ...]:
        """Those that are preferred."""
        return self.sources

    def has_ranks(self) -> bool:
        """Whether another than the first may stay."""
        return self.keep != "first" or bool(self.sources)

    def _rank(self, batch: pa.RecordBatch) -> np.ndarray:
        """uint64[n, 2]."""
        ranks = np.zeros((batch.num_rows, 2), np.uint64)
        if self.sources:
            ranks[:, 0] = source_ranks(batch["source"], self.sources)
        if self.keep == "longest":
            ranks[:, 1] = length_ranks(batch["text"])
        elif self.keep in ("newest", "oldest"):
            ranks[:, 1] = date_ranks(batch["date"], self.keep == "newest")
        elif self.signal is not None:
            values = measured(text_column(batch["text"]), [signal_registry.get(self.signal)])[0]
            ranks[:, 1] = value_ranks(values.to_numpy(zero_copy_only=False), self.keep == "highest")
        elif self.column is not None:
            ranks[:, 1] = value_ranks(numbers_of(batch[self.column], self.column), self.keep == "highest")
        return ranks
