"""Tables of a run on disk, written batch by batch with settings that never change.

What a run shows is Parquet (zstd): small, and readable by everybody. What only the next stage reads is Arrow IPC (lz4): on real
pages it costs a fifth of Parquet's time to write and to read, for half as many bytes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 1024
ROW_GROUP_BYTES = 16 << 20
"""A row group is closed at either bound, so that memory depends on neither the shard nor the size of documents."""
REPEATING = ("source", "language", "step", "rule", "stage", "reason")
"""Columns that a dictionary makes smaller; trying it on texts and URLs would cost time for nothing."""


class BatchWriter:
    """Writes batches to one Arrow IPC file; the schema is that of the first batch, which may be empty."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch; an empty one only fixes the schema."""
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
            self._writer = pa.ipc.new_file(str(self.path), batch.schema, options=options)
        if batch.num_rows:
            self._writer.write_batch(batch)
        self.rows += batch.num_rows

    def close(self) -> None:
        """Write the footer. Writing nothing at all, not even an empty batch, leaves no file."""
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> BatchWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_rows(path: Path, column: str, places: Sequence[tuple[int, int]]) -> list[Any]:
    """The values of a column at (batch, row) of a file written batch by batch; only those batches are read."""
    found: dict[int, pa.Array] = {}
    with pa.OSFile(str(path)) as source:
        chosen = [pa.ipc.open_file(source).schema.get_field_index(column)]
        reader = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=chosen, use_threads=False))
        for number in sorted({number for number, _ in places}):
            found[number] = reader.get_batch(number).column(column)
    return [found[number][row].as_py() for number, row in places]


def read_batches(path: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Batches as they were written, in order; the schema alone (an empty batch) when there are none."""
    with pa.OSFile(str(path)) as source:
        schema = pa.ipc.open_file(source).schema
        chosen = None if columns is None else [schema.get_field_index(name) for name in columns]
        reader = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=chosen, use_threads=False))
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            yield batch if columns is None else batch.select(columns)
        if not reader.num_record_batches:
            yield pa.RecordBatch.from_pylist([], schema=schema if columns is None else reader.schema)


class TableWriter:
    """Writes batches to one Parquet file; the schema is that of the first batch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: pq.ParquetWriter | None = None
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = self._pending_bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch; an empty one only fixes the schema."""
        self._pending.append(batch)
        self._pending_rows += batch.num_rows
        self._pending_bytes += batch.nbytes
        self.rows += batch.num_rows
        if self._pending_rows >= ROW_GROUP_ROWS or self._pending_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is pending and the footer. Writing nothing at all, not even an empty batch, leaves no file."""
        if self._pending:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._pending)
        if self._writer is None:
            names = table.schema.names
            numbers = [field.name for field in table.schema if not pa.types.is_large_string(field.type)]
            self._writer = pq.ParquetWriter(
                self.path,
                table.schema,
                compression="zstd",
                compression_level=3,
                use_dictionary=[name for name in REPEATING if name in names],
                write_statistics=numbers,
            )
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)
        self._pending = []
        self._pending_rows = self._pending_bytes = 0


def write_table(path: Path, table: pa.Table) -> None:
    """A small table as one Parquet file, with the settings of TableWriter."""
    with TableWriter(path) as writer:
        for batch in table.to_batches(max_chunksize=ROW_GROUP_ROWS) or [pa.RecordBatch.from_pylist([], schema=table.schema)]:
            writer.write(batch)
