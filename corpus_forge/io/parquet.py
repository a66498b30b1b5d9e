"""Parquet files with a column of text; the format `parquet`.

Only the columns that are wanted are read, a few rows at a time, and text stays an Arrow column. A row group whose bytes are
damaged costs the rest of that row group, one quarantined row that says how many are lost; a file whose footer is damaged says
nothing reliable about where its columns lie, and is one quarantined row. `offset` is the number of the row, from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from corpus_forge.document import Fault, Outcome
from corpus_forge.io.arrow_records import ArrowRecords, one_fault
from corpus_forge.io.records import RecordSource
from corpus_forge.io.seekable import open_seekable
from corpus_forge.io.source import BATCH_ROWS, Access, InputFile, Piece
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
            if isinstance(opened, Fault):
                yield one_fault(self, 0, opened)
                return
            records = ArrowRecords(self, opened.schema_arrow)
            if records.fault is not None:
                yield one_fault(self, 0, records.fault)
            else:
                yield from self._row_groups(opened, piece, records)

    def _row_groups(self, file: pq.ParquetFile, piece: Piece, records: ArrowRecords) -> Iterator[Outcome]:
        """All row groups of a piece, each until its end or to where it is damaged."""
        stop = file.num_row_groups if piece.stop < 0 else piece.stop
        first_row, columns = piece.first_row, records.columns()
        for group in range(piece.start, stop):
            count, row = file.metadata.row_group(group).num_rows, first_row
            try:
                for batch in file.iter_batches(BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False):
                    for outcome in records.outcomes(batch, row):
                        yield outcome
                        row += outcome.batch.num_rows
            except _DAMAGE as error:
                _raise_if_access_failed(error)
                lost = first_row + count - row
                fault = Fault("record:row_group", f"{lost} rows to the end of row group {group} are lost: {error}")
                yield one_fault(self, row, fault)
            first_row += count


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


_MAGIC = b"PAR1"
_DAMAGE = (pa.ArrowException, OSError, ValueError)
