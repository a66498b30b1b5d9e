"""Corpus steps: partition → reduce → apply.

Each shard writes ONE file of keys, sorted into buckets with an offset table in front; a reduce task reads its bucket's
range from every file, brings equal keys together and writes who leaves, sorted by id; the next map task of a shard reads
its contiguous slice of those. So there are as many objects as shards and buckets, not their product. Ids are joined from
the shard's place in the seal, never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.document import Outcome, Removal, document_ids
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import GROUP_DTYPE, KEY_DTYPE, REMOVAL_DTYPE, CorpusStep


def run_partition(context: Context, task: Task) -> dict[str, Any]:
    """Keys of one shard, sorted by bucket. `row` of each key becomes the record index."""
    payload, space = task.payload, context.workspace
    step = _corpus_step(context, payload["step"])
    parts = [np.empty(0, KEY_DTYPE)]
    for batch in read_batches(space.output(payload["docs"], "documents")):
        check_interrupted()
        keys = step.partition(batch)
        keys["row"] = batch.column("record").to_numpy()[keys["row"]]
        parts.append(keys)
    path = space.scratch("keys")
    _write_runs(path, np.concatenate(parts), payload["buckets"])
    return space.commit(
        task.fingerprint, {"keys": path}, {"kind": "partition", "stage": task.stage, "rows": sum(map(len, parts))}
    )


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
    with path.open("rb") as file:
        offsets = np.frombuffer(file.read(8 * (buckets + 1)), "<i8")
        first, last = int(offsets[bucket]), int(offsets[bucket + 1])
        file.seek(8 * (buckets + 1) + KEY_DTYPE.itemsize * first)
        return np.frombuffer(file.read(KEY_DTYPE.itemsize * (last - first)), KEY_DTYPE)


def run_reduce(context: Context, task: Task) -> dict[str, Any]:
    """One bucket of all shards: group equal keys, ask the step who leaves, write that sorted by id."""
    payload, space = task.payload, context.workspace
    shards = space.read_json(f"work/data/{payload['seal']}.seal")
    groups = [np.empty(0, GROUP_DTYPE)]
    for ordinal, keys_of in enumerate(shards):
        if keys_of is not None:
            keys = _read_run(space.output(keys_of, "keys"), payload["bucket"], payload["buckets"])
            groups.append(_with_ids(keys, ordinal))
    rows = np.concatenate(groups)
    rows = rows[np.lexsort((rows["id"], rows["lo"], rows["hi"]))]
    removals = np.unique(_corpus_step(context, payload["step"]).reduce(rows))
    path = space.scratch("removals")
    removals.tofile(path)
    return space.commit(task.fingerprint, {"removals": path}, {"kind": "reduce", "stage": task.stage, "rows": len(removals)})


def _with_ids(keys: np.ndarray, ordinal: int) -> np.ndarray:
    rows = np.empty(len(keys), GROUP_DTYPE)
    rows["hi"], rows["lo"] = keys["hi"], keys["lo"]
    rows["id"] = document_ids(ordinal, keys["row"])
    return rows


def _corpus_step(context: Context, index: int) -> CorpusStep:
    step = context.config.steps[index]
    if not isinstance(step, CorpusStep):
        raise TypeError(f"step {index} ({step.name}) is no corpus step")
    return step


def reduce_fingerprint(seal: str, bucket: int, buckets: int) -> str:
    """Names the output of a reduce task, so that readers can find it from the seal alone."""
    return fingerprint("reduce", seal=seal, bucket=bucket, buckets=buckets)


@dataclass(frozen=True)
class Removals:
    """The documents of one shard that a corpus step removed."""

    label: str
    rule: str
    ids: np.ndarray
    kept: np.ndarray
    ordinal: int

    @classmethod
    def load(cls, space: Workspace, where: dict[str, Any], ordinal: int) -> Removals:
        """Read the shard's slice from the output of every bucket; the smallest `kept` wins for an id named twice."""
        low, high = np.uint64(ordinal << 32), np.uint64((ordinal + 1) << 32)
        parts = [np.empty(0, REMOVAL_DTYPE)]
        for bucket in range(where["buckets"]):
            path = space.output(reduce_fingerprint(where["seal"], bucket, where["buckets"]), "removals")
            if path.stat().st_size:
                listed = np.memmap(path, REMOVAL_DTYPE, "r")
                first, last = np.searchsorted(listed["id"], [low, high])
                parts.append(np.array(listed[first:last]))
        rows = np.sort(np.concatenate(parts), order=("id", "kept"))
        ids, first_of = np.unique(rows["id"], return_index=True)
        return cls(where["label"], where["rule"], ids, rows["kept"][first_of], ordinal)

    def apply(self, batch: pa.RecordBatch) -> Outcome:
        """The batch, and for each document on the list the removal with the id of the one that stays."""
        ids = document_ids(self.ordinal, batch.column("record").to_numpy())
        place = np.searchsorted(self.ids, ids)
        listed = np.flatnonzero((place < len(self.ids)) & (np.append(self.ids, np.uint64(0))[place] == ids))
        removed = {int(row): Removal(self.rule, None, str(self.kept[place[row]])) for row in listed}
        return Outcome(batch, removed)
