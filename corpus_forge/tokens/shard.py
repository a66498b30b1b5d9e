"""One token shard: an Arrow IPC file with one record batch, uncompressed, so that a row is a view of the mapped file.

One batch because finding a batch costs some 100 µs; uncompressed because any codec would cost a copy. The price is that a shard
holds fewer than 2^31 tokens and is written at once. Rows are read by numpy slicing: `pyarrow.take` on the list column is
hundreds of times slower.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.index import ShardEntry
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import MAX_TOKENS, ShardCounts, ShardMetadata, parse_metadata, shard_schema


def write_shard(sink: BinaryIO, rows: PackedRows, metadata: ShardMetadata, path: str) -> ShardEntry:
    """Write all rows to an open binary file and say what was written; `path` is the name the index will give the file.

    The same rows and metadata give the same bytes. RequestError when rows and metadata do not go together.
    """
    _check(rows, metadata)
    counts = _count(rows)
    hashing = _HashingSink(sink)
    schema = shard_schema(metadata, counts)
    with pa.ipc.new_file(pa.PythonFile(hashing, mode="w"), schema) as writer:
        writer.write_batch(_batch(rows, schema))
    return ShardEntry(
        path=path,
        source=metadata.source,
        split=metadata.split,
        rows=counts.rows,
        tokens=counts.tokens,
        docs=counts.docs,
        bytes=counts.bytes,
        sha256=hashing.digest.hexdigest(),
    )


class Shard:
    """An open shard. Arrays are read-only views of the mapped file and live as long as somebody holds them."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        try:
            self._map = pa.memory_map(self.path)
            file = pa.ipc.open_file(self._map)
            self.metadata, self.counts = parse_metadata(file.schema, self.path)
            if file.num_record_batches != 1:
                raise InputError(f"{self.path}: {file.num_record_batches} record batches; a token shard has exactly one.")
            batch = file.get_batch(0)
            batch.validate()
            self._bind(batch)
        except FileNotFoundError as error:
            raise InputError(f"{self.path}: no such token shard.") from error
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(f"{self.path}: damaged or truncated token shard: {error}") from error

    def __len__(self) -> int:
        return len(self.n_tokens)

    def row(self, index: int) -> dict[str, np.ndarray]:
        """Row `index` (0 ≤ index < len): tokens, doc_starts, doc_uid, doc_cont, n_tokens, n_bytes; only doc_cont is a copy."""
        first, last = self.piece_offsets[index : index + 2]
        return {
            "tokens": self.tokens[index],
            "doc_starts": self.doc_starts[first:last],
            "doc_uid": self.doc_uid[first:last],
            "doc_cont": self._doc_cont.slice(first, last - first).to_numpy(zero_copy_only=False),
            "n_tokens": self.n_tokens[index],
            "n_bytes": self.n_bytes[index],
        }

    @property
    def doc_cont(self) -> np.ndarray:
        """Bool of every piece, as doc_starts and doc_uid; a copy."""
        return self._doc_cont.to_numpy(zero_copy_only=False)

    def close(self) -> None:
        """Close the file; views that are still held stay valid."""
        self._map.close()

    def _bind(self, batch: pa.RecordBatch) -> None:
        tokens, starts, uids, conts = (batch.column(name) for name in ("tokens", "doc_starts", "doc_uid", "doc_cont"))
        if batch.num_rows != self.counts.rows:
            raise ValueError(f"{batch.num_rows} rows, the header says {self.counts.rows}")
        self.tokens = tokens.flatten().to_numpy().reshape(-1, self.metadata.seq_len)
        self.n_tokens, self.n_bytes = batch.column("n_tokens").to_numpy(), batch.column("n_bytes").to_numpy()
        self.piece_offsets = starts.offsets.to_numpy()
        for other in (uids, conts):
            if not np.array_equal(other.offsets.to_numpy(), self.piece_offsets):
                raise ValueError("doc_starts, doc_uid and doc_cont do not have the same pieces")
        if self.piece_offsets[0] < 0 or (np.diff(self.piece_offsets) < 0).any() or self.piece_offsets[-1] > len(uids.values):
            raise ValueError("the offsets of the pieces are not in order")
        self.doc_starts, self.doc_uid, self._doc_cont = starts.values.to_numpy(), uids.values.to_numpy(), conts.values


def lookup_bytes(table: np.ndarray) -> bytes:
    """The bytes of a .npy file with one value a token id: token_bytes.npy, word_start.npy."""
    sink = io.BytesIO()
    np.save(sink, table, allow_pickle=False)
    return sink.getvalue()


def _check(rows: PackedRows, metadata: ShardMetadata) -> None:
    if rows.tokens.shape != (len(rows), metadata.seq_len) or rows.tokens.dtype != metadata.token_dtype:
        expected = f"{metadata.token_dtype.name}[n, {metadata.seq_len}]"
        raise RequestError(f"rows are {rows.tokens.dtype}{list(rows.tokens.shape)}; the metadata says {expected}.")
    if rows.tokens.size > MAX_TOKENS:
        raise RequestError(f"{rows.tokens.size:,} tokens in one shard; at most {MAX_TOKENS:,} fit. Write more, smaller shards.")


def _count(rows: PackedRows) -> ShardCounts:
    pieces = np.diff(rows.piece_offsets)
    return ShardCounts(
        rows=len(rows),
        tokens=int(rows.n_tokens.sum(dtype=np.int64)),
        docs=int((~rows.doc_cont).sum()),
        bytes=int(rows.n_bytes.sum(dtype=np.int64)),
        max_docs_per_row=int(pieces.max(initial=0)),
        truncated_tokens=rows.truncated,
    )


def _batch(rows: PackedRows, schema: pa.Schema) -> pa.RecordBatch:
    offsets = pa.array(rows.piece_offsets, pa.int32())
    starts = rows.doc_starts.astype(schema.field("doc_starts").type.value_type.to_pandas_dtype())
    lists = [
        pa.ListArray.from_arrays(offsets, pa.array(values), type=schema.field(name).type)
        for name, values in (("doc_starts", starts), ("doc_uid", rows.doc_uid), ("doc_cont", rows.doc_cont))
    ]
    tokens = pa.FixedSizeListArray.from_arrays(pa.array(rows.tokens.reshape(-1)), type=schema.field("tokens").type)
    columns = [tokens, lists[0], pa.array(rows.n_tokens), pa.array(rows.n_bytes), lists[1], lists[2]]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class _HashingSink(io.RawIOBase):
    """Passes bytes on and keeps their sha256, so that a shard need not be read back for its digest."""

    def __init__(self, sink: BinaryIO) -> None:
        self.sink, self.digest = sink, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        self.digest.update(data)
        self.sink.write(data)
        return len(data)

    def flush(self) -> None:
        if not self.sink.closed:
            self.sink.flush()
