"""Files of keys: what one shard hands to all reduce tasks, sorted by bucket, with an offset table in front.

A shard with more than RUN_ROWS keys writes several such runs one behind the other, so that memory does not follow its size. A
reduce task reads its bucket's range of every run, in the order of shards and runs. Ids are joined from the shard's place in
the seal, never stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

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


class KeyFile(NamedTuple):
    """The keys of one shard, and how many buckets they are sorted into."""

    ordinal: int
    path: Path
    buckets: int


def read_bucket(files: Sequence[KeyFile], bucket: int, buckets: int, stored: np.dtype, group: np.dtype) -> np.ndarray:
    """The rows of one of so many buckets of all shards, `row` replaced by `id`, shard after shard, written where they stay.

    A file that is sorted into another number of buckets is read where its own may hold rows of this one, and sifted.
    """
    ranges = [(file, *piece) for file in files for piece in _ranges(file, bucket, buckets, stored)]
    found, first = np.empty(sum(rows for *_, rows in ranges), group), 0
    for file, place, rows in ranges:
        keys = np.fromfile(file.path, stored, rows, offset=place)
        if file.buckets != buckets:
            keys = keys[keys["hi"] % np.uint64(buckets) == np.uint64(bucket)]
        part = found[first : first + len(keys)]
        part["id"] = document_ids(file.ordinal, keys["row"])
        for name in stored.names or ():
            if name != "row":
                part[name] = keys[name]
        first += len(keys)
    return found[:first]


def _ranges(file: KeyFile, bucket: int, buckets: int, stored: np.dtype) -> Iterator[tuple[int, int]]:
    """Where in the file rows of a bucket may lie, and how many they are, run by run.

    hi modulo `buckets` and hi modulo `file.buckets` agree modulo the common divisor of the two.
    """
    size, begin, common = file.path.stat().st_size, 0, gcd(buckets, file.buckets)
    while begin < size:
        table = np.fromfile(file.path, "<i8", file.buckets + 1, offset=begin)
        rows = begin + table.nbytes
        for its in range(bucket % common, file.buckets, common):
            first, last = table[its : its + 2].tolist()
            if last > first:
                yield rows + stored.itemsize * first, last - first
        begin = rows + stored.itemsize * int(table[-1])
