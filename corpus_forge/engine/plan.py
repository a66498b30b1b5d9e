"""What a run would do: stages, how many of their tasks are done already, and why the others are not.

The reason is found by comparing with the plan that the last run of the same directory left in work/plan.json: a step whose
parameters or version changed, an input that is new or gone, or simply what lies before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.mixtures import Known, estimated_mixture, packed_mixture
from corpus_forge.engine.shards import Shard
from corpus_forge.engine.stages import build_stages
from corpus_forge.engine.state import Stage, State, initial_state
from corpus_forge.engine.workspace import Workspace
from corpus_forge.mixture.portions import Mixture

PLAN = "work/plan.json"


@dataclass(frozen=True)
class PlanStage:
    """One row of a plan. `tasks` and `to_run` are None when they depend on results that are not there yet."""

    name: str
    steps: tuple[str, ...]
    tasks: int | None
    reused: int
    to_run: int | None
    reason: str


@dataclass(frozen=True)
class Plan:
    """All stages, the inputs they start from, and where they would run."""

    stages: tuple[PlanStage, ...]
    shards: int
    bytes: int
    executor: str = "inline"
    executor_reason: str = ""
    remarks: tuple[str, ...] = ()
    mixture: Mixture | None = None
    """What each part of `mix` holds and gives, as far as it is known; None without `mix`."""


def make_plan(
    config: PipelineConfig, shards: Sequence[Shard], space: Workspace | None
) -> tuple[tuple[PlanStage, ...], Mixture | None]:
    """Walk the stages as a run would, looking only at which manifests exist. The mixture is that of what is there."""
    before = space.read_json(PLAN) if space else None
    state, rows, upstream = initial_state(shards), [], ""
    manifests: list[dict[str, Any] | None] = []
    known: dict[str, list[dict[str, Any] | None]] = {kind: [None] * len(shards) for kind in ("map", "encode", "sort", "pack")}
    for stage in build_stages(config):
        tasks = stage.tasks(state, manifests)
        if tasks is None:
            rows.append(PlanStage(stage.name, tuple(stage.steps), None, 0, None, f"known once '{upstream}' is done"))
            continue
        manifests = [space.manifest(task.fingerprint) if task and space else None for task in tasks]
        known[stage.kind] = manifests
        names = {task.fingerprint for task in tasks if task}
        reused = {task.fingerprint for task, manifest in zip(tasks, manifests, strict=True) if task and manifest}
        to_run = len(names - reused)
        reason = _reason(stage, before, shards, upstream) if to_run else "nothing changed"
        rows.append(PlanStage(stage.name, tuple(stage.steps), len(names), len(reused), to_run, reason))
        upstream = stage.name if to_run else upstream
        state = stage.advance(state, [task.fingerprint if task else None for task in tasks])
    return tuple(rows), _mixture(config, shards, known) if config.mix else None


def _mixture(config: PipelineConfig, shards: Sequence[Shard], known: Mapping[str, Sequence[dict[str, Any] | None]]) -> Mixture:
    """Counted in packed shards when all are there, else from the best that is known of each input shard."""
    packed = known["pack"]
    if packed and all(packed):
        return packed_mixture(config, [manifest["entry"] for manifest in packed if manifest])
    facts = [Known(*each) for each in zip(known["sort"], known["encode"], known["map"], strict=True)]
    return estimated_mixture(config, shards, facts)


def describe_plan(config: PipelineConfig, shards: Sequence[Shard]) -> dict[str, Any]:
    """What work/plan.json remembers: the identity of every stage, and the inputs by content."""
    stages = [{"name": stage.name, "kind": stage.kind, "identity": stage.identity()} for stage in build_stages(config)]
    return {"stages": stages, "inputs": {shard.digest: shard.piece.uri for shard in shards}}


def _reason(stage: Stage, before: dict[str, Any] | None, shards: Sequence[Shard], upstream: str) -> str:
    """One sentence for a stage with something to run."""
    if before is None:
        return "never run"
    known = [entry for entry in before["stages"] if entry["kind"] == stage.kind and entry["name"] == stage.name]
    if not known:
        return "not in the last run"
    change = _difference(known[0]["identity"], stage.identity())
    if change:
        return f"changed: {change}"
    if upstream:
        return f"follows from '{upstream}'"
    return _inputs_reason(before["inputs"], shards)


def _inputs_reason(before: dict[str, str], shards: Sequence[Shard]) -> str:
    new = [shard.piece.uri for shard in shards if shard.digest not in before]
    gone = set(before) - {shard.digest for shard in shards}
    if new:
        return f"new input: {new[0]}" + (f" and {len(new) - 1} more" if len(new) > 1 else "")
    if gone:
        return f"an input is gone: {before[sorted(gone)[0]]}"
    moved = [shard.piece.uri for shard in shards if shard.piece.uri != before[shard.digest]]
    if moved:
        return f"an input has another path: {moved[0]}"
    return "not finished by the last run"


def _difference(old: Any, new: Any, where: str = "") -> str:
    """The first place where two JSON values differ, as `steps[0].keep: ['en'] → ['de']`; empty when they are equal."""
    if old == new:
        return ""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            change = _difference(old.get(key), new.get(key), f"{where}.{key}" if where else str(key))
            if change:
                return change
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return next(filter(None, (_difference(a, b, f"{where}[{_place(i, b)}]") for i, (a, b) in pairs)))
    return f"{where}: {_short(old)} → {_short(new)}"


def _place(index: int, item: Any) -> str:
    """An item of a list by what it calls itself, else by its number."""
    names = (item.get(key) for key in ("signal", "step", "name")) if isinstance(item, dict) else ()
    return next(filter(None, names), str(index))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def final_state(config: PipelineConfig, state: State) -> list[str | None]:
    """Fingerprints of everything that a run shows: what names its result."""
    if not config.tokenize:
        return [*state.published]
    asked = fingerprint("mix", **config.mix.model_dump(mode="json")) if config.mix else None
    return [*state.published, state.tokenizer, *state.tokens, *([asked] if asked else [])]
