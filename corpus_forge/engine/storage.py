"""Parquet files of a run: written batch by batch with settings that never change, read as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 1024
ROW_GROUP_BYTES = 16 << 20
"""A row group is closed at either bound, so that memory depends on neither the shard nor the size of documents."""


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
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd", compression_level=3)
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)
        self._pending = []
        self._pending_rows = self._pending_bytes = 0


def write_table(path: Path, table: pa.Table) -> None:
    """A small table as one file, with the settings of TableWriter."""
    with TableWriter(path) as writer:
        for batch in table.to_batches(max_chunksize=ROW_GROUP_ROWS) or [pa.RecordBatch.from_pylist([], schema=table.schema)]:
            writer.write(batch)


def read_batches(path: Path, columns: list[str] | None = None, rows: int = 64) -> Iterator[pa.RecordBatch]:
    """Batches of at most `rows` documents, in order; the schema alone (an empty batch) when there are none."""
    with pq.ParquetFile(path) as file:
        empty = True
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=columns, use_threads=False)
            for batch in table.to_batches(max_chunksize=rows):
                empty = False
                yield batch
        if empty:
            names = columns if columns is not None else file.schema_arrow.names
            schema = pa.schema([file.schema_arrow.field(name) for name in names])
            yield pa.RecordBatch.from_pylist([], schema=schema)
