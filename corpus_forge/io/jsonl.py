"""JSON Lines: one object a line, in any compression; the format `jsonl`.

A broken line costs that line: it is quarantined with a reason and the next one is read. A file where nothing is JSON is one
quarantined row, not thousands. Parsing is the standard library's (about 150 MB/s): it accepts `NaN` and repeated keys unless
told otherwise, and here it is told, since two readers would see two different documents.

`offset` is the number of the line, from 0, blank ones counted: `sed -n "$((offset + 1))p"` shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Self

import pyarrow as pa
from pydantic import Field, model_validator

from corpus_forge.document import Fault, Outcome
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.fields import RESERVED
from corpus_forge.io.joined import Join, Joined
from corpus_forge.io.lines import lines
from corpus_forge.io.paths import open_input
from corpus_forge.io.records import RecordSource, Row
from corpus_forge.io.source import Access, InputFile, Piece
from corpus_forge.registry import formats
from corpus_forge.units import ByteSize

BLOCK_BYTES = 1 << 20
HOPELESS_LINES = 1000
"""A file that begins with so many lines of which none is JSON is not read on."""

Record = Row | Fault


@formats.add("jsonl")
class JsonlSource(RecordSource):
    """Files of one JSON object a line."""

    format = "jsonl"

    max_line_bytes: ByteSize = Field(default=64 << 20, ge=1)
    """A longer line is quarantined without being held in memory."""
    join: Join | None = None
    """Numbers from a file beside each file of documents, such as the quality signals of RedPajama v2."""

    @model_validator(mode="after")
    def _joined_columns_are_new(self) -> Self:
        taken = sorted((RESERVED | self.columns.keys()) & (self.join.columns.keys() if self.join else set()))
        if taken:
            raise ValueError(f"join.columns: there is a column '{taken[0]}' already; choose another name")
        return self

    def extra_columns(self) -> dict[str, pa.DataType]:
        """The types of `columns`, then the joined numbers."""
        joined = self.join.columns if self.join else ()
        return {**super().extra_columns(), **dict.fromkeys(joined, pa.float64())}

    def beside(self, uri: str) -> tuple[str, ...]:
        """The file that is joined."""
        return (self.join.path_beside(uri),) if self.join else ()

    def split(self, file: InputFile, access: Access) -> list[Piece]:
        """Byte ranges that end at line ends, of plain files; this reads the file once, to number the lines."""
        if file.size <= self.split_size:
            return [Piece(file.uri)]
        with open_input(file.uri, access) as raw:
            if not raw.seekable() or open_decompressed(raw).kind != "plain":
                return [Piece(file.uri)]
            raw.seek(0)
            return _cut(raw, file.uri, self.split_size)

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """See Source."""
        rows = BatchBuilder("text", self.extra_columns())
        joined = self.join.load(piece.uri, access) if self.join else None
        with open_input(piece.uri, access) as raw:
            for row, record in _unless_hopeless(self._records(raw, piece, joined)):
                _add(rows, row, record)
                if rows.full:
                    yield rows.take()
        yield from rows.rest()

    def _records(self, raw: BinaryIO, piece: Piece, joined: Joined | None) -> Iterator[tuple[int, Record]]:
        """The number and the content of each line that is not blank, then what cut the stream short, if anything did."""
        row = piece.first_row
        try:
            for line in lines(_blocks(raw, piece), self.max_line_bytes):
                if line is None:
                    yield row, Fault("limit:line_bytes", f"the line has more than {self.max_line_bytes} bytes")
                elif line and not line.isspace():
                    yield row, self._read(line, row, joined)
                row += 1
        except DamagedStream as damage:
            scope = "record" if row > piece.first_row else "file"
            yield row, Fault(f"{scope}:{'truncated' if damage.truncated else 'damaged'}", str(damage))

    def _read(self, line: bytes, row: int, joined: Joined | None) -> Record:
        record = _parsed(line)
        found = record if isinstance(record, Fault) else self.row_of(record)
        if isinstance(record, dict) and isinstance(found, Row):
            found = _surrogate(line, found.text) or (_with_joined(found, record, row, joined) if joined else found)
        return found._replace(digest=hashlib.sha256(line).hexdigest()) if isinstance(found, Fault) else found


def _with_joined(found: Row, record: dict[str, Any], row: int, joined: Joined) -> Record:
    if found.removal is not None:
        return found
    numbers = joined.numbers(record, row)
    return numbers if isinstance(numbers, Fault) else found._replace(extra=(*found.extra, *numbers))


def _parsed(line: bytes) -> dict[str, Any] | Fault:
    try:
        record = _DECODER.decode(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Fault("record:utf8", f"byte {error.start} of the line is not UTF-8")
    except _RepeatedKeyError as error:
        return Fault("record:repeated_key", str(error))
    except json.JSONDecodeError as error:
        return Fault("record:json", f"{error.msg} at character {error.pos}")
    except (ValueError, RecursionError) as error:
        return Fault("record:json", str(error))
    if not isinstance(record, dict):
        return Fault("record:not_an_object", f"the line is of type {type(record).__name__}")
    return record


def _add(rows: BatchBuilder, row: int, record: Record) -> None:
    if isinstance(record, Fault):
        rows.quarantine(row, -1, None, None, record)
    elif record.removal is not None:
        rows.remove(row, -1, record.url, record.date, record.removal, record.text)
    else:
        rows.add(row, -1, record.url, record.date, record.text, *record.extra)


def _unless_hopeless(records: Iterator[tuple[int, Record]]) -> Iterator[tuple[int, Record]]:
    """The records, or one fault for the file when it begins with many lines, or ends, without a line of JSON."""
    held: list[tuple[int, Fault]] = []
    for row, record in records:
        if not isinstance(record, Fault) or record.reason not in ("record:json", "record:utf8"):
            yield from held
            yield row, record
            yield from records
            return
        held.append((row, record))
        if len(held) == HOPELESS_LINES:
            break
    if held:
        row, first = held[0]
        yield row, Fault("file:not_jsonl", f"none of the first {len(held)} lines is JSON; line {row}: {first.detail}")


def _blocks(raw: BinaryIO, piece: Piece) -> Iterator[bytes]:
    if piece.stop < 0:
        yield from open_decompressed(raw).blocks()
        return
    raw.seek(piece.start)
    left = piece.stop - piece.start
    while left > 0 and (block := raw.read(min(left, BLOCK_BYTES))):
        yield block
        left -= len(block)


def _cut(raw: BinaryIO, uri: str, size: int) -> list[Piece]:
    """Pieces that end with the first line end after `size` bytes."""
    pieces: list[Piece] = []
    start = first_row = rows = at = 0
    while block := raw.read(BLOCK_BYTES):
        done = 0
        while (end := block.find(b"\n", max(start + size - 1 - at, done))) >= 0:
            rows += block.count(b"\n", done, end + 1)
            done = end + 1
            pieces.append(Piece(uri, start, at + done, first_row))
            start, first_row = at + done, rows
        rows += block.count(b"\n", done)
        at += len(block)
    return [*pieces, Piece(uri, start, at, first_row)] if at > start else pieces


def _surrogate(line: bytes, text: str) -> Fault | None:
    """JSON can write half of a surrogate pair, which is no character; the escape is sought first because that is cheap."""
    if b"\\ud" not in line and b"\\uD" not in line:
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return Fault("record:surrogate", f"character {error.start} of the text is half of a surrogate pair")
    return None


class _RepeatedKeyError(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedKeyError("an object has the same key twice")
    return members


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)
