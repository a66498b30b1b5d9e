"""Parquet files with a column of text; the format `parquet`.

Only the columns that are wanted are read, a few rows at a time, and text stays an Arrow column. A row group whose bytes are
damaged costs the rest of that row group, one quarantined row that says how many are lost; a file whose footer is damaged says
nothing reliable about where its columns lie, and is one quarantined row. `offset` is the number of the row, from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus_forge.document import READ_FIELDS, Fault, Outcome
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.records import RecordSource, text_fault
from corpus_forge.io.seekable import open_seekable
from corpus_forge.io.source import BATCH_BYTES, BATCH_ROWS, Access, InputFile, Piece
from corpus_forge.registry import formats

BUFFER_BYTES = 1 << 20
"""Column chunks are read through a buffer of so many bytes, not whole."""


@formats.add("parquet")
class ParquetSource(RecordSource):
    """Files of rows with named columns."""

    format = "parquet"

    def split(self, file: InputFile, access: Access) -> list[Piece]:
        """Runs of row groups of about `split_size` compressed bytes."""
        if file.size <= self.split_size:
            return [Piece(file.uri)]
        with open_seekable(file.uri, access) as raw:
            opened = _opened(raw)
            return [Piece(file.uri)] if isinstance(opened, Fault) else _runs(opened.metadata, file.uri, self.split_size)

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """See Source."""
        with open_seekable(piece.uri, access) as raw:
            opened = _opened(raw)
            fault = opened if isinstance(opened, Fault) else self._schema_fault(opened.schema_arrow)
            if fault is not None:
                yield _one_fault(0, fault)
            elif isinstance(opened, pq.ParquetFile):
                yield from self._row_groups(opened, piece)

    def _schema_fault(self, schema: pa.Schema) -> Fault | None:
        if schema.get_field_index(self.text_field) < 0:
            return Fault("file:no_text", f"no column is named '{self.text_field}'; there are {', '.join(schema.names[:20])}")
        kind = schema.field(self.text_field).type
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not any(test(value) for test in _TEXT_TYPES):
            return Fault("file:text_type", f"the column '{self.text_field}' is of type {kind}")
        return None

    def _row_groups(self, file: pq.ParquetFile, piece: Piece) -> Iterator[Outcome]:
        """All row groups of a piece, each until its end or to where it is damaged."""
        stop = file.num_row_groups if piece.stop < 0 else piece.stop
        first_row = piece.first_row
        for group in range(piece.start, stop):
            count, row = file.metadata.row_group(group).num_rows, first_row
            try:
                for batch in self._batches(file, group):
                    for part in _bounded(batch):
                        yield _outcome(part, row)
                        row += part.num_rows
            except _DAMAGE as error:
                _raise_if_access_failed(error)
                lost = first_row + count - row
                yield _one_fault(
                    row, Fault("record:row_group", f"{lost} rows to the end of row group {group} are lost: {error}")
                )
            first_row += count

    def _batches(self, file: pq.ParquetFile, group: int) -> Iterator[pa.RecordBatch]:
        """Batches of the columns of a reader, but for offset and length."""
        names = file.schema_arrow.names
        date = next((name for name in self.date_field if name in names), None)
        wanted = [name if name in names else None for name in (self.url_field, date, self.text_field)]
        columns = sorted({name for name in wanted if name})
        for batch in file.iter_batches(BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False):
            url, when, text = (_decoded(batch[name]) if name else pa.nulls(batch.num_rows) for name in wanted)
            # As bytes, so that text which is not UTF-8 can be looked at.
            yield pa.record_batch([_strings(url), _strings(when), text.cast(pa.large_binary())], ["url", "date", "text"])


def _opened(raw: BinaryIO) -> pq.ParquetFile | Fault:
    """The file with a footer that can be trusted, or why there is none."""
    size = raw.seek(0, 2)
    raw.seek(0)
    start = raw.read(4)
    if not size:
        return Fault("file:not_parquet", "the file is empty")
    try:
        file = pq.ParquetFile(raw, buffer_size=BUFFER_BYTES, pre_buffer=False)
    except _DAMAGE as error:
        _raise_if_access_failed(error)
        raw.seek(max(size - 4, 0))
        cut = start == _MAGIC and raw.read(4) != _MAGIC
        return Fault("file:truncated" if cut else "file:not_parquet", str(error))
    if "\0" in (file.metadata.created_by or ""):
        return Fault(
            "file:corrupt_footer", "the footer was overwritten with zeros, so what it says of the columns may be wrong"
        )
    return file


def _raise_if_access_failed(error: BaseException) -> None:
    """An errno says that the disk or the store failed, not the data: that is for the engine to try again."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def _runs(metadata: pq.FileMetaData, uri: str, size: int) -> list[Piece]:
    """Neighbouring row groups, cut once they have `size` compressed bytes."""
    pieces: list[Piece] = []
    start = first_row = rows = taken = 0
    for group in range(metadata.num_row_groups):
        about = metadata.row_group(group)
        rows += about.num_rows
        taken += sum(about.column(index).total_compressed_size for index in range(about.num_columns))
        if taken >= size or group == metadata.num_row_groups - 1:
            pieces.append(Piece(uri, start, group + 1, first_row))
            start, first_row, taken = group + 1, rows, 0
    return pieces or [Piece(uri)]


