"""What a source is: a name, a format and paths; how its files are cut into shards, and how a shard is read.

A `Source` is a frozen pydantic model registered under its format. `split` cuts one file into pieces by a rule that depends
on nothing but the file; `read` turns a piece into `Outcome`s, one row a record in file order, so that a damaged record is
a row like any other: quarantined, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from corpus_forge.document import Outcome
from corpus_forge.io.access import Access, InputFile

__all__ = ["BATCH_BYTES", "BATCH_ROWS", "Access", "InputFile", "Piece", "Source"]

BATCH_ROWS = 64
"""Readers answer with at most so many rows at once …"""
BATCH_BYTES = 16 << 20
"""… and close a batch once its payload has passed this many bytes."""


@dataclass(frozen=True)
class Piece:
    """The part of a file that is one shard.

    `start` and `stop` are byte offsets (JSONL) or row groups (Parquet); (0, -1) is the whole file. `first_row` is the
    number of the first row, for `origin`.
    """

    uri: str
    start: int = 0
    stop: int = -1
    first_row: int = 0


class Source(BaseModel):
    """One item of `sources:` in a pipeline file. Formats subclass it; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: ClassVar[str]
    version: ClassVar[int] = 1
    gives: ClassVar[tuple[str, ...]] = ("text",)
    """Payload columns: `html` for WARC and ARC, `text` elsewhere."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    """Appears in every document and in file names of token shards."""
    corpus: str | None = None
    """The named corpus that filled in the parameters, such as `c4`; for people only."""

    def locate(self, access: Access) -> list[str]:
        """URIs of the input files, sorted, without repeats. InputError when a path or glob matches nothing."""
        raise TypeError(f"format '{self.format}' does not say how to locate its files")

    def beside(self, uri: str) -> tuple[str, ...]:
        """URIs of further files that reading this one opens: their content is part of what was read."""
        return ()

    def extra_columns(self) -> dict[str, pa.DataType]:
        """Columns of each batch beside those of every document, in order."""
        return {}

    def split(self, file: InputFile, access: Access) -> list[Piece]:
        """Pieces of a file, in order; the whole file by default."""
        return [Piece(file.uri)]

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """Outcomes with columns offset, length, url, date, one of html, text (see document.py), then `extra_columns`.

        In file order. Never raises for what is in the file: a file that cannot be read at all is one quarantined row, `file:…`.
        """
        raise TypeError(f"format '{self.format}' does not say how to read")

    def identity(self) -> dict[str, Any]:
        """What makes the output besides the files' content: format, version and parameters, without paths."""
        fields = self.model_dump(mode="json", exclude={"paths", "corpus"})
        return {"format": self.format, "version": self.version, **fields}
