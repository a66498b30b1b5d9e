"""Where tasks run. The driver knows this protocol only; `InlineExecutor` is this process, engine/ray.py a cluster."""

from __future__ import annotations

import os
from collections import deque
from typing import Any, NamedTuple, Protocol

from corpus_forge.engine.tasks import Job, Task, encode
from corpus_forge.engine.worker import execute
from corpus_forge.errors import RequestError, nearest

EXECUTORS = ("auto", "ray", "inline")
RAY_SHARDS = 8
RAY_BYTES = 256 << 20
"""Below either, starting Ray (some 6 s) costs more than it gives."""


class Result(NamedTuple):
    """The end of one attempt: what `execute` answered, or {"error": …} when the worker died."""

    task: Task
    answer: dict[str, Any]


class Executor(Protocol):
    """Runs tasks, at most `slots` at a time."""

    name: str
    slots: int

    def start(self, job: Job) -> None:
        """Get ready to run tasks of this job."""

    def submit(self, task: Task) -> None:
        """Hand over a task."""

    def wait(self, timeout: float) -> list[Result]:
        """What has ended, after at most `timeout` seconds; an executor in this process runs one task to its end."""

    def cancel(self, task: Task) -> None:
        """Stop a task that shows no life; it ends as a result with an error."""

    def close(self) -> None:
        """Stop everything."""


class InlineExecutor:
    """Runs tasks in this process, one after another: for notebooks, tests and small inputs."""

    name = "inline"
    slots = 1

    def __init__(self) -> None:
        self._queue: deque[Task] = deque()
        self._job = ""

    def start(self, job: Job) -> None:
        """Remember the job."""
        self._job = encode(job)

    def submit(self, task: Task) -> None:
        """Queue a task."""
        self._queue.append(task)

    def wait(self, timeout: float) -> list[Result]:
        """Run the next task."""
        if not self._queue:
            return []
        task = self._queue.popleft()
        return [Result(task, execute(self._job, encode(task)))]

    def cancel(self, task: Task) -> None:
        """A task of this process cannot be stopped from outside."""

    def close(self) -> None:
        """Drop what is queued."""
        self._queue.clear()


def available_workers() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_executor(wanted: str, address: str | None, workers: int | None, shards: int, size: int) -> tuple[str, str]:
    """(name, reason): `ray` when asked for, given an address, or worth its start; else `inline`.

    RequestError for another name, and for an address that nothing would join.
    """
    if wanted not in EXECUTORS:
        raise RequestError(f"--executor {wanted}: not known. {nearest(wanted, EXECUTORS)}")
    if wanted == "inline" and address:
        raise RequestError(f"--executor inline runs here and joins no cluster at --address {address}. Leave one of them out.")
    if wanted == "inline" and workers and workers > 1:
        return wanted, f"as asked; one task at a time, --workers {workers} is for ray"
    if wanted != "auto":
        return wanted, "as asked"
    if address:
        return "ray", f"--address {address}"
    count = workers or available_workers()
    if count > 1 and shards >= RAY_SHARDS and size >= RAY_BYTES:
        return "ray", f"{shards} shards, {size / 1e6:.0f} MB, {count} workers"
    few = [
        f"{shards} shard{'s' * (shards != 1)} (fewer than {RAY_SHARDS})" if shards < RAY_SHARDS else "",
        f"{size / 1e6:.0f} MB (less than {RAY_BYTES / 1e6:.0f})" if size < RAY_BYTES else "",
        "1 worker" if count <= 1 else "",
    ]
    return "inline", ", ".join(filter(None, few))
