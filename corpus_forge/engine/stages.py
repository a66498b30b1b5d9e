"""From a pipeline to stages, and from a stage to its tasks.

A stage is the longest chain of steps that needs no other shard. The chain is cut after a costly step (extraction, a model),
before the first rule that people tune, and around corpus steps: what lies before a cut is stored and never run again for a
change behind it. Nothing here runs anything, so that `plan` and `run` are the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.corpus_stages import JoinStage, ReduceStage, corpus_stages
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.ordered import WalkStage
from corpus_forge.engine.shards import Shard
from corpus_forge.engine.state import Manifests, OfOneShard, Stage, State
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.token_stages import token_stages
from corpus_forge.plugins import plugin_digests
from corpus_forge.steps.base import CorpusStep, MapStep, step_labels
from corpus_forge.steps.span_step import SpanStep


@dataclass(frozen=True)
class MapStage(OfOneShard):
    """Steps `first` to `last` of the pipeline, fused; reading before them when it is the first stage."""

    config: PipelineConfig
    first: int
    last: int
    reads: bool
    kind: str = "map"

    @property
    def steps(self) -> list[str]:
        """Labels of what the chain does."""
        return (["read"] if self.reads else []) + step_labels(self.config.steps)[self.first : self.last]

    @property
    def name(self) -> str:
        """`read + extract`; a stage that only applies what a corpus step found is `apply`."""
        return " + ".join(self.steps) or "apply"

    def identity(self) -> dict[str, Any]:
        """The steps' identities; plugin files count wherever they are loaded."""
        steps = [step.identity() for step in self.config.steps[self.first : self.last]]
        sources = [source.identity() for source in self.config.sources] if self.reads else []
        before = self.config.steps[self.first - 1] if self.first and not self.reads else None
        edits: dict[str, Any] = {"edits": before.identity()} if isinstance(before, SpanStep) else {}
        if isinstance(before, CorpusStep) and before.afterwards():
            edits["afterwards"] = before.afterwards()
        return {"steps": steps, "sources": sources, "plugins": sorted(plugin_digests().values()), **edits}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard that is still there."""
        identity = self.identity()
        tasks = [self._task(shard, state, identity) for shard in state.shards]
        return [task if self.reads or state.docs[i] else None for i, task in enumerate(tasks)]

    def _task(self, shard: Shard, state: State, identity: dict[str, Any]) -> Task:
        docs = None if self.reads else state.docs[shard.ordinal]
        removals = state.removals
        parts: dict[str, Any] = {"steps": identity["steps"], "plugins": identity["plugins"], "docs": docs}
        if self.reads:
            parts |= {"source": identity["sources"][shard.source], "shard": shard.identity()}
        if removals is not None:
            edits = {"edits": identity["edits"]} if "edits" in removals else {}
            after = {"afterwards": removals["afterwards"]} if removals.get("afterwards") else {}
            parts |= {"removals": removals["seal"], "ordinal": shard.ordinal, **edits, **after}
        payload = {
            "source": shard.source,
            "piece": vars(shard.piece) if self.reads else None,
            "limit": shard.limit if self.reads else None,
            "docs": docs,
            "removals": removals,
            "ordinal": shard.ordinal,
            "steps": [self.first, self.last],
        }
        return Task("map", self.name, shard.piece.uri, fingerprint("map", **parts), payload)

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """Documents are where these tasks put them; removals have been applied."""
        history = tuple((*before, fp) if fp else before for before, fp in zip(state.history, done, strict=True))
        return replace(state, docs=tuple(done), history=history, removals=None)


@dataclass(frozen=True)
class PublishStage(OfOneShard):
    """Joins ordinals and URIs, and writes what documents/, removed/ and quarantine/ will show."""

    kind: str = "publish"
    name: str = "publish"
    steps: Sequence[str] = ()

    def identity(self) -> dict[str, Any]:
        """Nothing to configure."""
        return {}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard that was read, and not lost since."""
        tasks: list[Task | None] = []
        for shard, docs, history in zip(state.shards, state.docs, state.history, strict=True):
            where = {"ordinal": shard.ordinal, "uri": shard.piece.uri, "docs": docs, "history": list(history)}
            tasks.append(Task("publish", self.name, shard.piece.uri, fingerprint("publish", **where), where) if docs else None)
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """What each shard publishes."""
        return replace(state, published=tuple(done))


def build_stages(config: PipelineConfig) -> list[Stage]:
    """All stages of a pipeline, in order."""
    cuts = _cuts(config)
    stages: list[Stage] = []
    first = 0
    for last in cuts:
        if last > first or not stages or isinstance(stages[-1], ReduceStage | JoinStage | WalkStage):
            stages.append(MapStage(config, first, last, reads=not stages))
        first = last
        step = config.steps[last] if last < len(config.steps) else None
        if isinstance(step, CorpusStep):
            stages += corpus_stages(config, last, step)
            first = last + 1
    return [*stages, PublishStage(), *token_stages(config)]


def _cuts(config: PipelineConfig) -> list[int]:
    """Indices where a map stage ends: before corpus steps and the first decision, after costly steps, and at the end."""
    cuts, decided = {len(config.steps)}, False
    for index, step in enumerate(config.steps):
        if isinstance(step, CorpusStep):
            cuts.add(index)
        elif isinstance(step, MapStep):
            if step.decides and not decided:
                cuts.add(index)
                decided = True
            if step.costly:
                cuts.add(index + 1)
    return sorted(cuts)
