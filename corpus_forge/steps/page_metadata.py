"""Step `page_metadata`: what a page says of itself beside its text, as columns; before `extract`, with any engine.

Looking costs the same for one column as for all, and less than any extraction. Columns go with the documents from there on:
`select` has rules over them, the run's documents show them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pyarrow as pa
from pydantic import Field, field_validator

from corpus_forge.document import Outcome, with_column
from corpus_forge.errors import nearest
from corpus_forge.extract.metadata import COLUMNS, page_metadata
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.listed import one_is_a_list


@steps.add("page_metadata")
class PageMetadataStep(MapStep):
    """Title, author, day, language, canonical address and licence link that a page gives of itself, as columns."""

    name: ClassVar[str] = "page_metadata"
    shorthand: ClassVar[str | None] = "columns"
    needs: ClassVar[tuple[str, ...]] = ("html",)
    gives: ClassVar[tuple[str, ...]] = COLUMNS
    leaves_text: ClassVar[bool] = True

    columns: tuple[str, ...] = Field(
        default=COLUMNS, min_length=1, description=f"Columns to make: {', '.join(COLUMNS)}. By default all of them."
    )

    _one_is_a_list = field_validator("columns", mode="before")(one_is_a_list)

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        """In one order: that of the file changes nothing, so it is not part of the fingerprint."""
        for name in columns:
            if name not in COLUMNS:
                raise ValueError(f"no column of page metadata is named '{name}'. {nearest(name, COLUMNS)}")
        return tuple(name for name in COLUMNS if name in columns)

    def kernels(self) -> tuple[str, ...]:
        """Those that find places in pages."""
        return ("metadata",)

    def measures(self) -> tuple[str, ...]:
        """The columns asked for."""
        return self.columns

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that adds the columns."""
        return self._label

    def _label(self, batch: pa.RecordBatch) -> Outcome:
        if "html" not in batch.schema.names:
            return Outcome(batch)
        urls = batch.column("url") if "url" in batch.schema.names else None
        found = page_metadata(batch.column("html"), self.columns, urls)
        for name in self.columns:
            batch = with_column(batch, name, found.column(name).combine_chunks())
        return Outcome(batch)
