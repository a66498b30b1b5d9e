"""What the methods share that look for copied parts of documents: what becomes of them, and which of them stay.

`cut` takes the parts out, `mark` keeps their places in a column beside the text, `drop` removes the documents that consist of
them. What is found does not depend on that, so that another action looks for nothing again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from corpus_forge.dedup.spans import KeepPlace, as_lists, fitted, repeated, span_bytes, without
from corpus_forge.document import Outcome, Removal, with_column
from corpus_forge.steps.dedup.scoped import Scoped
from corpus_forge.steps.span_step import PLACE_DTYPE, SPAN_DTYPE, SpanStep

Action = Literal["cut", "mark", "drop"]
DROPPED_FROM = 0.5
AFTERWARDS = ("action", "drop_above", "merge")
"""Parameters that change what is done, not what is found."""


class PartDedup(SpanStep):
    """A method that cuts, marks or drops parts of documents, however it finds them."""

    name: ClassVar[str] = "dedup"
    shorthand: ClassVar[str | None] = "method"
    silent: ClassVar[tuple[str, ...]] = ("drop_above", "within")
    """Parameters that are not written out where they are not given."""
    parts: ClassVar[str]
    """What the parts are called: names the column of `mark` and the counts in reports."""

    method: str
    action: Action = Field(
        default="cut",
        description="cut: take copies out. mark: keep their places as a column. drop: remove documents full of them.",
    )
    drop_above: float | None = Field(
        default=None, gt=0, le=1, description="Remove a document when at least this share of its bytes is copied; drop: 0.5."
    )

    @model_validator(mode="before")
    @classmethod
    def _share_of_drop(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("action") == "drop" and given.get("drop_above") is None:
            return {**given, "drop_above": DROPPED_FROM}
        return given

    @model_serializer(mode="wrap")
    def _without_silence(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in dump(self).items() if key not in self.silent or value is not None}

    def kernels(self) -> tuple[str, ...]:
        """Those over n-grams and lines."""
        return ("dedup",)

    def finding(self) -> dict[str, Any]:
        """The identity without what is only done afterwards."""
        return {key: value for key, value in self.identity().items() if key not in AFTERWARDS}

    def rule(self) -> str:
        """`dedup.` and the method."""
        return f"{self.name}.{self.method}"

    def column(self) -> str:
        """`duplicate_lines`: where `mark` keeps the places, as a list of {start, stop} in bytes of the text."""
        return f"duplicate_{self.parts}"

    def measures(self) -> tuple[str, ...]:
        """The marks."""
        return (self.column(),) if self.action == "mark" else ()

    def gap(self) -> int:
        """Bytes between two spans that are taken with them."""
        return 0

    def edit(self, batch: pa.RecordBatch, found: np.ndarray) -> Outcome:
        """Documents that consist of copies leave, with the share as value; of the others copies are cut or marked."""
        spans, texts = fitted(found, batch["text"], self.gap()), batch["text"]
        lengths = np.diff(_offsets(texts))
        shares = span_bytes(spans, batch.num_rows) / np.maximum(lengths, 1)
        leaving = self._leaving(shares)
        stays = spans[~np.isin(spans["row"], leaving)]
        if self.action == "cut":
            left = without(texts, stays)
            blank = [row for row in np.unique(stays["row"]).tolist() if not left[row].as_py().strip()]
            stays, leaving = stays[~np.isin(stays["row"], blank)], sorted({*leaving, *blank})
            batch = with_column(batch, "text", without(texts, stays))
        elif self.action == "mark":
            batch = with_column(batch, self.column(), as_lists(spans, batch.num_rows))
        removed = {row: Removal(self.rule(), float(shares[row])) for row in leaving}
        return Outcome(batch, removed, cleaned=self._counts(stays))

    def _leaving(self, shares: np.ndarray) -> list[int]:
        """Rows with too large a share of copies."""
        return [] if self.drop_above is None else np.flatnonzero(shares >= self.drop_above).tolist()

    def _counts(self, spans: np.ndarray) -> dict[str, int]:
        """How many parts, and bytes in them, were cut or marked in documents that stay."""
        if self.action == "drop" or not len(spans):
            return {}
        size = int((spans["stop"].astype(np.int64) - spans["start"]).sum())
        verb = "cut" if self.action == "cut" else "marked"
        return {f"{self.rule()}: bytes {verb}": size, f"{self.rule()}: {self.parts} {verb}": len(spans)}


class PlaceDedup(Scoped, PartDedup):
    """A method that finds parts by equal keys of places."""

    keep: KeepPlace = Field(default="first", description="first: the first place in the input is no copy. none: it is one too.")
    min_count: int = Field(default=2, ge=2, description="In how many places something must be before it counts as copied.")

    def salted_places(self, places: np.ndarray, batch: pa.RecordBatch) -> np.ndarray:
        """PLACE_DTYPE[m] as keys of this scope."""
        return self.salted(places.astype(PLACE_DTYPE, copy=False), batch)

    def places(self, batch: pa.RecordBatch, found: np.ndarray | None) -> Iterator[np.ndarray]:
        """PLACE_DTYPE[m] arrays of the method."""
        raise TypeError(f"dedup: {self.method} does not say where its keys are")

    def spans(self, rows: np.ndarray, number: int) -> np.ndarray:
        """SPAN_DTYPE[k]: the places that are copies; before the last round all that could be."""
        keep = self.keep if number == self.rounds() - 1 else "none"
        rows = self.parted(rows)
        return rows[repeated(rows, keep, self.min_count)][["id", "start", "stop"]].astype(SPAN_DTYPE)


def _offsets(texts: pa.Array) -> np.ndarray:
    from corpus_forge.text.columns import text_column

    return text_column(texts).offsets
