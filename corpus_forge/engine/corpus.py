"""Corpus steps: partition → reduce → apply, and for steps that join partition → reduce → join → apply.

Each shard writes ONE file of keys, sorted into buckets with an offset table in front; a reduce task reads its bucket's
range from every file, brings equal keys together and writes who leaves, sorted by id; the next map task of a shard reads
its contiguous slice of those. So there are as many objects as shards and buckets, not their product. Ids are joined from
the shard's place in the seal, never stored.

A step that joins names pairs; each reduce task connects its own, so that it writes fewer pairs than it has ids, and one join
task connects those of all buckets. Which bucket a pair was in leaves no trace in the groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.components import Forest
from corpus_forge.document import Outcome, Removal, document_ids, with_column
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.notes import Notes, NotesWriter
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import GROUP_DTYPE, KEY_DTYPE, MEMBER_DTYPE, REMOVAL_DTYPE, CorpusStep

PAIRS_AT_ONCE = 1 << 20
CLUSTER_SIZE = "cluster_size"


def run_partition(context: Context, task: Task) -> dict[str, Any]:
    """Keys of one shard, sorted by bucket. `row` of each key becomes the record index."""
    payload, space = task.payload, context.workspace
    step = _corpus_step(context, payload["step"])
    parts = [np.empty(0, KEY_DTYPE)]
    files = {"keys": space.scratch("keys")}
    with NotesWriter(space, step.notes_dtype()) as notes:
        for batch in read_batches(space.output(payload["docs"], "documents")):
            check_interrupted()
            records = batch.column("record").to_numpy()
            keys, noted = step.survey(batch)
            keys["row"] = records[keys["row"]]
            parts.append(keys)
            notes.write(records, noted)
    _write_runs(files["keys"], np.concatenate(parts), payload["buckets"])
    manifest = {"kind": "partition", "stage": task.stage, "rows": sum(map(len, parts))}
    return space.commit(task.fingerprint, {**files, **notes.files}, manifest)


def _write_runs(path: Path, keys: np.ndarray, buckets: int) -> None:
    """int64[buckets + 1] offsets in rows, then the rows bucket by bucket."""
    bucket = (keys["hi"] % np.uint64(buckets)).astype(np.int64)
    order = np.argsort(bucket, kind="stable")
    offsets = np.searchsorted(bucket[order], np.arange(buckets + 1))
    with path.open("wb") as file:
        file.write(offsets.astype("<i8").tobytes())
        file.write(keys[order].tobytes())


def _read_run(path: Path, bucket: int, buckets: int) -> np.ndarray:
    """KEY_DTYPE[m]: the rows of one bucket of one file."""
    first, length = _run_bounds(path, bucket)
    return np.fromfile(path, KEY_DTYPE, length, offset=8 * (buckets + 1) + KEY_DTYPE.itemsize * first)


def _run_bounds(path: Path, bucket: int) -> tuple[int, int]:
    """First row of a bucket in a file, and how many there are."""
    first, last = np.fromfile(path, "<i8", 2, offset=8 * bucket).tolist()
    return first, last - first


def run_reduce(context: Context, task: Task) -> dict[str, Any]:
    """One bucket of all shards: group equal keys, ask the step who leaves, write that sorted by id."""
    payload, space = task.payload, context.workspace
    shards = space.read_json(f"work/data/{payload['seal']}.seal")
    paths = [(ordinal, space.output(fp, "keys")) for ordinal, fp in enumerate(shards) if fp is not None]
    rows = _read_bucket(paths, payload["bucket"], payload["buckets"])
    rows = rows[grouped_order(rows["hi"], rows["lo"], rows["id"])]
    step, path = _corpus_step(context, payload["step"]), space.scratch("removals")
    if step.joins():
        pairs = step.pair(rows, Notes(space, shards, step.notes_dtype()))
        del rows
        removals = _connected(pairs)
    else:
        removals = _distinct(step.reduce(rows))
    removals.tofile(path)
    return space.commit(task.fingerprint, {"removals": path}, {"kind": "reduce", "stage": task.stage, "rows": len(removals)})


def grouped_order(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """int64[n], as `np.lexsort((ids, lo, hi))`.

    Rows come in the order of ids, and equal `hi` nearly always mean equal `lo`: one stable sort is then enough, at a fifth of
    the time of three, and looking whether it was costs little.
    """
    order = np.argsort(hi, kind="stable")
    tied = np.flatnonzero(np.diff(hi[order]) == 0)
    first, second = order[tied], order[tied + 1]
    done = (lo[first] < lo[second]) | ((lo[first] == lo[second]) & (ids[first] <= ids[second]))
    return order if done.all() else np.lexsort((ids, lo, hi))


def _distinct(removals: np.ndarray) -> np.ndarray:
    """Sorted by (id, kept), each once."""
    removals = removals[np.lexsort((removals["kept"], removals["id"]))]
    new = np.ones(len(removals), bool)
    new[1:] = (removals["id"][1:] != removals["id"][:-1]) | (removals["kept"][1:] != removals["kept"][:-1])
    return removals[new]


def _connected(pairs: np.ndarray) -> np.ndarray:
    """REMOVAL_DTYPE[k]: for each id in pairs the smallest id it is connected with, itself excepted."""
    forest = Forest()
    for first in range(0, len(pairs), PAIRS_AT_ONCE):
        piece = pairs[first : first + PAIRS_AT_ONCE]
        forest.add(piece["id"], piece["kept"])
    ids, roots = forest.groups()
    later = ids != roots
    found = np.empty(int(later.sum()), REMOVAL_DTYPE)
    found["id"], found["kept"] = ids[later], roots[later]
    return found


def run_join(context: Context, task: Task) -> dict[str, Any]:
    """Connect the pairs of all buckets, let the step elect who stays, write all members of groups sorted by id."""
    payload, space = task.payload, context.workspace
    step, forest = _corpus_step(context, payload["step"]), Forest()
    for bucket in range(payload["buckets"]):
        check_interrupted()
        fp = reduce_fingerprint(payload["seal"], bucket, payload["buckets"])
        pairs = np.fromfile(space.output(fp, "removals"), REMOVAL_DTYPE)
        forest.add(pairs["id"], pairs["kept"])
    ids, groups = forest.groups()
    members = np.empty(len(ids), MEMBER_DTYPE)
    shards = space.read_json(f"work/data/{payload['seal']}.seal")
    members["id"], members["kept"] = ids, step.elect(ids, groups, Notes(space, shards, step.notes_dtype()))
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    members["size"] = sizes[group]
    path = space.scratch("members")
    members.tofile(path)
    return space.commit(task.fingerprint, {"members": path}, {"kind": "join", "stage": task.stage, "rows": len(members)})


def _read_bucket(paths: Sequence[tuple[int, Path]], bucket: int, buckets: int) -> np.ndarray:
    """GROUP_DTYPE[n]: the rows of one bucket of all shards, shard after shard, written where they stay."""
    lengths = [_run_bounds(path, bucket)[1] for _, path in paths]
    rows, first = np.empty(sum(lengths), GROUP_DTYPE), 0
    for (ordinal, path), length in zip(paths, lengths, strict=True):
        keys, part = _read_run(path, bucket, buckets), rows[first : first + length]
        part["hi"], part["lo"], part["id"] = keys["hi"], keys["lo"], document_ids(ordinal, keys["row"])
        first += length
    return rows


def _corpus_step(context: Context, index: int) -> CorpusStep:
    step = context.config.steps[index]
    if not isinstance(step, CorpusStep):
        raise TypeError(f"step {index} ({step.name}) is no corpus step")
    return step


def reduce_fingerprint(seal: str, bucket: int, buckets: int) -> str:
    """Names the output of a reduce task, so that readers can find it from the seal alone."""
    return fingerprint("reduce", seal=seal, bucket=bucket, buckets=buckets)


def join_fingerprint(seal: str) -> str:
    """Names the output of a join task, which does not depend on the buckets."""
    return fingerprint("join", seal=seal)


@dataclass(frozen=True)
class Removals:
    """The documents of one shard that a corpus step removed; of a step that joins, all that are in a group, with its size."""

    label: str
    rule: str
    ids: np.ndarray
    kept: np.ndarray
    ordinal: int
    sizes: np.ndarray | None = None

    @classmethod
    def load(cls, space: Workspace, where: dict[str, Any], ordinal: int) -> Removals:
        """Read the shard's slice from the output of every bucket; the smallest `kept` wins for an id named twice."""
        if where.get("joined"):
            members = _slice(space.output(where["joined"], "members"), MEMBER_DTYPE, ordinal)
            return cls(where["label"], where["rule"], members["id"], members["kept"], ordinal, members["size"])
        parts = [np.empty(0, REMOVAL_DTYPE)]
        for bucket in range(where["buckets"]):
            path = space.output(reduce_fingerprint(where["seal"], bucket, where["buckets"]), "removals")
            parts.append(_slice(path, REMOVAL_DTYPE, ordinal))
        rows = np.sort(np.concatenate(parts), order=("id", "kept"))
        ids, first_of = np.unique(rows["id"], return_index=True)
        return cls(where["label"], where["rule"], ids, rows["kept"][first_of], ordinal)

    def apply(self, batch: pa.RecordBatch) -> Outcome:
        """The batch, and for each document on the list the removal with the id of the one that stays."""
        ids = document_ids(self.ordinal, batch.column("record").to_numpy())
        place = np.searchsorted(self.ids, ids)
        listed = np.flatnonzero((place < len(self.ids)) & (np.append(self.ids, np.uint64(0))[place] == ids))
        kept = self.kept[place[listed]]
        leaving = zip(listed.tolist(), ids[listed].tolist(), kept.tolist(), strict=True)
        removed = {row: Removal(self.rule, None, str(stays)) for row, own, stays in leaving if own != stays}
        if self.sizes is not None:
            sizes = np.ones(batch.num_rows, np.uint32)
            sizes[listed] = self.sizes[place[listed]]
            batch = with_column(batch, CLUSTER_SIZE, pa.array(sizes))
        return Outcome(batch, removed)


def _slice(path: Path, dtype: np.dtype, ordinal: int) -> np.ndarray:
    """The rows of one shard in a file sorted by id."""
    if not path.stat().st_size:
        return np.empty(0, dtype)
    listed = np.memmap(path, dtype, "r")
    first, last = np.searchsorted(listed["id"], [np.uint64(ordinal << 32), np.uint64((ordinal + 1) << 32)])
    return np.array(listed[first:last])
