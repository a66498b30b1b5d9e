"""A corpus step that edits texts instead of removing documents.

Its keys carry a place, [start, stop) in bytes of the document, and its reduce answers places too. Several rounds of
partition → reduce may follow one another: what a round found of a document is there when its text is next looked at, so that
a step can find candidates cheaply before it compares them. What the last round found is handed to `edit`, batch by batch.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from corpus_forge.document import Outcome
from corpus_forge.steps.base import CorpusStep

PLACE_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("row", "<u4"), ("start", "<u4"), ("stop", "<u4")])
"""A 128-bit key of bytes [start, stop) of the document in this row of the batch."""

PLACE_GROUP_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("id", "<u8"), ("start", "<u4"), ("stop", "<u4")])
"""What `spans` sees: rows of one bucket from all shards, sorted by (hi, lo, id, start)."""

SPAN_DTYPE = np.dtype([("id", "<u8"), ("start", "<u4"), ("stop", "<u4")])
"""Bytes [start, stop) of a document."""

ROW_SPAN_DTYPE = np.dtype([("row", "<u4"), ("start", "<u4"), ("stop", "<u4")])
"""The same for a row of a batch; sorted, and neither overlapping nor touching."""


class SpanStep(CorpusStep):
    """A step that must see all shards, and then changes texts."""

    def rounds(self) -> int:
        """How often texts are partitioned and keys reduced."""
        return 1

    def places(self, batch: pa.RecordBatch, found: np.ndarray | None) -> Iterator[np.ndarray]:
        """PLACE_DTYPE[m] arrays, by row and start. `found`: ROW_SPAN_DTYPE[k] of the round before; None in the first round."""
        raise TypeError(f"step '{self.name}' does not say where its keys are")

    def spans(self, rows: np.ndarray, number: int) -> np.ndarray:
        """SPAN_DTYPE[k] from PLACE_GROUP_DTYPE[n], the rows of one bucket, in round `number` counted from 0. Pure and total."""
        raise TypeError(f"step '{self.name}' does not say what it finds")

    def edit(self, batch: pa.RecordBatch, found: np.ndarray) -> Outcome:
        """The batch without, or with a note of, ROW_SPAN_DTYPE[k] that the last round found."""
        raise TypeError(f"step '{self.name}' does not say how to edit")
