"""All of a WARC file, record by record, damaged places among them: nothing is passed over in silence.

A record is believed when its header can be read and what follows its Content-Length is an empty line and another record,
another gzip member, or the end. Where that is not so, one damaged record stands for the bytes up to the next place that
can be read: the next member that decodes, or the next `WARC/1.` after an empty line.

A record that has whole frames for itself lies at their byte range in the file; one that shares a frame with others (a file
that was compressed as a whole) lies at its range in the decoded bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from corpus_forge.document import Fault
from corpus_forge.io.warc_cursor import WARC_FRAMING, Broken, Cursor, Mark
from corpus_forge.io.warc_frames import find_frame, kind_of

MAX_HEAD = 64 << 10
DIGEST_BYTES = 64 << 20
SEARCH_BYTES = 2 << 30
"""So much of a file is decoded at most in search of records behind damaged ones."""
GIANTS = 16
"""A compressed record of more than so many times the bound is not decoded to its end: the next member is looked for."""

_FIELDS = frozenset({b"warc-type", b"warc-target-uri", b"warc-date", b"content-length", b"content-type"})

_HEAD_TOO_LONG = Fault("record:bad_header", f"the header has no end within {MAX_HEAD} bytes")
_HEAD_CUT = Fault("record:truncated", "the file ends within the header")
_NO_LENGTH = Fault("record:bad_length", "Content-Length is missing or no number")
_NO_TYPE = Fault("record:bad_header", "no WARC-Type")


@dataclass
class Record:
    """One record, or one damaged place (`fault`). `length` is known when the next one begins."""

    at: Mark
    type: str = ""
    url: str | None = None
    date: str | None = None
    content_type: str = ""
    block: bytes = b""
    fault: Fault | None = None
    offset: int = 0
    length: int = 0
    stored: bool = True
    """Whether offset and length are positions in the file; else they are positions in the decoded bytes."""


def read_records(file: BinaryIO, max_record_bytes: int, walk: type[Walk]) -> Iterator[Record]:
    """Every record of a seekable file in file order, and every damaged place. OSError only when the file cannot be read.

    `walk` is the format: `Walk` for WARC, `ArcWalk` for ARC.
    """
    start = file.read(64)
    if not start:
        return
    kind = kind_of(start)
    if kind == "plain" and not walk.framing.begins.match(start) and find_frame(file, "gzip", 0, SEARCH_BYTES) is not None:
        kind = "gzip"
    try:
        cursor = Cursor(file, kind, SEARCH_BYTES, walk.framing)
    except Broken as broken:
        size = file.seek(0, 2)
        yield Record(Mark(0, 0, True), fault=Fault(walk.foreign, broken.detail), length=size)
        return
    yield from walk(file, cursor, max_record_bytes).run()


class Walk:
    """Holds back each record until the next one begins, since only then its end in the file is known."""

    framing, foreign = WARC_FRAMING, "file:not_warc"

    def __init__(self, file: BinaryIO, cursor: Cursor, max_record_bytes: int) -> None:
        self._file, self._cursor, self._limit = file, cursor, max_record_bytes
        self._pending: Record | None = None
        self._whole = 0

    def run(self) -> Iterator[Record]:
        """Every record and every damaged place."""
        while (item := self._next()) is not None:
            if item.fault and item.fault.reason == "record:junk" and self._pending and self._pending.fault:
                continue
            yield from self._flush(item.at)
            self._pending = item
        yield from self._flush(None)

    def _next(self) -> Record | None:
        cursor = self._cursor
        try:
            mark = cursor.mark()
        except Broken as broken:
            return self._between(broken)
        if mark is None:
            return None
        if mark.opens_frame:
            cursor.refresh()
        item = Record(mark)
        try:
            problem = self._parse(item)
            if problem:
                self._lose(item, problem)
        except Broken as broken:
            self._break(item, broken)
        return item

    def _parse(self, item: Record) -> Fault | None:
        """Fill the item from the file; what is wrong with it when the next record must be searched for."""
        cursor = self._cursor
        if not cursor.at_record():
            return Fault("record:junk", "no record begins here")
        head = cursor.head(MAX_HEAD)
        if head is None:
            return _HEAD_TOO_LONG if cursor.held > MAX_HEAD else _HEAD_CUT
        return self._go_on(item, _read_head(item, head))

    def _go_on(self, item: Record, length: int | None) -> Fault | None:
        if length is None or not item.type:
            return _NO_LENGTH if length is None else _NO_TYPE
        return self._take_block(item, length) if length <= self._limit else self._pass_over(item, length)

    def _take_block(self, item: Record, length: int) -> Fault | None:
        cursor = self._cursor
        item.block = cursor.take(length)
        if len(item.block) < length:
            return Fault("record:truncated", f"{len(item.block)} bytes of {length}")
        if not cursor.at_tail():
            return Fault("record:bad_length", f"no record follows after {length} bytes")
        return None

    def _pass_over(self, item: Record, length: int) -> Fault | None:
        cursor = self._cursor
        item.fault = Fault("limit:record_bytes", f"the record has {length} bytes, more than {self._limit}")
        if cursor.kind != "plain" and length > GIANTS * self._limit:
            cursor.resume(item.at.frame + 1)
            return None
        if cursor.skip(length) < length:
            return Fault("record:truncated", f"the file ends within its {length} bytes")
        return None if cursor.at_tail() else Fault("record:bad_length", f"no record follows after {length} bytes")

    def _lose(self, item: Record, problem: Fault) -> None:
        """Go to the next record; the item is what was lost on the way."""
        self._cursor.rewind(item.at.at)
        self._cursor.take(1)
        item.block, item.fault = b"", problem
        if self._cursor.find_record() and problem.reason == "record:truncated":
            item.fault = problem._replace(reason="record:bad_header" if problem is _HEAD_CUT else "record:bad_length")

    def _break(self, item: Record, broken: Broken) -> None:
        """A frame cannot be decoded: the item is lost with it."""
        if not item.fault or broken.frame == item.at.frame or item.fault.reason in ("limit:record_bytes", "record:truncated"):
            item.fault = Fault(broken.reason, broken.detail)
        item.block = b""
        if not item.at.opens_frame:
            item.at = Mark(item.at.at, broken.frame, True)
        self._cursor.resume(broken.frame + 1)

    def _between(self, broken: Broken) -> Record:
        """Damage where a record should begin. It is the last record's when that has the frame for itself."""
        pending = self._pending
        if pending and pending.at.opens_frame and not pending.fault and self._cursor.owns(broken.frame):
            item, self._pending = pending, None
        else:
            item = Record(Mark(self._cursor.at, broken.frame, True))
        self._break(item, broken)
        return item

    def _flush(self, following: Mark | None) -> Iterator[Record]:
        item, self._pending = self._pending, None
        if item is None:
            return
        end = following or Mark(self._cursor.at, self._cursor.size, True)
        item.stored = self._cursor.kind == "plain" or (item.at.opens_frame and end.opens_frame)
        item.offset = item.at.frame if item.stored and self._cursor.kind != "plain" else item.at.at
        stop = end.frame if item.stored and self._cursor.kind != "plain" else end.at
        if following is None and self._cursor.kind == "plain":
            stop = self._cursor.size
        item.length = stop - item.offset
        if item.fault:
            item.fault = self._complete(item, item.fault, following is None)
        else:
            self._whole += 1
        yield item

    def _complete(self, item: Record, fault: Fault, last: bool) -> Fault:
        """A damaged file without any record is no WARC file; damage is known by the digest of its bytes."""
        digest = _digest(self._file, item.offset, item.length) if item.stored else ""
        if (
            last
            and not self._whole
            and item.offset == 0
            and fault.reason in ("record:junk", "record:corrupt_member")
            and not item.type
        ):
            return Fault(self.foreign, f"no record in it ({fault.detail})", digest)
        return fault._replace(digest=digest)


def _read_head(item: Record, head: bytes) -> int | None:
    """Content-Length, or None; the other fields go into the item."""
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        if (name := name.rstrip().lower()) in _FIELDS:
            fields.setdefault(name, value.strip())
    item.type = fields.get(b"warc-type", b"").decode("ascii", "replace").lower()
    url, date = fields.get(b"warc-target-uri"), fields.get(b"warc-date")
    # wget 1.14 writes <http://…>, as the grammar of the standard had it.
    item.url = url.decode("utf-8", "replace").removeprefix("<").removesuffix(">") if url else None
    item.date = date.decode("utf-8", "replace") if date else None
    item.content_type = fields.get(b"content-type", b"").decode("latin-1")
    length = fields.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 19 else None


def _digest(file: BinaryIO, offset: int, length: int) -> str:
    """sha256 of a range of the file, of its first 64 MiB when it is longer. The file stays where it is."""
    here, digest = file.tell(), hashlib.sha256()
    file.seek(offset)
    left = min(length, DIGEST_BYTES)
    while left and (data := file.read(min(left, 1 << 20))):
        digest.update(data)
        left -= len(data)
    file.seek(here)
    return digest.hexdigest()
