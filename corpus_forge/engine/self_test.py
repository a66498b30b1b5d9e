"""Waves of a step that tests itself: sample → self-test, beside the waves that decide anything.

Each shard names its texts with the smallest hashes, and one task takes the smallest of all: a sample that depends on the texts
alone, of SAMPLE distinct ones, for a read of the documents. Only those are read again. Nothing here is part of what a run shows
but its report, and a run with the test gives the bytes of one without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow.compute as pc

from corpus_forge.config import PipelineConfig
from corpus_forge.dedup.exact import text_keys
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.state import Manifests, OfOneShard, Seal, State
from corpus_forge.engine.storage import read_batches, read_rows
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.steps.base import step_labels

SAMPLE = 500
SIZES = (200, 50_000)
"""Bytes of a text in the sample: a shorter one has too few shingles for a similarity, a longer one takes time."""
PICK_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("shard", "<u4"), ("batch", "<u4"), ("row", "<u4")])
"""A text by its hash, and where it is."""


def run_sample(context: Context, task: Task) -> dict[str, Any]:
    """The texts of one shard with the smallest hashes, each once."""
    space, picks = context.workspace, np.empty(0, PICK_DTYPE)
    for number, batch in enumerate(read_batches(space.output(task.payload["docs"], "documents"), ["text"])):
        check_interrupted()
        lengths = pc.fill_null(pc.binary_length(batch["text"]), 0).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero((lengths >= SIZES[0]) & (lengths <= SIZES[1]))
        fresh = np.zeros(len(rows), PICK_DTYPE)
        fresh["hi"], fresh["lo"] = text_keys(batch["text"].take(rows))
        fresh["batch"], fresh["row"] = number, rows
        picks = smallest(np.concatenate([picks, fresh]))
    path = space.scratch("sample")
    picks.tofile(path)
    return space.commit(task.fingerprint, {"sample": path}, {"kind": "sample", "stage": task.stage, "rows": len(picks)})


def smallest(picks: np.ndarray) -> np.ndarray:
    """The SAMPLE smallest of PICK_DTYPE[n] by hash, the first of each."""
    picks = picks[np.lexsort((picks["row"], picks["batch"], picks["shard"], picks["lo"], picks["hi"]))]
    new = np.ones(len(picks), bool)
    new[1:] = (picks["hi"][1:] != picks["hi"][:-1]) | (picks["lo"][1:] != picks["lo"][:-1])
    return picks[new][:SAMPLE]


def run_self_test(context: Context, task: Task) -> dict[str, Any]:
    """The step tests itself on the texts with the smallest hashes of all shards; its manifest says what it found."""
    space, step = context.workspace, context.config.steps[task.payload["step"]]
    members = space.read_json(f"work/data/{task.payload['seal']}.seal")
    samples, docs = members[: len(members) // 2], members[len(members) // 2 :]
    picks = np.empty(0, PICK_DTYPE)
    for shard, fp in enumerate(samples):
        if fp is not None:
            fresh = np.fromfile(space.output(fp, "sample"), PICK_DTYPE)
            fresh["shard"] = shard
            picks = smallest(np.concatenate([picks, fresh]))
    texts = [""] * len(picks)
    for shard in np.unique(picks["shard"]).tolist():
        chosen = np.flatnonzero(picks["shard"] == shard)
        places = list(zip(picks["batch"][chosen].tolist(), picks["row"][chosen].tolist(), strict=True))
        for number, text in zip(
            chosen.tolist(), read_rows(space.output(docs[shard], "documents"), "text", places), strict=True
        ):
            texts[number] = text
    facts = step.self_tested(texts, picks["lo"])
    return space.commit(task.fingerprint, {}, {"kind": "self_test", "stage": task.stage, "rows": len(picks), "facts": facts})


@dataclass(frozen=True)
class SampleStage(OfOneShard):
    """One task a shard."""

    config: PipelineConfig
    index: int
    kind: str = "sample"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: sample`."""
        return f"{self.steps[0]}: sample"

    def identity(self) -> dict[str, Any]:
        """What a sample is."""
        return {"sample": SAMPLE, "sizes": list(SIZES)}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard."""
        fps = [fingerprint("sample", **self.identity(), docs=docs) if docs else None for docs in state.docs]
        made = zip(state.shards, state.docs, fps, strict=True)
        return [Task("sample", self.name, shard.piece.uri, fp, {"docs": docs}) if fp else None for shard, docs, fp in made]

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """A shard whose sample failed is not in it; its documents stay."""
        return replace(state, samples=tuple(done))


@dataclass(frozen=True)
class SelfTestStage:
    """One task. The seal names the samples and the documents of all shards, in order."""

    config: PipelineConfig
    index: int
    kind: str = "self_test"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: self-test`."""
        return f"{self.steps[0]}: self-test"

    def identity(self) -> dict[str, Any]:
        """What is tested."""
        return {"steps": [self.config.steps[self.index].keying()], "self_test": 1}

    def seal(self, state: State) -> Seal:
        """Samples, then documents."""
        members = (*state.samples, *state.docs)
        return Seal(fingerprint("seal", **self.identity(), samples=list(members)), members)

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task."""
        seal = self.seal(state).name
        payload = {"step": self.index, "seal": seal}
        return [Task("self_test", self.name, self.name, fingerprint("self_test", seal=seal), payload)]

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """Nothing has changed."""
        return replace(state, samples=())
