"""One run from a pipeline to its directory: plan, stages in order, the folders at the end, run.json all along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.compiling import Kernels
from corpus_forge.engine.driver import Driver
from corpus_forge.engine.executor import Executor, InlineExecutor, choose_executor
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.finish import final_mixture, hide, show_documents, show_tokens
from corpus_forge.engine.indexes import refuse_itself, show_indexes
from corpus_forge.engine.interrupt import graceful_signals
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.overlaps import documents_of_sources, summed_overlap
from corpus_forge.engine.plan import PLAN, Plan, describe_plan, final_state, make_plan
from corpus_forge.engine.record import add_steps, close_record, start_record
from corpus_forge.engine.shards import Shard, plan_shards
from corpus_forge.engine.stages import build_stages
from corpus_forge.engine.state import Stage, State, initial_state
from corpus_forge.engine.tasks import Job
from corpus_forge.engine.token_statistics import fallbacks
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import CorpusForgeError, InputError, Interrupted, RunError
from corpus_forge.io.atomic import clear_when_full
from corpus_forge.io.source import Access
from corpus_forge.plugins import loaded_plugins
from corpus_forge.steps.base import step_labels

OF_ONE_SHARD = ("map", "partition", "sample", "list", "encode", "sort")
"""Kinds of tasks whose failure costs one shard; without any other kind there is no result."""


@dataclass(frozen=True)
class Options:
    """How to run, none of which changes the output, except `limit`."""

    executor: str = "auto"
    workers: int | None = None
    address: str | None = None
    limit: int | None = None
    max_failed_shards: int = 0
    max_quarantine: float | None = None
    access: Access = field(default_factory=Access)


def plan_pipeline(config: PipelineConfig, root: Path | None, options: Options) -> Plan:
    """What `run_pipeline` would do with the same arguments. Writes nothing."""
    if root:
        Workspace(root).refuse_foreign()
        refuse_itself(config, root)
    space = Workspace(root) if root and root.is_dir() else None
    shards = plan_shards(config, space, options.access, options.limit)
    size = sum(shard.size for shard in shards)
    name, reason = choose_executor(options.executor, options.address, options.workers, len(shards), size)
    labelled = zip(step_labels(config.steps), config.steps, strict=True)
    remarks = tuple(f"{label}: {remark}" for label, step in labelled for remark in step.remarks())
    stages, mixture = make_plan(config, shards, space)
    return Plan(stages, len(shards), size, name, reason, remarks, mixture)


def run_pipeline(config: PipelineConfig, root: Path, options: Options, observer: Observer | None = None) -> dict[str, Any]:
    """Run to the end or to a CorpusForgeError; the content of run.json. Killed at any point, the same call goes on."""
    observer, space = observer or Observer(), Workspace(root)
    refuse_itself(config, root)
    fresh = not space.is_run()
    space.create()
    space.acquire()
    try:
        with graceful_signals(), clear_when_full(space.root, space.work):
            return _Run(config, space, options, observer).go()
    finally:
        space.release()
        if fresh and not (root / "run.json").exists():
            space.forget()


class _Run:
    """State of one `run_pipeline` call."""

    def __init__(self, config: PipelineConfig, space: Workspace, options: Options, observer: Observer) -> None:
        self.config, self.space, self.options, self.observer = config, space, options, observer
        self.shards: list[Shard] = plan_shards(config, space, options.access, options.limit)
        size = sum(shard.size for shard in self.shards)
        name, reason = choose_executor(options.executor, options.address, options.workers, len(self.shards), size)
        observer.message(f"executor: {name} ({reason})")
        self.executor = make_executor(name, options)
        workers = self.executor.slots
        self.record = start_record(config, self.shards, name, workers)
        self.driver = Driver(space, self.executor, observer)
        self.kernels = Kernels(config, observer)
        access = options.access
        self.job = Job(
            str(space.root.resolve()),
            config.resolved(),
            tuple(loaded_plugins()),
            access.allow_http,
            options.max_quarantine,
            uuid4().hex,
        )

    def go(self) -> dict[str, Any]:
        self.space.log("run", executor=self.executor.name, workers=self.executor.slots, shards=len(self.shards))
        self.space.write_json("run.json", self.record)
        try:
            self._stages()
        except Interrupted:
            self._close("interrupted")
            raise
        except CorpusForgeError:
            self._close("failed")
            raise
        finally:
            self.executor.close()
        self._close("complete")
        return self.record

    def _stages(self) -> None:
        self.executor.start(self.job)
        state = initial_state(self.shards)
        manifests: list[Any] = []
        for stage in build_stages(self.config):
            state, manifests = self._stage(stage, state, manifests)
            if stage.kind == "publish":
                show_documents(self.space, state.published)
                show_indexes(self.space, self.config, state)
        self.record["fingerprint"] = fingerprint("result", shown=final_state(self.config, state))
        self._show_tokens(state)
        self.space.write_json(PLAN, describe_plan(self.config, self.shards))

    def _stage(self, stage: Stage, state: State, before: Sequence[Any]) -> tuple[State, list[Any]]:
        seal = stage.seal(state)
        if seal:
            self.space.write_json(f"work/data/{seal.name}.seal", list(seal.members))
        tasks = stage.tasks(state, before)
        assert tasks is not None, f"stage {stage.name} has no tasks"
        if any(task and not self.space.finished(task.fingerprint) for task in tasks):
            self.kernels.prepare(stage)
        manifests = self.driver.run(stage.name, tasks)
        self._check_failures()
        self.record["stages"].append(
            {
                "name": stage.name,
                "steps": list(stage.steps),
                "tasks": sum(1 for task in tasks if task),
                "reused": self.driver.reused,
                "seconds": round(self.driver.seconds, 3),
            }
        )
        if stage.kind == "map":
            add_steps(self.record, manifests)
            self._check_readable(stage)
        if stage.kind == "encode":
            for reason, shards in fallbacks(manifests).items():
                self.observer.message(f"warning: {shards} of {len(manifests)} shards encoded slowly: {reason}.")
        self._add_overlap(stage, manifests)
        for said in (manifest["facts"] for manifest in manifests if manifest and "facts" in manifest):
            self.record["facts"][stage.steps[0]] = said
        self.space.write_json("run.json", self.record)
        done = [task.fingerprint if task and manifest else None for task, manifest in zip(tasks, manifests, strict=True)]
        return stage.advance(state, done), manifests

    def _add_overlap(self, stage: Stage, manifests: Sequence[Any]) -> None:
        """What a corpus step counted of its sources, and how many documents each of them has there."""
        label, overlap = stage.steps[0] if stage.steps else "", summed_overlap(manifests)
        if any("documents" in manifest for manifest in manifests if manifest and stage.kind == "partition"):
            documents = documents_of_sources(self.config, self.shards, manifests)
            self.record["overlap"][label] = {"documents": documents}
        elif overlap:
            self.record["overlap"][label] |= overlap

    def _check_failures(self) -> None:
        """Stop when more shards failed than allowed, or a task that is not one shard's."""
        failed, allowed = self.driver.failed, self.options.max_failed_shards
        if len(failed) > allowed or any(failure.task.kind not in OF_ONE_SHARD for failure in failed):
            first = failed[0]
            raise RunError(
                f"{len(failed)} task{'s' * (len(failed) > 1)} failed for good; --max-failed-shards allows {allowed}."
                f" First: {first.task.stage}, {first.task.label}: {first.message.rstrip('.')}."
                f" {self.space.work / 'log.jsonl'} has the details; what was finished is kept for the next run."
            )

    def _check_readable(self, stage: Stage) -> None:
        """Exit code 2 when nothing at all could be read and some file is the reason."""
        if "read" not in stage.steps:
            return
        read = self.record["steps"][0]
        unreadable = {reason: n for reason, n in read["quarantined"].items() if reason.startswith("file:")}
        if unreadable and sum(unreadable.values()) == read["documents_in"]:
            uris = ", ".join(sorted({shard.piece.uri for shard in self.shards})[:3])
            reasons = ", ".join(f"{reason} ({n})" for reason, n in sorted(unreadable.items()))
            raise InputError(
                f"no record can be read from any input: {reasons}. Inputs: {uris}. `corpus-forge check` says more of each."
            )
        if read["documents_in"] == 0:
            passed_over = ", ".join(f"{kind} ({n})" for kind, n in sorted(read["skipped"].items()))
            also = f"; passed over by type: {passed_over}. Check `format`" if passed_over else ""
            self.observer.message(f"warning: the inputs hold no documents{also}.")

    def _show_tokens(self, state: State) -> None:
        if self.config.tokenize is None:
            hide(self.space, "tokens")
            return
        mixture = final_mixture(self.space, state, self.config)
        index = show_tokens(self.space, state, self.config, str(self.record["fingerprint"]), mixture)
        self.record["tokens"] = token_totals(index)
        if mixture:
            self.record["mixture"] = mixture
            for warning in mixture["warnings"]:
                self.observer.message(f"warning: mix: {warning}.")

    def _close(self, status: str) -> None:
        close_record(self.record, status, self.driver.failed)
        self.space.log("finished", status=status)
        self.space.write_json("run.json", self.record)
        self.observer.finished(status)


def token_totals(index: Mapping[str, Any]) -> dict[str, Any]:
    """Sums over the token shards, those of each split, and the statistics of documents, for run.json."""
    shards = index["shards"]
    names = {"tokens": "tokens", "sequences": "rows", "documents": "docs", "bytes": "bytes"}
    sums = {name: sum(shard[field] for shard in shards) for name, field in names.items()}
    more = {key: index[key] for key in ("vocab_size", "seq_len", "splits", "statistics")}
    return {**sums, "shards": len(shards), **more}


def make_executor(name: str, options: Options) -> Executor:
    """The executor of that name."""
    if name == "inline":
        return InlineExecutor()
    from corpus_forge.engine.ray import RayExecutor

    return RayExecutor(options.workers, options.address)
