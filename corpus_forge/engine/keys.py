"""Files of keys: what one shard hands to all reduce tasks, sorted by bucket, with an offset table in front.

A shard with more than RUN_ROWS keys writes several such runs one behind the other, so that memory does not follow its size. A
reduce task reads its bucket's range of every run, in the order of shards and runs. Ids are joined from the shard's place in
the seal, never stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from corpus_forge.document import document_ids

RUN_ROWS = 1 << 22
"""Keys sorted at a time: 120 MB, and twice that while they are sorted."""


class KeysWriter:
    """Appends keys batch by batch. There is at least one run, so that a shard without keys has a file that says so."""

    def __init__(self, path: Path, dtype: np.dtype, buckets: int) -> None:
        self.path, self.dtype, self.buckets = path, dtype, buckets
        self.rows = self._waiting = 0
        self._parts: list[np.ndarray] = []

    def __enter__(self) -> KeysWriter:
        self._file = self.path.open("wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and (self._waiting or not self.rows):
            self._flush()
        self._file.close()

    def write(self, keys: np.ndarray) -> None:
        """Keys whose `row` is the record index."""
        self._parts.append(keys)
        self._waiting += len(keys)
        self.rows += len(keys)
        if self._waiting >= RUN_ROWS:
            self._flush()

    def _flush(self) -> None:
        keys = np.concatenate([np.empty(0, self.dtype), *self._parts])
        self._parts, self._waiting = [], 0
        bucket = (keys["hi"] % np.uint64(self.buckets)).astype(np.int64)
        order = np.argsort(bucket, kind="stable")
        offsets = np.searchsorted(bucket[order], np.arange(self.buckets + 1))
        self._file.write(offsets.astype("<i8").tobytes())
        self._file.write(keys[order].tobytes())


def read_bucket(paths: Sequence[tuple[int, Path]], bucket: int, buckets: int, stored: np.dtype, group: np.dtype) -> np.ndarray:
    """The rows of one bucket of all shards, `row` replaced by `id`, shard after shard, written where they stay."""
    ranges = [(ordinal, path, place, rows) for ordinal, path in paths for place, rows in _ranges(path, bucket, buckets, stored)]
    found, first = np.empty(sum(rows for *_, rows in ranges), group), 0
    for ordinal, path, place, rows in ranges:
        keys, part = np.fromfile(path, stored, rows, offset=place), found[first : first + rows]
        part["id"] = document_ids(ordinal, keys["row"])
        for name in stored.names or ():
            if name != "row":
                part[name] = keys[name]
        first += rows
    return found


def _ranges(path: Path, bucket: int, buckets: int, stored: np.dtype) -> Iterator[tuple[int, int]]:
    """Where in the file the rows of a bucket lie, and how many they are, run by run."""
    size, begin = path.stat().st_size, 0
    while begin < size:
        table = np.fromfile(path, "<i8", buckets + 1, offset=begin)
        rows = begin + table.nbytes
        first, last = table[bucket : bucket + 2].tolist()
        yield rows + stored.itemsize * first, last - first
        begin = rows + stored.itemsize * int(table[-1])
