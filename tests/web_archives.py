"""Small archives for the tests of readers, written by warcio, and what a source says of them."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from pathlib import Path

import pyarrow as pa
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus_forge.io.source import Access, Piece, Source
from corpus_forge.io.warc_records import Record, Walk, read_records

DATE = "2026-01-02T03:04:05Z"


def page(i: int, size: int = 600) -> bytes:
    """HTML that does not compress to nothing."""
    noise = "".join(chr(97 + (i * 7919 + k * k * 31 + k // 7) % 26) for k in range(size))
    return f"<html><body><p>page {i} é {noise}</p></body></html>".encode()


def write_warc(bodies: list[bytes], gzip: bool = True) -> bytes:
    """warcinfo, then for every body a request and a response `http://h/I`."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        # warcio leaves its temporary files to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        writer = WARCWriter(out, gzip=gzip)
        writer.write_record(writer.create_warcinfo_record("t.warc", {"software": "test"}))
        for i, body in enumerate(bodies):
            get = StatusAndHeaders("GET / HTTP/1.1", [("Host", "h")], is_http_request=True)
            ok = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            _write(writer, f"http://h/{i}", "request", get, b"")
            _write(writer, f"http://h/{i}", "response", ok, body)
    return out.getvalue()


def _write(writer: WARCWriter, url: str, kind: str, head: StatusAndHeaders, body: bytes) -> None:
    dates = {"WARC-Date": DATE}
    writer.write_record(writer.create_warc_record(url, kind, io.BytesIO(body), http_headers=head, warc_headers_dict=dates))


def response(
    block: bytes, url: str = "http://h/", kind: str = "response", content_type: str = "application/http", length: object = None
) -> bytes:
    """One uncompressed record around a block, with a Content-Length that may lie."""
    said = len(block) if length is None else length
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {DATE}\r\n"
    return f"{head}Content-Type: {content_type}\r\nContent-Length: {said}\r\n\r\n".encode() + block + b"\r\n\r\n"


def http(body: bytes = b"<p>x</p>", status: str = "200 OK", headers: str = "Content-Type: text/html\r\n") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\n".encode() + body


def records(data: bytes, walk: type[Walk] = Walk, max_record_bytes: int = 1 << 20) -> list[Record]:
    return list(read_records(io.BytesIO(data), max_record_bytes, walk))


def tiles(found: list[Record], size: int, start: int = 0) -> bool:
    """Whether the ranges of all records and damaged places cover the file from `start` on, each byte once."""
    ends = [start, *(record.offset + record.length for record in found)]
    return [record.offset for record in found] == ends[:-1] and ends[-1] == size


def table(source: Source, path: Path) -> dict:
    """Counts of a file: kept, removed by rule, quarantined by reason, skipped by type."""
    said: dict = {"kept": 0, "removed": Counter(), "quarantined": Counter(), "skipped": Counter()}
    for outcome in source.read(Piece(str(path)), Access()):
        outcome.batch.validate(full=True)
        said["kept"] += outcome.kept().num_rows
        said["removed"].update(removal.rule for removal in outcome.removed.values())
        said["quarantined"].update(fault.reason for fault in outcome.quarantined.values())
        said["skipped"].update(outcome.skipped)
    return {key: dict(value) if isinstance(value, Counter) else value for key, value in said.items()}


def rows(source: Source, path: Path) -> pa.Table:
    batches = [outcome.batch for outcome in source.read(Piece(str(path)), Access())]
    return pa.Table.from_batches(batches)
