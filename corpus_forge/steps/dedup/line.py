"""Methods `line` and `paragraph`: menus, notices and quotations that many documents share, cut out of all but the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from corpus_forge.dedup.folding import checked_foldings
from corpus_forge.dedup.line_places import FOLDINGS, line_places
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.normalizes import as_list
from corpus_forge.steps.dedup.places import PlaceDedup
from corpus_forge.text.columns import text_column


class FoldedDedup(PlaceDedup):
    """A method that compares whole lines or paragraphs, folded."""

    normalize: tuple[str, ...] = Field(
        default=FOLDINGS, description="What they may differ in: lower, punctuation, digits, accents, or none."
    )
    min_length: int = Field(default=1, ge=1, description="Shorter ones, in bytes, are copies of nothing.")

    @field_validator("normalize", mode="before")
    @classmethod
    def _known_foldings(cls, value: Any) -> Any:
        value = as_list(value)
        return tuple(sorted(checked_foldings(value))) if isinstance(value, list | tuple) else value

    def keys_per_document(self) -> int:
        """Lines of a page, about."""
        return 25

    def places(self, batch: pa.RecordBatch, found: np.ndarray | None) -> Iterator[np.ndarray]:
        """A key for each line or paragraph."""
        places = line_places(text_column(batch["text"]), self.parts == "paragraphs", self.normalize, self.min_length)
        yield self.salted_places(places, batch)


@methods.add("line")
class LineDedup(FoldedDedup):
    """Cut lines that are in several places, whatever the document."""

    version: ClassVar[int] = 1
    parts: ClassVar[str] = "lines"
    method: Literal["line"] = Field(default="line", description="Equal lines.")


@methods.add("paragraph")
class ParagraphDedup(FoldedDedup):
    """Cut paragraphs that are in several places, whatever the document."""

    version: ClassVar[int] = 1
    parts: ClassVar[str] = "paragraphs"
    method: Literal["paragraph"] = Field(default="paragraph", description="Equal paragraphs: what two or more newlines part.")
