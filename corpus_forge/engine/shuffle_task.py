"""One file of a shuffled mixture: its rows copied out of the packed shards of all parts.

Packed shards are opened one after another, each for all of its rows that are wanted, so memory is that of the file that is
written, and of one mapped shard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.tokens.holdout import TRAIN
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import Shard, write_shard
from corpus_forge.tokens.shuffled import MIXED, MIXTURE, shuffled_rows


class _Packed(NamedTuple):
    """A packed shard: the task that made it, whose rows they are, and how many."""

    fp: str
    part: str
    rows: int


def run_shuffle(context: Context, task: Task) -> dict[str, Any]:
    """Rows `first` to `stop` of the mixture."""
    space, payload = context.workspace, task.payload
    packed = _packed(space, payload["packed"])
    wanted = dict(sorted(payload["rows"].items()))
    held = {name: sum(each.rows for each in packed if each.part == name) for name in wanted}
    places = shuffled_rows(held, wanted, context.config.seed, payload["first"], payload["stop"])
    mixed = _Mixed(len(places.row))
    tokens: dict[str, int] = {}
    for number, name in enumerate(wanted):
        tokens[name] = mixed.copy(space, [each for each in packed if each.part == name], places.row, places.part == number)
    path = space.scratch("arrow")
    with path.open("wb") as sink:
        entry = write_shard(sink, mixed.finish(), mixed.metadata(), path="")
    manifest = {"kind": "shuffle", "stage": task.stage, "rows": entry.rows, "entry": asdict(entry), "parts": tokens}
    return space.commit(task.fingerprint, {"arrow": path}, manifest)


class _Mixed:
    """`n` rows, filled from one packed shard after another."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.tokens: np.ndarray | None = None
        self.n_tokens, self.n_bytes = np.zeros(n, np.int32), np.zeros(n, np.uint32)
        self.pieces: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.zeros(0), np.zeros(0), np.zeros(0))] * n
        self._meta: ShardMetadata | None = None

    def copy(self, space: Workspace, packed: Sequence[_Packed], rows: np.ndarray, mine: np.ndarray) -> int:
        """Fill the places where `mine` (bool[n]) with these rows of a part (int64[n]); how many tokens they have."""
        ends = np.cumsum([each.rows for each in packed])
        at = np.flatnonzero(mine)
        shards = np.searchsorted(ends, rows[at], "right")
        for number in np.unique(shards).tolist():
            check_interrupted()
            chosen = at[shards == number]
            shard = Shard(space.output(packed[number].fp, "arrow"))
            self._fill(shard, chosen, rows[chosen] - (ends[number] - packed[number].rows))
            shard.close()
        return int(self.n_tokens[at].sum(dtype=np.int64))

    def metadata(self) -> ShardMetadata:
        """That of the packed shards, as one source whose rows are mixed."""
        assert self._meta is not None
        return replace(self._meta, source=MIXTURE, split=TRAIN, packing=MIXED)

    def finish(self) -> PackedRows:
        """All rows."""
        assert self.tokens is not None
        offsets = np.cumsum([0] + [len(starts) for starts, _, _ in self.pieces])
        starts, uids, conts = (np.concatenate(column) for column in zip(*self.pieces, strict=True))
        return PackedRows(self.tokens, self.n_tokens, self.n_bytes, offsets, starts.astype(np.int64), uids, conts)

    def _fill(self, shard: Shard, places: np.ndarray, rows: np.ndarray) -> None:
        self._meta = self._meta or shard.metadata
        if self.tokens is None:
            self.tokens = np.empty((self.n, shard.metadata.seq_len), shard.metadata.token_dtype)
        self.tokens[places] = shard.tokens[rows]
        self.n_tokens[places], self.n_bytes[places] = shard.n_tokens[rows], shard.n_bytes[rows]
        continues, edges = shard.doc_cont, shard.piece_offsets
        for place, first, last in zip(places.tolist(), edges[rows].tolist(), edges[rows + 1].tolist(), strict=True):
            own = slice(first, last)
            self.pieces[place] = (shard.doc_starts[own].copy(), shard.doc_uid[own].copy(), continues[own])


def _packed(space: Workspace, seal: str) -> list[_Packed]:
    """The packed shards of split `train`, in order."""
    manifests = ((fp, (space.manifest(fp) or {})["entry"]) for fp in space.read_json(f"work/data/{seal}.seal") if fp)
    return [_Packed(fp, entry["source"], entry["rows"]) for fp, entry in manifests if entry["split"] == TRAIN]
