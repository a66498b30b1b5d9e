"""The driver: brings the tasks of one stage to their end, whatever happens to the workers.

It keeps two tasks a slot in flight, tries again what may work again, cancels what shows no life, and gives a shard up after its
last attempt without stopping the others. It holds no state that is not in files: killed at any moment, the next driver finds
the manifests and goes on.
"""

from __future__ import annotations

import heapq
import itertools
import statistics
import time
from collections.abc import Sequence
from typing import Any

from corpus_forge.engine.executor import Executor, Result
from corpus_forge.engine.failures import FATAL, Attempts, Failure
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import RunError

WINDOW = 2
"""Tasks in flight for each slot: one runs, one waits at the worker."""
LEAST_SILENCE = 600.0
"""Seconds that a task may take at least before it counts as hanging; five times the stage's median when that is more."""


class Driver:
    """Runs stages of one run on one executor.

    `failed` collects the tasks given up, each with its last failure; `reused` and `seconds` are those of the last stage.
    """

    def __init__(self, space: Workspace, executor: Executor, observer: Observer) -> None:
        self.space, self.executor, self.observer = space, executor, observer
        self.failed: list[Failure] = []
        self.reused = 0
        self.seconds = 0.0
        self._attempts = Attempts()

    def run(self, stage: str, tasks: Sequence[Task | None]) -> list[dict[str, Any] | None]:
        """Manifests of the tasks, in order; None where there was no task or it failed for good."""
        began = time.monotonic()
        by_name = {task.fingerprint: task for task in tasks if task}
        found = {fp: self.space.finished(fp) for fp in by_name}
        manifests = {fp: manifest for fp, manifest in found.items() if manifest}
        self.reused = len(manifests)
        self.observer.stage_started(stage, len(by_name), self.reused)
        self.space.log("stage", stage=stage, tasks=len(by_name), reused=self.reused)
        wave = _Wave(self, stage, [task for fp, task in by_name.items() if fp not in manifests])
        while not wave.finished():
            manifests.update(wave.turn())
        self.observer.stage_done(stage)
        self.seconds = time.monotonic() - began
        return [manifests.get(task.fingerprint) if task else None for task in tasks]


class _Wave:
    """The tasks of one stage that are not done yet."""

    def __init__(self, driver: Driver, stage: str, tasks: list[Task]) -> None:
        self.driver, self.stage = driver, stage
        self.order = itertools.count()
        self.waiting: list[tuple[float, int, Task]] = [(0.0, next(self.order), task) for task in tasks]
        self.live: dict[str, float] = {}
        self.tasks = {task.fingerprint: task for task in tasks}
        self.took: list[float] = []

    def finished(self) -> bool:
        return not self.waiting and not self.live

    def turn(self) -> dict[str, dict[str, Any]]:
        """Submit what fits, wait for what ends, sort it out; the manifests of what was committed."""
        check_interrupted()
        self._submit()
        done: dict[str, dict[str, Any]] = {}
        for result in self.driver.executor.wait(0.5):
            self.live.pop(result.task.fingerprint)
            if "manifest" in result.answer:
                done[result.task.fingerprint] = self._committed(result)
            else:
                self._failed(Failure.of(result.task, result.answer["error"]))
        self._cancel_silent()
        return done

    def _submit(self) -> None:
        window = WINDOW * self.driver.executor.slots
        while self.waiting and len(self.live) < window and self.waiting[0][0] <= time.monotonic():
            task = heapq.heappop(self.waiting)[2]
            self.live[task.fingerprint] = time.monotonic()
            self.driver.space.log("start", stage=self.stage, task=task.fingerprint, label=task.label)
            self.driver.executor.submit(task)
        if self.waiting and not self.live:
            time.sleep(max(0.0, min(0.5, self.waiting[0][0] - time.monotonic())))

    def _committed(self, result: Result) -> dict[str, Any]:
        manifest, seconds = result.answer["manifest"], result.answer["seconds"]
        self.driver.space.log("commit", stage=self.stage, task=result.task.fingerprint, seconds=round(seconds, 3))
        self.driver._attempts.committed()
        self.took.append(seconds)
        self.driver.observer.task_done(self.stage, {**_progress(manifest), "seconds": seconds})
        return manifest

    def _failed(self, failure: Failure) -> None:
        task, attempts = failure.task, self.driver._attempts
        what = {"kind": failure.kind, "message": failure.message, "trace": failure.trace}
        self.driver.space.log("failure", stage=self.stage, task=task.fingerprint, label=task.label, **what)
        if failure.kind in FATAL:
            raise RunError(f"{failure.message} (while writing below {self.driver.space.root}). Free some space and run again.")
        wait = attempts.again(failure)
        if wait is None:
            self.driver.failed.append(failure)
            self.driver.observer.message(f"{self.stage}: {task.label} failed for good: {failure.message}")
            return
        self.driver.observer.task_retried(self.stage, task.label, failure.message, attempts.number(failure))
        heapq.heappush(self.waiting, (time.monotonic() + wait, next(self.order), task))

    def _cancel_silent(self) -> None:
        """Kill what has taken far longer than the others; time spent waiting for a slot counts too, hence the wide margin."""
        most = max(LEAST_SILENCE, 5 * WINDOW * statistics.median(self.took)) if self.took else LEAST_SILENCE * 6
        for fp, since in list(self.live.items()):
            if time.monotonic() - since > most:
                self.driver.executor.cancel(self.tasks[fp])


def _progress(manifest: dict[str, Any]) -> dict[str, int]:
    """What a progress bar shows of a task."""
    steps = manifest.get("steps") or []
    if not steps:
        return {
            "documents_in": manifest.get("rows", 0),
            "documents_out": manifest.get("rows", 0),
            "bytes_in": 0,
            "quarantined": 0,
        }
    quarantined = sum(sum(step["quarantined"].values()) for step in steps)
    first, last = steps[0], steps[-1]
    counts = {"documents_in": first["documents_in"], "documents_out": last["documents_out"], "quarantined": quarantined}
    return {**counts, "bytes_in": first["bytes_out"] if first["name"] == "read" else first["bytes_in"]}
