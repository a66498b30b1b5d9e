"""Web archives: the pages in the `response` and `resource` records of WARC files, and in ARC files.

Every response is a row, so that nothing vanishes: what is no page leaves by a rule (`read.status`, `read.content_type`,
`read.empty`), what is damaged goes into quarantine. Other records (request, warcinfo, …) are counted by type. What a file
is compressed with, and whether it is WARC or ARC, is seen from its bytes and not from its name.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

import pyarrow as pa
from pydantic import Field

from corpus_forge.document import Fault, Outcome, Removal
from corpus_forge.errors import InputError
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.http import Page, PageRules, page_from_body, page_from_http, split_content_type
from corpus_forge.io.paths import PathSource
from corpus_forge.io.seekable import open_seekable
from corpus_forge.io.source import Access, Piece
from corpus_forge.io.warc_records import Record, Walk, read_records
from corpus_forge.registry import formats
from corpus_forge.units import ByteSize


class WebArchiveSource(PathSource):
    """What WARC and ARC sources share: which captures are pages, and the bounds."""

    gives: ClassVar[tuple[str, ...]] = ("html",)

    status: list[int] = Field(default=[200])
    """Responses with another status are removed by `read.status`."""
    content_types: list[str] = Field(default=["text/html", "application/xhtml+xml"])
    """Other types are removed by `read.content_type`. Where a response names no type, tags at its start make it HTML."""
    max_record_bytes: ByteSize = Field(default=64 << 20, ge=1)
    """A longer record is quarantined as `limit:record_bytes`."""
    max_body_bytes: ByteSize = Field(default=64 << 20, ge=1)
    """A body that unpacks to more is quarantined as `limit:body_bytes`."""

    def rules(self) -> PageRules:
        """The same as sets."""
        types = frozenset(name.strip().lower() for name in self.content_types)
        return PageRules(frozenset(self.status), types, self.max_body_bytes)

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """One row a response, HTML resource or damaged place."""
        rules, rows = self.rules(), BatchBuilder("html")
        with open_seekable(piece.uri, access) as file:
            for record in read_records(file, self.max_record_bytes, self._walk(file)):
                _add(rows, record, rules)
                if rows.full:
                    yield rows.take()
        yield from rows.rest()

    def _walk(self, file: BinaryIO) -> type[Walk]:
        """WARC or ARC by the first bytes; when they are neither, as the source says."""
        from corpus_forge.io.arc import ARC_START, ArcWalk

        start = first_bytes(file)
        if start.startswith((b"WARC/", ARC_START)):
            return ArcWalk if start.startswith(ARC_START) else Walk
        return ArcWalk if self.format == "arc" else Walk


@formats.add("warc")
class WarcSource(WebArchiveSource):
    """WARC files, plain or compressed with gzip or zstd: https://iipc.github.io/warc-specifications/."""

    format: ClassVar[str] = "warc"


def read_warc(path: str | os.PathLike[str], access: Access | None = None) -> Iterator[pa.RecordBatch]:
    """The pages of WARC files as batches with columns offset, length, url, date, html; `path` may be a glob or @list.

    Damaged records are passed over. InputError, when it is reached, for a file of which nothing can be read.
    """
    source, access = WarcSource(name="warc", paths=[os.fspath(path)]), access or Access()
    for uri in source.locate(access):
        for outcome in source.read(Piece(uri), access):
            unreadable = next((fault for fault in outcome.quarantined.values() if fault.reason.startswith("file:")), None)
            if unreadable:
                raise InputError(f"{uri}: cannot be read ({unreadable.reason}). {unreadable.detail}")
            kept = outcome.kept()
            if kept.num_rows:
                yield kept


def first_bytes(file: BinaryIO) -> bytes:
    """Some bytes of the file, unpacked where it is gzip. The file is at its start afterwards."""
    start = file.read(4096)
    file.seek(0)
    if not start.startswith(b"\x1f\x8b"):
        return start
    try:
        return zlib.decompressobj(31).decompress(start, 16)
    except zlib.error:
        return b""


def _add(rows: BatchBuilder, record: Record, rules: PageRules) -> None:
    if record.fault:
        rows.quarantine(record.offset, record.length, record.url, record.date, record.fault, "")
    elif record.type == "response":
        add_page(rows, record, _page_of_response(record, rules))
    elif record.type == "resource" and split_content_type(record.content_type)[0] in rules.content_types:
        essence, charset = split_content_type(record.content_type)
        add_page(rows, record, page_from_body(record.block, essence, charset, rules))
    else:
        rows.skip(record.type)


def _page_of_response(record: Record, rules: PageRules) -> Page:
    """Responses of other protocols (dns:, ftp:) have no status line, and their record names the type."""
    essence = split_content_type(record.content_type)[0]
    if record.block.startswith(b"HTTP/") or essence in ("application/http", "message/http", ""):
        return page_from_http(record.block, rules)
    return Page(removal=Removal("read.content_type", detail=essence))


def add_page(rows: BatchBuilder, record: Record, page: Page) -> None:
    """One row from a record's place and what became of its page."""
    place = (record.offset, record.length, record.url, record.date)
    if page.removal:
        rows.remove(*place, page.removal, "")
    elif page.fault:
        digest = hashlib.sha256(record.block).hexdigest()
        rows.quarantine(*place, Fault(page.fault.reason, page.fault.detail, digest), "")
    else:
        rows.add(*place, page.html)
