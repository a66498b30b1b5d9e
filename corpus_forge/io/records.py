"""What sources have in common whose records have named fields: which fields, what a text may be, which records are wanted.

`columns` keeps further fields beside the text, for rules, mixtures and people. A record of a subset that is not asked for is
removed by the rule `read.subset`, so that it is counted. A mapped field that is missing is null; one of the wrong kind costs
the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import pyarrow as pa
from pydantic import Field, model_validator

from corpus_forge.document import Fault, Removal
from corpus_forge.io.fields import RESERVED, Column, Fields, arrow_types, converted, find
from corpus_forge.io.paths import PathSource
from corpus_forge.units import ByteSize


class Row(NamedTuple):
    """A usable record. `removal` is set when it belongs to a subset that is not wanted."""

    url: str | None
    date: str | None
    text: str
    extra: tuple[Any, ...]
    removal: Removal | None = None


class RecordSource(PathSource):
    """A source of records with named fields. The field of the text must be there; the others may be missing."""

    text_field: Fields = Field(default=("text",), min_length=1)
    """Field of the text: a key, a path such as `document.body`, or several of which the first that is there counts."""
    url_field: Fields = ("url",)
    date_field: Fields = ("date", "timestamp")
    columns: dict[str, Column] = Field(default={})
    """Further columns: {perplexity: {field: meta.perplexity, type: number}}, or {title: meta.title} for text."""
    subset_field: Fields = ()
    """Field that says which part of a corpus a record belongs to."""
    subset: Fields | None = Field(default=None, min_length=1)
    """Only these parts; all when it is left out."""
    split_size: ByteSize = Field(default=256_000_000, ge=1)
    """A file of more bytes is cut into pieces of about so many, each a shard, where its layout allows it."""

    @model_validator(mode="after")
    def _subset_and_columns_make_sense(self) -> Self:
        if self.subset and not self.subset_field:
            raise ValueError("subset is given without subset_field, which says where a record names its part")
        taken = sorted(RESERVED & self.columns.keys())
        if taken:
            raise ValueError(f"columns: '{taken[0]}' is a column that every document has; choose another name")
        return self

    def extra_columns(self) -> dict[str, pa.DataType]:
        """The types of `columns`."""
        return arrow_types(self.columns)

    def row_of(self, record: Mapping[str, Any]) -> Row | Fault:
        """What a record gives, or why it gives nothing."""
        text = find(record, self.text_field)
        fault = text_fault(text)
        if fault is not None:
            return fault if text is not None else self.no_text(record)
        subset = find(record, self.subset_field) if self.subset else None
        if self.subset and subset is None:
            return Fault("record:no_subset", f"the record has no {_named(self.subset_field)}, so its subset is not known")
        extra = self._extra(record) if self.columns else ()
        if isinstance(extra, Fault):
            return extra
        url, date = _string(find(record, self.url_field)), _string(find(record, self.date_field))
        return Row(url, date, text, extra, self.unwanted(subset) if self.subset else None)

    def _extra(self, record: Mapping[str, Any]) -> tuple[Any, ...] | Fault:
        """The values of `columns`, or the first fault among them."""
        values = tuple(converted(name, column, find(record, column.field)) for name, column in self.columns.items())
        return next((value for value in values if isinstance(value, Fault)), values)

    def unwanted(self, subset: Any) -> Removal | None:
        """Why a record of that subset is not kept, if it is not."""
        return None if self.subset is None or subset in self.subset else Removal("read.subset", detail=str(subset)[:200])

    def no_text(self, record: Mapping[str, Any]) -> Fault:
        """A fault that says what was sought and what is there."""
        there = ", ".join(str(name)[:40] for name in list(record)[:20]) or "nothing"
        return Fault("record:no_text", f"the record has no {_named(self.text_field)}; it has {there}")


def _named(fields: tuple[str, ...]) -> str:
    return f"field {' or '.join(repr(field) for field in fields)}"


def _string(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def text_fault(text: object) -> Fault | None:
    """Why a value is no text of a document; None when it is one.

    A NUL is refused, not removed: in a record with named fields it shows that something upstream went wrong.
    """
    if text is None:
        return Fault("record:no_text", "the record has no text")
    if not isinstance(text, str):
        return Fault("record:text_type", f"the text is of type {type(text).__name__}")
    if not text or text.isspace():
        return Fault("record:empty_text", "the text is empty")
    if "\0" in text:
        return Fault("record:nul", f"the text has a NUL at character {text.index(chr(0))}")
    return None
