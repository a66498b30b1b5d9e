"""Web archives: the pages in the `response` and `resource` records of WARC files.

Every response is a row, so that nothing vanishes: what is no page leaves by a rule (`read.status`, `read.content_type`,
`read.empty`), what is damaged goes into quarantine. Other records (request, warcinfo, …) are counted by type. What a file
is compressed with is seen from its bytes; an ARC file under a .warc name is read as what it is.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, ClassVar, cast

import pyarrow as pa
from pydantic import Field

from corpus_forge.document import Fault, Outcome, Removal
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.http import Page, PageRules, page_from_body, page_from_http, split_content_type
from corpus_forge.io.paths import PathSource, open_input
from corpus_forge.io.source import Access, Piece
from corpus_forge.io.warc_records import Record, read_records
from corpus_forge.registry import formats

ARC_START = b"filedesc://"


class WebArchiveSource(PathSource):
    """What WARC and ARC sources share: which captures are pages, and the bounds."""

    gives: ClassVar[tuple[str, ...]] = ("html",)

    status: list[int] = Field(default=[200])
    """Responses with another status are removed by `read.status`."""
    content_types: list[str] = Field(default=["text/html", "application/xhtml+xml"])
    """Other types are removed by `read.content_type`. Where a response names no type, tags at its start make it HTML."""
    max_record_bytes: int = Field(default=64 << 20, gt=0)
    """A longer record is quarantined as `limit:record_bytes`."""
    max_body_bytes: int = Field(default=64 << 20, gt=0)
    """A body that unpacks to more is quarantined as `limit:body_bytes`."""

    def rules(self) -> PageRules:
        """The same as sets."""
        types = frozenset(name.strip().lower() for name in self.content_types)
        return PageRules(frozenset(self.status), types, self.max_body_bytes)


@formats.add("warc")
class WarcSource(WebArchiveSource):
    """WARC files, plain or compressed with gzip or zstd: https://iipc.github.io/warc-specifications/."""

    format: ClassVar[str] = "warc"

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """One row a response, HTML resource or damaged place."""
        with open_seekable(piece.uri, access) as file:
            if is_arc(file):
                from corpus_forge.io.arc import read_arc

                yield from read_arc(file, self.rules(), self.max_record_bytes)
                return
            rules, rows = self.rules(), BatchBuilder("html")
            for record in read_records(file, self.max_record_bytes):
                _add(rows, record, rules)
                if rows.full:
                    yield rows.take()
            yield from rows.rest()


def read_warc(path: str, access: Access | None = None) -> Iterator[pa.RecordBatch]:
    """The pages of WARC files as batches with columns offset, length, url, date, html; `path` may be a glob or @list."""
    source, access = WarcSource(name="warc", paths=[path]), access or Access()
    for uri in source.locate(access):
        for outcome in source.read(Piece(uri), access):
            kept = outcome.kept()
            if kept.num_rows:
                yield kept


@contextmanager
def open_seekable(uri: str, access: Access) -> Iterator[BinaryIO]:
    """An input that can be gone back in; one that comes by http is copied to a temporary file."""
    with open_input(uri, access) as file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.seek(0)
            yield cast("BinaryIO", copy)


def is_arc(file: BinaryIO) -> bool:
    """Whether the file begins as ARC files do, compressed or not. The file is at its start afterwards."""
    start = file.read(4096)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        try:
            start = zlib.decompressobj(31).decompress(start, len(ARC_START))
        except zlib.error:
            return False
    return start.startswith(ARC_START)


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
