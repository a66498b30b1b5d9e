"""Kept documents as text: JSON Lines, gzipped, as datatrove and dolma read it, or Parquet with one schema for all files.

One file for each part of documents/. In JSON Lines `id` is a string, as both readers want it, and what is no finite number is
null: neither has another way to say it.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus_forge.errors import InputError, RequestError
from corpus_forge.exchange.target import Target

BATCH_ROWS = 1024


def write_jsonl(run: Path, target: Target) -> None:
    """part-NNNNN.jsonl.gz: one object a document with all its columns."""
    for name, schema, batches in _parts(run):
        with target.file(f"{name}.jsonl.gz") as sink, gzip.GzipFile("", "wb", 6, sink, mtime=0) as packed:
            for batch in batches:
                for row in _in(batch, schema).to_pylist():
                    packed.write(_line(row))


def write_parquet(run: Path, target: Target) -> None:
    """part-NNNNN.parquet with the columns of all parts."""
    for name, schema, batches in _parts(run):
        with target.file(f"{name}.parquet") as sink, pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(_in(batch, schema))


def _parts(run: Path) -> Iterator[tuple[str, pa.Schema, Iterator[pa.RecordBatch]]]:
    """Name, schema and batches of each part; the schema is that of all parts together."""
    folder = run / "documents"
    if not folder.is_dir():
        raise RequestError(f"{run}: no documents/ in it; texts are exported from a run's directory.")
    parts = sorted(folder.glob("part-*.parquet"))
    try:
        schema = pa.unify_schemas([pq.read_schema(part) for part in parts], promote_options="permissive")
        for part in parts:
            yield part.stem, schema, pq.ParquetFile(part).iter_batches(BATCH_ROWS)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{folder}: a part cannot be read: {error}") from error


def _in(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with all columns of the schema; those that it lacks are null."""
    rows = batch.num_rows
    columns = [
        batch.column(field.name).cast(field.type) if field.name in batch.schema.names else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _line(row: dict[str, Any]) -> bytes:
    finite = {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()}
    return (json.dumps({**finite, "id": str(row["id"])}, ensure_ascii=False, default=str) + "\n").encode()
