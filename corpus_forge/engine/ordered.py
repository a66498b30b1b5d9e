"""Corpus steps that depend on input order: list → walk → apply.

Each shard lists its units and their values in two files; one task walks through the files of all shards in the order of the
seal, and writes spans where a reduce task of one bucket would, so that they are applied in the same way. The files are mapped
into memory, not read: the walk holds what its walker holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from corpus_forge.config import PipelineConfig
from corpus_forge.document import document_ids
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.removals import reduce_fingerprint
from corpus_forge.engine.state import Manifests, OfOneShard, Seal, State
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.steps.base import step_labels
from corpus_forge.steps.ordered_step import ROW_DTYPE, OrderedStep
from corpus_forge.steps.span_step import SPAN_DTYPE


def run_list(context: Context, task: Task) -> dict[str, Any]:
    """Units and values of one shard. `row` of each unit becomes the record index."""
    space, step = context.workspace, _step(context, task)
    paths = {"units": space.scratch("units"), "values": space.scratch("values")}
    total = 0
    with paths["units"].open("wb") as listing, paths["values"].open("wb") as store:
        for batch in read_batches(space.output(task.payload["docs"], "documents")):
            check_interrupted()
            units, values = step.units(batch)
            units["row"] = batch.column("record").to_numpy()[units["row"]]
            listing.write(units.astype(ROW_DTYPE, copy=False).tobytes())
            store.write(values.astype("<u8", copy=False).tobytes())
            total += len(values)
    return space.commit(task.fingerprint, paths, {"kind": "list", "stage": task.stage, "rows": total})


def run_walk(context: Context, task: Task) -> dict[str, Any]:
    """All shards, one after the other; spans of all of them, sorted by id, and what the walker says."""
    payload, space = task.payload, context.workspace
    shards = space.read_json(f"work/data/{payload['seal']}.seal")
    paths = {ordinal: (space.output(fp, "units"), space.output(fp, "values")) for ordinal, fp in enumerate(shards) if fp}
    walker = _step(context, task).walker(sum(values.stat().st_size // 8 for _, values in paths.values()))
    scratch, rows = space.scratch("removals"), 0
    with scratch.open("wb") as sink:
        for ordinal, (units, values) in paths.items():
            for found in walker.walk(_mapped(units, ROW_DTYPE), _mapped(values, np.dtype("<u8"))):
                check_interrupted()
                rows += _write(sink, ordinal, found)
    manifest = {"kind": "walk", "stage": task.stage, "rows": rows, "facts": walker.facts()}
    return space.commit(task.fingerprint, {"removals": scratch}, manifest)


def _write(sink: BinaryIO, ordinal: int, found: np.ndarray) -> int:
    spans = np.empty(len(found), SPAN_DTYPE)
    spans["id"] = document_ids(ordinal, found["row"])
    spans["start"], spans["stop"] = found["start"], found["stop"]
    sink.write(spans.tobytes())
    return len(spans)


def _mapped(path: Path, dtype: np.dtype) -> np.ndarray:
    return np.memmap(path, dtype, "r") if path.stat().st_size else np.empty(0, dtype)


def _step(context: Context, task: Task) -> OrderedStep:
    step = context.config.steps[task.payload["step"]]
    if not isinstance(step, OrderedStep):
        raise TypeError(f"step {task.payload['step']} ({step.name}) does not walk")
    return step


@dataclass(frozen=True)
class ListStage(OfOneShard):
    """First wave: two files a shard."""

    config: PipelineConfig
    index: int
    step: OrderedStep
    kind: str = "list"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: list`."""
        return f"{self.steps[0]}: list"

    def identity(self) -> dict[str, Any]:
        """What is listed."""
        return {"steps": [self.step.listing()]}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard."""
        tasks: list[Task | None] = []
        for shard, docs in zip(state.shards, state.docs, strict=True):
            fp = fingerprint("list", **self.identity(), docs=docs)
            payload = {"step": self.index, "docs": docs}
            tasks.append(Task("list", self.name, shard.piece.uri, fp, payload) if docs else None)
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The lists are known; a shard whose list failed is out."""
        docs = tuple(fp if listed else None for fp, listed in zip(state.docs, done, strict=True))
        return replace(state, docs=docs, keys=tuple(done))


@dataclass(frozen=True)
class WalkStage:
    """Second wave: one task. The seal names the lists of all shards, in order."""

    config: PipelineConfig
    index: int
    step: OrderedStep
    kind: str = "walk"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: walk`."""
        return f"{self.steps[0]}: walk"

    def identity(self) -> dict[str, Any]:
        """What the step finds."""
        return {"steps": [self.step.finding()]}

    def seal(self, state: State) -> Seal:
        """The step and the lists of all shards in order."""
        return Seal(fingerprint("seal", **self.identity(), keys=list(state.keys)), state.keys)

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task."""
        seal = self.seal(state).name
        payload = {"step": self.index, "seal": seal}
        return [Task("walk", self.name, self.name, reduce_fingerprint(seal, 0, 1), payload)]

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """Spans wait to be applied by the map stage that follows."""
        seal = self.seal(state).name
        where = {"label": self.steps[0], "rule": self.step.rule(), "seal": seal, "buckets": 1, "edits": self.index}
        return replace(state, removals=where, keys=())
