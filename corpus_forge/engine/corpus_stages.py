"""The stages of a corpus step: partition and reduce, once or in several rounds, and join for a step that joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.earlier import earlier_names
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.ordered import ListStage, WalkStage
from corpus_forge.engine.overlaps import source_starts
from corpus_forge.engine.removals import join_fingerprint, reduce_fingerprint
from corpus_forge.engine.self_test import SampleStage, SelfTestStage
from corpus_forge.engine.shards import Shard
from corpus_forge.engine.state import Manifests, OfOneShard, Seal, Stage, State
from corpus_forge.engine.tasks import Task
from corpus_forge.steps.base import CorpusStep, step_labels
from corpus_forge.steps.ordered_step import OrderedStep
from corpus_forge.steps.span_step import SpanStep

BYTES_PER_BUCKET = 32 << 30
"""Input bytes to one reduce task at one key a document: some 16 M documents, 400 MB of keys."""
BYTES_PER_KEY = 2 << 10
"""Input bytes that a key of an earlier run stands for."""


@dataclass(frozen=True)
class PartitionStage(OfOneShard):
    """First wave of a corpus step: one file of keys a shard."""

    config: PipelineConfig
    index: int
    round: int = 0
    kind: str = "partition"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: partition`, and its number from the second one on."""
        return f"{self.steps[0]}: partition{_numbered(self.round)}"

    def identity(self) -> dict[str, Any]:
        """What the keys of the corpus step are made from."""
        return {"steps": [self.config.steps[self.index].keying()]}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard."""
        buckets = bucket_count(self.config.steps[self.index], state.shards)
        identity, found, tasks = self.identity(), state.removals if self.round else None, []
        for shard, docs in zip(state.shards, state.docs, strict=True):
            before = {"before": found["seal"], "ordinal": shard.ordinal} if found else {}
            fp = fingerprint("partition", **identity, docs=docs, buckets=buckets, **before)
            payload = {"step": self.index, "docs": docs, "buckets": buckets, "found": found, "ordinal": shard.ordinal}
            tasks.append(Task("partition", self.name, shard.piece.uri, fp, payload) if docs else None)
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The keys are known; a shard whose keys failed is out."""
        docs = tuple(fp if key else None for fp, key in zip(state.docs, done, strict=True))
        return replace(state, docs=docs, keys=tuple(done))


@dataclass(frozen=True)
class ReduceStage:
    """Second wave of a corpus step: one task a bucket. The seal names the keys of all shards, in order."""

    config: PipelineConfig
    index: int
    round: int = 0
    kind: str = "reduce"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: reduce`, and its number from the second one on."""
        return f"{self.steps[0]}: reduce{_numbered(self.round)}"

    def identity(self) -> dict[str, Any]:
        """What the corpus step finds."""
        return {"steps": [self.config.steps[self.index].finding()]}

    def seal(self, state: State) -> Seal:
        """The step and the keys of all shards in order."""
        return Seal(fingerprint("seal", **self.identity(), keys=list(state.keys)), state.keys)

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a bucket."""
        seal, buckets = self.seal(state).name, bucket_count(self.config.steps[self.index], state.shards)
        payload = {"step": self.index, "round": self.round, "seal": seal, "buckets": buckets}
        payload |= _surroundings(self.config, self.index, state)
        return [self._task({**payload, "bucket": bucket}) for bucket in range(buckets)]

    def _task(self, payload: dict[str, Any]) -> Task:
        bucket, buckets = payload["bucket"], payload["buckets"]
        fp = reduce_fingerprint(payload["seal"], bucket, buckets)
        return Task("reduce", self.name, f"bucket {bucket} of {buckets}", fp, payload)

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """Removals wait to be applied by the map stage that follows."""
        step = self.config.steps[self.index]
        rule = step.rule() if isinstance(step, CorpusStep) else step.name
        removals = {"label": self.steps[0], "rule": rule, "seal": self.seal(state).name, "buckets": len(done)}
        removals |= {"edits": self.index} if isinstance(step, SpanStep) else {}
        index = {"step": self.index, "label": self.steps[0], "keys": state.keys, **removals}
        kept = (index,) if step.index_keys() is not None else ()
        return replace(state, removals=removals, keys=(), indexes=(*state.indexes, *kept))


@dataclass(frozen=True)
class JoinStage(OfOneShard):
    """Third wave of a corpus step that joins: one task."""

    config: PipelineConfig
    index: int
    kind: str = "join"

    @property
    def steps(self) -> list[str]:
        """Label of the corpus step."""
        return [step_labels(self.config.steps)[self.index]]

    @property
    def name(self) -> str:
        """`dedup: join`."""
        return f"{self.steps[0]}: join"

    def identity(self) -> dict[str, Any]:
        """What the corpus step finds."""
        return {"steps": [self.config.steps[self.index].finding()]}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task."""
        found = state.removals or {}
        payload = {"step": self.index, "seal": found["seal"], "buckets": found["buckets"]}
        payload |= _surroundings(self.config, self.index, state)
        return [Task("join", self.name, self.name, join_fingerprint(found["seal"]), payload)]

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """Removals, and the sizes of groups, wait to be applied by the map stage that follows."""
        step = self.config.steps[self.index]
        then = {"joined": done[0], "names": earlier_names(step.earlier()), "afterwards": step.afterwards()}
        indexes = state.indexes
        if step.index_keys() is not None:
            indexes = (*indexes[:-1], {**indexes[-1], "joined": done[0]})
        return replace(state, removals={**(state.removals or {}), **then}, indexes=indexes)


def bucket_count(step: Any, shards: Sequence[Shard]) -> int:
    """Reduce tasks of a corpus step: as configured, or by input bytes and keys of earlier runs; no result depends on it.

    Powers of two, so that the buckets of one run are unions of another's.
    """
    size = sum(shard.size for shard in shards) * step.keys_per_document() + sum(
        BYTES_PER_KEY * each.rows for each in step.earlier()
    )
    return step.buckets or 1 << (max(1, -(-size // BYTES_PER_BUCKET)) - 1).bit_length()


def _surroundings(config: PipelineConfig, index: int, state: State) -> dict[str, Any]:
    """What a reduce or join task must know beyond its own step: earlier runs, and where sources begin."""
    earlier = config.steps[index].earlier()
    told: dict[str, Any] = {"earlier": [[str(each.folder), each.name] for each in earlier]} if earlier else {}
    if len(config.sources) + len(earlier) > 1:
        told["starts"] = source_starts(config, state.shards)
    return told


def corpus_stages(config: PipelineConfig, index: int, step: CorpusStep) -> list[Stage]:
    """All stages of the corpus step at this index, but for the map stage that applies what they find."""
    if isinstance(step, OrderedStep):
        return [ListStage(config, index, step), WalkStage(config, index, step)]
    rounds = step.rounds() if isinstance(step, SpanStep) else 1
    waves: list[Stage] = [stage(config, index, number) for number in range(rounds) for stage in (PartitionStage, ReduceStage)]
    if step.tests_itself():
        waves[1:1] = [SampleStage(config, index), SelfTestStage(config, index)]
    return [*waves, JoinStage(config, index)] if step.joins() else waves


def _numbered(number: int) -> str:
    return f" {number + 1}" if number else ""
