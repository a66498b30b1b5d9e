"""A step that edits texts and must see them one after the other, in input order.

Every shard lists what the step wants to know of its texts, in order; then one task walks through all lists. That task takes the
time of all of them, which is the price of an answer that depends on the order; its memory is the walker's own.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from corpus_forge.steps.span_step import SpanStep

ROW_DTYPE = np.dtype([("row", "<u4"), ("start", "<u4"), ("stop", "<u4"), ("count", "<u4")])
"""Bytes [start, stop) of the text in this row, and how many values belong to them."""


class Walker(Protocol):
    """Carries what was seen from shard to shard."""

    def walk(self, units: np.ndarray, values: np.ndarray) -> Any:
        """An iterator of ROW_SPAN_DTYPE[k], by row, for ROW_DTYPE[u] units and uint64[v] values of one shard."""

    def facts(self) -> dict[str, Any]:
        """What the report says at the end."""


class OrderedStep(SpanStep):
    """A step whose finds depend on what came before."""

    def listing(self) -> dict[str, Any]:
        """The part of the identity that decides what is listed of a shard."""
        return self.finding()

    def units(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """(ROW_DTYPE[u], uint64[v]): units by row and start, and the values of all of them."""
        raise TypeError(f"step '{self.name}' does not say what its units are")

    def walker(self, values: int) -> Walker:
        """What walks through all units, which have so many values together."""
        raise TypeError(f"step '{self.name}' does not say how to walk")
