"""Notes on documents: what a corpus step wants to look up later, in two files beside a shard's keys.

`records` holds the record indices, ascending, `notes` one fixed-size row for each, so that any document's note is found by
a binary search in two memory maps. The price of a look-up is opening the maps of each shard that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np

from corpus_forge.engine.workspace import Workspace


class NotesWriter:
    """Appends notes batch by batch; without a dtype there is nothing to write and there are no files."""

    def __init__(self, space: Workspace, dtype: np.dtype | None) -> None:
        self.dtype = dtype
        self.files: dict[str, Path] = {name: space.scratch(name) for name in ("notes", "records")} if dtype is not None else {}
        self._open: dict[str, BinaryIO] = {}

    def __enter__(self) -> NotesWriter:
        self._open = {name: path.open("wb") for name, path in self.files.items()}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in self._open.values():
            file.close()

    def write(self, records: np.ndarray, notes: np.ndarray | None) -> None:
        """uint32[n] record indices, and a note for each."""
        if self.dtype is None:
            return
        if notes is None or notes.dtype != self.dtype or len(notes) != len(records):
            raise ValueError(f"{len(records)} documents need as many notes of {self.dtype}")
        self._open["records"].write(records.astype("<u4").tobytes())
        self._open["notes"].write(notes.tobytes())


class Notes:
    """Look-up by id: `Notes(...)(ids)`."""

    def __init__(self, space: Workspace, shards: Sequence[str | None], dtype: np.dtype | None) -> None:
        self.space, self.shards, self.dtype = space, shards, dtype

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The notes of uint64[k] ids, in their order."""
        if self.dtype is None:
            raise TypeError("the step keeps no notes")
        found = np.empty(len(ids), self.dtype)
        order = np.argsort(ids, kind="stable")
        ordinals = (ids[order] >> np.uint64(32)).astype(np.int64)
        cuts = np.flatnonzero(np.diff(ordinals)) + 1
        for rows in np.split(order, cuts) if len(ids) else ():
            fp = self.shards[int(ids[rows[0]] >> np.uint64(32))]
            if fp is None:
                raise ValueError("a document of a shard that is not there")
            records = np.memmap(self.space.output(fp, "records"), np.dtype("<u4"), "r")
            notes = np.memmap(self.space.output(fp, "notes"), self.dtype, "r")
            found[rows] = notes[np.searchsorted(records, (ids[rows] & np.uint64(0xFFFFFFFF)).astype(np.uint32))]
        return found
