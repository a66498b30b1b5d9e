"""What a corpus step found, as the next map task of a shard needs it: the shard's slice of every bucket's output.

Outputs are found from the seal alone. Each is sorted by id, so that a slice is a binary search and one contiguous read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.spans import united
from corpus_forge.document import Outcome, Removal, document_ids, with_column
from corpus_forge.engine.earlier import detail
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import MEMBER_DTYPE, REMOVAL_DTYPE
from corpus_forge.steps.span_step import ROW_SPAN_DTYPE, SPAN_DTYPE, SpanStep

CLUSTER_ID, CLUSTER_SIZE, CLUSTER_WEIGHT = "cluster_id", "cluster_size", "cluster_weight"


class Applies(Protocol):
    """Applies what was found to the batches of one shard."""

    @property
    def label(self) -> str:
        """Of the step."""

    def apply(self, batch: pa.RecordBatch) -> Outcome:
        """The batch with what was found applied to it."""


def reduce_fingerprint(seal: str, bucket: int, buckets: int) -> str:
    """Names the output of a reduce task, so that readers can find it from the seal alone."""
    return fingerprint("reduce", seal=seal, bucket=bucket, buckets=buckets)


def join_fingerprint(seal: str) -> str:
    """Names the output of a join task, which does not depend on the buckets."""
    return fingerprint("join", seal=seal, members=MEMBER_DTYPE.itemsize)


@dataclass(frozen=True)
class Removals:
    """The documents of one shard that a corpus step removed; of a step that joins, all that are in a group, with its size."""

    label: str
    rule: str
    ids: np.ndarray
    kept: np.ndarray
    ordinal: int
    sizes: np.ndarray | None = None
    runs: np.ndarray | None = None
    names: Sequence[str] = ()
    weights: Sequence[tuple[int, float]] = ()
    marks: bool = False

    @classmethod
    def load(cls, space: Workspace, where: Mapping[str, Any], ordinal: int) -> Removals:
        """Read the shard's slice from the output of every bucket; the smallest `kept` wins for an id named twice."""
        if where.get("joined"):
            members = _slice(space.output(where["joined"], "members"), MEMBER_DTYPE, ordinal)
            then = where.get("afterwards", {})
            told = members["size"], members["run"], where.get("names", ()), then.get("weights", ()), then.get("marks", False)
            return cls(where["label"], where["rule"], members["id"], members["kept"], ordinal, *told)
        rows = np.sort(_slices(space, where, REMOVAL_DTYPE, ordinal), order=("id", "kept"))
        ids, first_of = np.unique(rows["id"], return_index=True)
        return cls(where["label"], where["rule"], ids, rows["kept"][first_of], ordinal)

    def apply(self, batch: pa.RecordBatch) -> Outcome:
        """The batch, and for each document on the list the removal with the id of the one that stays; or marks of all."""
        ids = document_ids(self.ordinal, batch.column("record").to_numpy())
        place = np.searchsorted(self.ids, ids)
        listed = np.flatnonzero((place < len(self.ids)) & (np.append(self.ids, np.uint64(0))[place] == ids))
        kept, runs = self.kept[place[listed]], self._runs(place[listed])
        leaving = zip(listed.tolist(), ids[listed].tolist(), kept.tolist(), runs, strict=True)
        removed = {
            row: Removal(self.rule, None, detail(stays, run, self.names))
            for row, own, stays, run in leaving
            if run or own != stays
        }
        if self.sizes is not None:
            sizes = np.ones(batch.num_rows, np.uint32)
            sizes[listed] = self.sizes[place[listed]]
            batch = with_column(batch, CLUSTER_SIZE, pa.array(sizes))
            batch = self._weighted(batch, sizes)
        if self.marks:
            ids[listed] = kept
            marked = {f"{self.rule}: documents marked": len(removed)} if removed else {}
            return Outcome(with_column(batch, CLUSTER_ID, pa.array(ids)), cleaned=marked)
        return Outcome(batch, removed)

    def _runs(self, places: np.ndarray) -> list[int]:
        return [0] * len(places) if self.runs is None else self.runs[places].tolist()

    def _weighted(self, batch: pa.RecordBatch, sizes: np.ndarray) -> pa.RecordBatch:
        """With the weight of the largest least size that a group reaches."""
        if not self.weights:
            return batch
        least, weights = (np.array(column) for column in zip(*self.weights, strict=True))
        reached = np.maximum(np.searchsorted(least, sizes, side="right") - 1, 0)
        return with_column(batch, CLUSTER_WEIGHT, pa.array(weights[reached].astype(np.float32)))


@dataclass(frozen=True)
class Edits:
    """The spans of one shard that a corpus step found, united over all buckets; the step itself says what becomes of them."""

    label: str
    step: SpanStep
    found: np.ndarray
    ordinal: int

    @classmethod
    def load(cls, space: Workspace, where: Mapping[str, Any], ordinal: int, step: SpanStep) -> Edits:
        """Read the shard's slice from the output of every bucket."""
        return cls(where["label"], step, united(_slices(space, where, SPAN_DTYPE, ordinal)), ordinal)

    def apply(self, batch: pa.RecordBatch) -> Outcome:
        """What the step makes of the batch."""
        return self.step.edit(batch, self.of_batch(batch))

    def of_batch(self, batch: pa.RecordBatch) -> np.ndarray:
        """ROW_SPAN_DTYPE[k] of the documents of a batch, whose records ascend."""
        ids = document_ids(self.ordinal, batch.column("record").to_numpy())
        if not len(ids):
            return np.empty(0, ROW_SPAN_DTYPE)
        first, last = np.searchsorted(self.found["id"], [ids[0], ids[-1] + np.uint64(1)])
        near = self.found[first:last]
        rows = np.searchsorted(ids, near["id"])
        here = ids[rows] == near["id"]
        out = np.empty(int(here.sum()), ROW_SPAN_DTYPE)
        out["row"], out["start"], out["stop"] = rows[here], near["start"][here], near["stop"][here]
        return out


def _slices(space: Workspace, where: Mapping[str, Any], dtype: np.dtype, ordinal: int) -> np.ndarray:
    """The rows of one shard in the outputs of all buckets."""
    seal, buckets = where["seal"], where["buckets"]
    paths = [space.output(reduce_fingerprint(seal, bucket, buckets), "removals") for bucket in range(buckets)]
    return np.concatenate([np.empty(0, dtype), *(_slice(path, dtype, ordinal) for path in paths)])


def _slice(path: Path, dtype: np.dtype, ordinal: int) -> np.ndarray:
    """The rows of one shard in a file sorted by id."""
    if not path.stat().st_size:
        return np.empty(0, dtype)
    listed = np.memmap(path, dtype, "r")
    first, last = np.searchsorted(listed["id"], [np.uint64(ordinal << 32), np.uint64((ordinal + 1) << 32)])
    return np.array(listed[first:last])
