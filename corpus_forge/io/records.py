"""What sources have in common whose records have named fields, JSONL and Parquet: which fields, and what a text may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from corpus_forge.document import Fault
from corpus_forge.io.paths import PathSource
from corpus_forge.units import ByteSize


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class RecordSource(PathSource):
    """A source of records with named fields. The field of the text must be there; the others may be missing."""

    text_field: str = "text"
    url_field: str = "url"
    date_field: Annotated[tuple[str, ...], BeforeValidator(_one_or_many)] = ("date", "timestamp")
    """The first of these that a record has; C4 and RefinedWeb say `timestamp`."""
    split_size: ByteSize = Field(default=256_000_000, ge=1)
    """A file of more bytes is cut into pieces of about so many, each a shard, where its layout allows it."""


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
