"""Where the files of all shards lie that a corpus step sees: those of earlier runs first, then this run's own.

Shards are numbered through, as if all inputs had been those of one run. So a document of an earlier run has a smaller id than
any of this run's, and what a reduce or join task does needs no other case for it. Ids are turned back into the run's own when
they are written down for its map tasks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np

from corpus_forge.engine.keys import KeyFile
from corpus_forge.engine.workspace import Workspace
from corpus_forge.io.key_index import KeyIndex

_NOTE_TYPES = ("<u4", "<u8")


@dataclass(frozen=True)
class Shelf:
    """`shards`: fingerprints of what this run's partition tasks made; `earlier`: indexes, in the order they count."""

    space: Workspace
    shards: Sequence[str | None]
    earlier: Sequence[KeyIndex] = ()

    @cached_property
    def starts(self) -> list[int]:
        """First shard of each earlier run, and then this run's."""
        return list(accumulate((index.shards for index in self.earlier), initial=0))

    @property
    def first(self) -> np.uint64:
        """The smallest id that a document of this run can have."""
        return np.uint64(self.starts[-1] << 32)

    def path(self, shard: int, name: str) -> Path:
        """The file `name` of a shard; ValueError for one that failed."""
        number, local = self._whose(shard)
        if number < len(self.earlier):
            return self.earlier[number].part(local, name)
        fp = self.shards[local]
        if fp is None:
            raise ValueError("a document of a shard that is not there")
        return self.space.output(fp, name)

    def notes_dtype(self, shard: int, own: np.dtype | None) -> np.dtype:
        """What the notes of a shard are made of: `own`, or what the earlier run kept."""
        number, _ = self._whose(shard)
        if number == len(self.earlier):
            return own or np.dtype("u1")
        notes = self.earlier[number].notes
        if any(kind not in _NOTE_TYPES for _, kind, *_ in notes):
            raise ValueError(f"{self.earlier[number].folder}: notes of another kind")
        return np.dtype([(name, kind, *map(tuple, shape)) for name, kind, *shape in notes])

    def key_files(self, buckets: int) -> list[KeyFile]:
        """The files of keys that are there, in the order of shards."""
        found = []
        for start, index in zip(self.starts, self.earlier, strict=False):
            there = (shard for shard in range(index.shards) if shard not in index.missing)
            found += [KeyFile(start + shard, index.part(shard, "keys"), index.buckets) for shard in there]
        own = ((self.starts[-1] + shard, fp) for shard, fp in enumerate(self.shards))
        return found + [KeyFile(shard, self.space.output(fp, "keys"), buckets) for shard, fp in own if fp is not None]

    def _whose(self, shard: int) -> tuple[int, int]:
        number = min(bisect_right(self.starts, shard) - 1, len(self.earlier))
        return number, shard - self.starts[number]
