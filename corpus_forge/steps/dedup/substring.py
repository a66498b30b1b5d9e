"""Method `substring`: every span of `length` bytes that is in several places (Lee and others 2021), in two rounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from corpus_forge.dedup.substrings import LEAST, LENGTH, anchor_places, window_places
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.places import PlaceDedup
from corpus_forge.text.columns import text_column


@methods.add("substring")
class SubstringDedup(PlaceDedup):
    """Cut spans of bytes that are in several places, wherever they begin and end."""

    version: ClassVar[int] = 1
    parts: ClassVar[str] = "substrings"

    method: Literal["substring"] = Field(default="substring", description="Equal spans of bytes.")
    length: int = Field(default=LENGTH, ge=LEAST, le=1 << 20, description="Bytes that must be equal in a row.")
    merge: int = Field(default=0, ge=0, le=1 << 20, description="Copies with at most so many bytes between them are one.")
    seed: int = Field(default=1, ge=0, lt=1 << 32, description="Which hashes.")

    def rounds(self) -> int:
        """Anchors, then the windows around those that occur again."""
        return 2

    def gap(self) -> int:
        """As configured."""
        return self.merge

    def keys_per_document(self) -> int:
        """One anchor for each quarter of a window, and a window for each byte that is copied: 500 when a quarter is."""
        return 500

    def places(self, batch: pa.RecordBatch, found: np.ndarray | None) -> Iterator[np.ndarray]:
        """Anchors in the first round, in the second the windows around those that were found again."""
        column = text_column(batch["text"])
        if found is None:
            yield self.salted_places(anchor_places(column, self.length), batch)
            return
        for places in window_places(column, found, self.length, self.seed):
            yield self.salted_places(places, batch)
