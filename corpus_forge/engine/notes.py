"""Notes on documents: what a corpus step wants to look up later, in files beside a shard's keys.

`records` holds the record indices, ascending, `notes` one fixed-size row for each; where a step notes lists, `lists` has their
values one behind the other and `ends` where each of them ends. So any document's note is found by a binary search in memory
maps. A map is opened once for each shard and kept, the most recent MAPPED of them; look-ups go through them in order of ids.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np

from corpus_forge.engine.shelf import Shelf
from corpus_forge.engine.workspace import Workspace

MAPPED = 4096
"""Shards whose maps are kept open: each is two to four of the 65,530 that Linux allows a process."""
_DTYPES: dict[str, np.dtype] = {"records": np.dtype("<u4"), "ends": np.dtype("<i8"), "lists": np.dtype("<u8")}


class NotesWriter:
    """Appends notes batch by batch; where there is nothing to note there are no files."""

    def __init__(self, space: Workspace, dtype: np.dtype | None, lists: bool = False) -> None:
        self.dtype, self.with_lists = dtype, lists
        names = (["notes"] if dtype is not None else []) + (["ends", "lists"] if lists else [])
        self.files: dict[str, Path] = {name: space.scratch(name) for name in [*names, "records"]} if names else {}
        self._open: dict[str, BinaryIO] = {}
        self._end = 0

    def __enter__(self) -> NotesWriter:
        self._open = {name: path.open("wb") for name, path in self.files.items()}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in self._open.values():
            file.close()

    def write(self, records: np.ndarray, notes: np.ndarray | None, lists: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        """uint32[n] record indices; a note for each, and (values, lengths) of a list for each."""
        if self.dtype is not None:
            if notes is None or notes.dtype != self.dtype or len(notes) != len(records):
                raise ValueError(f"{len(records)} documents need as many notes of {self.dtype}")
            self._open["notes"].write(notes.tobytes())
        if self.with_lists:
            if lists is None or len(lists[1]) != len(records):
                raise ValueError(f"{len(records)} documents need as many lists")
            ends = self._end + np.cumsum(lists[1], dtype=np.int64)
            self._end = int(ends[-1]) if len(ends) else self._end
            self._open["ends"].write(ends.astype("<i8").tobytes())
            self._open["lists"].write(lists[0].astype("<u8").tobytes())
        if self.files:
            self._open["records"].write(records.astype("<u4").tobytes())


class Notes:
    """Look-up by id, numbered as the shelf does: `Notes(...)(ids)`, `.lists(ids)`."""

    def __init__(self, shelf: Shelf, dtype: np.dtype | None) -> None:
        self.shelf, self.dtype = shelf, dtype
        self._maps: OrderedDict[int, dict[str, np.ndarray]] = OrderedDict()

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The notes of uint64[k] ids, in their order."""
        if self.dtype is None:
            raise TypeError("the step keeps no notes")
        found = np.empty(len(ids), self.dtype)
        for rows, ordinal, places in self._places(ids):
            stored = self._map(ordinal, "notes")
            if stored.dtype == self.dtype:
                found[rows] = stored[places]
                continue
            # An earlier run may have kept less, or more: what is not there is never looked at.
            for name in (each for each in self.dtype.names or () if each in (stored.dtype.names or ())):
                found[name][rows] = stored[name][places]
        return found

    def list_lengths(self, ids: np.ndarray) -> np.ndarray:
        """int64[k]."""
        return np.diff(self._list_bounds(ids), axis=1)[:, 0]

    def lists(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(values, offsets): uint64[m] and int64[k + 1], in the order of the ids."""
        bounds = self._list_bounds(ids)
        offsets = np.concatenate([[0], np.cumsum(bounds[:, 1] - bounds[:, 0])])
        values = np.empty(offsets[-1], np.uint64)
        for rows, ordinal, _ in self._places(ids):
            stored = self._map(ordinal, "lists")
            for row in rows.tolist():
                values[offsets[row] : offsets[row + 1]] = stored[bounds[row, 0] : bounds[row, 1]]
        return values, offsets

    def _list_bounds(self, ids: np.ndarray) -> np.ndarray:
        """int64[k, 2]: where the list of each begins and ends in its file."""
        bounds = np.zeros((len(ids), 2), np.int64)
        for rows, ordinal, places in self._places(ids):
            ends = self._map(ordinal, "ends")
            bounds[rows, 1] = ends[places]
            bounds[rows, 0] = np.where(places > 0, ends[places - 1], 0)
        return bounds

    def _places(self, ids: np.ndarray) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
        """For each shard, ascending: which of the ids are its, its ordinal, and their places in its files."""
        order = np.argsort(ids, kind="stable")
        ordinals = (ids[order] >> np.uint64(32)).astype(np.int64)
        cuts = np.flatnonzero(np.diff(ordinals)) + 1
        for rows in np.split(order, cuts) if len(ids) else ():
            ordinal = int(ids[rows[0]] >> np.uint64(32))
            records = (ids[rows] & np.uint64(0xFFFFFFFF)).astype(np.uint32)
            yield rows, ordinal, np.searchsorted(self._map(ordinal, "records"), records)

    def _map(self, ordinal: int, name: str) -> np.ndarray:
        maps = self._maps.setdefault(ordinal, {})
        self._maps.move_to_end(ordinal)
        if len(self._maps) > MAPPED:
            self._maps.popitem(last=False)
        if name not in maps:
            path = self.shelf.path(ordinal, name)
            dtype = _DTYPES[name] if name in _DTYPES else self.shelf.notes_dtype(ordinal, self.dtype)
            maps[name] = np.memmap(path, dtype, "r") if path.stat().st_size else np.empty(0, dtype)
        return maps[name]
