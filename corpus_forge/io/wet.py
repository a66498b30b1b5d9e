"""WET files: the text that Common Crawl took out of pages, in the `conversion` records of a WARC file.

Read by the same walk as WARC, so damage is counted and passed in the same way. Common Crawl writes UTF-8; what is not
becomes U+FFFD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from corpus_forge.document import Outcome, Removal
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.paths import PathSource
from corpus_forge.io.seekable import open_seekable
from corpus_forge.io.source import Access, Piece
from corpus_forge.io.warc_records import Record, Walk, read_records
from corpus_forge.registry import formats
from corpus_forge.units import ByteSize


@formats.add("wet")
class WetSource(PathSource):
    """WET files, plain or compressed with gzip or zstd."""

    format: ClassVar[str] = "wet"
    gives: ClassVar[tuple[str, ...]] = ("text",)

    max_record_bytes: ByteSize = Field(default=64 << 20, ge=1)
    """A longer record is quarantined as `limit:record_bytes`."""

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """One row a conversion record or damaged place; other records are counted by type."""
        rows = BatchBuilder("text")
        with open_seekable(piece.uri, access) as file:
            for record in read_records(file, self.max_record_bytes, Walk):
                _add(rows, record)
                if rows.full:
                    yield rows.take()
        yield from rows.rest()


def _add(rows: BatchBuilder, record: Record) -> None:
    place = (record.offset, record.length, record.url, record.date)
    if record.fault:
        rows.quarantine(*place, record.fault, "")
    elif record.type != "conversion":
        rows.skip(record.type)
    elif text := record.block.decode("utf-8", "replace").replace("\0", ""):
        rows.add(*place, text)
    else:
        rows.remove(*place, Removal("read.empty"), "")