def _bounded(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Parts of a batch, each closed by the row that passes BATCH_BYTES of text."""
    start = size = 0
    for row, length in enumerate(pc.binary_length(batch["text"]).to_pylist()):
        size += length or 0
        if size >= BATCH_BYTES or row == batch.num_rows - 1:
            yield batch.slice(start, row + 1 - start)
            start, size = row + 1, 0


def _outcome(batch: pa.RecordBatch, first_row: int) -> Outcome:
    """An outcome of url, date and text as large_binary: what is no text leaves, the rest is known to be UTF-8."""
    text, quarantined = batch["text"], {}
    try:
        strings = text.cast(pa.large_string())
    except pa.ArrowInvalid:
        bad = [row for row, value in enumerate(text.to_pylist()) if value is not None and not _is_utf8(value)]
        quarantined = {row: Fault("record:utf8", "the text is not UTF-8") for row in bad}
        strings = pc.if_else(pa.array(np.isin(np.arange(len(text)), bad)), None, text).cast(pa.large_string())
    blank = pc.equal(pc.utf8_ltrim_whitespace(strings), "")
    suspicious = pc.fill_null(pc.or_(blank, pc.match_substring(strings, "\0")), True)
    for row in np.flatnonzero(suspicious.to_numpy(zero_copy_only=False)).tolist():
        fault = text_fault(strings[row].as_py())
        if fault is not None:
            quarantined.setdefault(row, fault)
    offsets = pa.array(np.arange(first_row, first_row + len(text)), pa.int64())
    lengths = pa.array(np.full(len(text), -1), pa.int64())
    return Outcome(
        pa.record_batch([offsets, lengths, batch["url"], batch["date"], strings], schema=_SCHEMA), quarantined=quarantined
    )


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _strings(values: pa.Array) -> pa.Array:
    """A column as string; times in ISO 8601, to the second; null where the type has no such form."""
    try:
        if pa.types.is_timestamp(values.type):
            return pc.strftime(values.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%dT%H:%M:%SZ").cast(pa.string())
        if not any(test(values.type) for test in _TEXT_TYPES):
            return values.cast(pa.string())
    except pa.ArrowNotImplementedError:
        return pa.nulls(len(values), pa.string())
    try:
        return values.cast(pa.large_binary()).cast(pa.string())
    except pa.ArrowInvalid:
        mended = [value and value.decode("utf-8", "replace") for value in values.cast(pa.large_binary()).to_pylist()]
        return pa.array(mended, pa.string())


def _one_fault(row: int, fault: Fault) -> Outcome:
    rows = BatchBuilder("text")
    rows.quarantine(row, -1, None, None, fault)
    return rows.take()


_MAGIC = b"PAR1"
_DAMAGE = (pa.ArrowException, OSError, ValueError)
_TEXT_TYPES = (
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
)
_SCHEMA = pa.schema([*READ_FIELDS.items(), ("text", pa.large_string())])
