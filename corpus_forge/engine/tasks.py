"""A task: the unit of work, retry and commit. It is JSON, so that it can cross any boundary.

A worker is given a `Job` (the run: directory, resolved pipeline, plugins) and a `Task`, both as JSON text, runs the function that
stands for the task's kind, and answers with a small dictionary. Errors that it understands come back as data.
"""

from __future__ import annotations

import errno
import json
import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus_forge.config import PipelineConfig, pipeline_from_dict
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import Interrupted, RequestError
from corpus_forge.io import load_formats
from corpus_forge.io.source import Access
from corpus_forge.plugins import load_plugins
from corpus_forge.steps import load_steps


@dataclass(frozen=True)
class Task:
    """One unit of work. `label` is for people; `payload` holds JSON values only."""

    kind: str
    stage: str
    label: str
    fingerprint: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """What all tasks of a run share."""

    root: str
    pipeline: Mapping[str, Any]
    plugins: tuple[str, ...] = ()
    allow_http: bool = False
    max_quarantine: float | None = None


class ShardRefusedError(Exception):
    """A shard passed a limit that the user set; trying again would not help."""


@dataclass(frozen=True)
class Context:
    """What a worker process keeps between tasks of one job."""

    job: Job
    config: PipelineConfig
    workspace: Workspace
    access: Access


Runner = Callable[[Context, Task], dict[str, Any]]
_runners: dict[str, Runner] = {}


def runs(kind: str) -> Callable[[Runner], Runner]:
    """Decorator: this function runs tasks of that kind. It returns the manifest that it committed."""

    def register(runner: Runner) -> Runner:
        _runners[kind] = runner
        return runner

    return register


def encode(value: Job | Task) -> str:
    """A job or task as JSON text."""
    return json.dumps(asdict(value), sort_keys=True)


def execute(job_text: str, task_text: str) -> dict[str, Any]:
    """Run one task in this process. {"manifest": …} or {"error": {kind, message, trace}}; raises only Interrupted."""
    task = Task(**json.loads(task_text))
    began = time.monotonic()
    try:
        context = _context(job_text)
        manifest = context.workspace.manifest(task.fingerprint) or _runners[task.kind](context, task)
    except Interrupted:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a task raises becomes data: the driver decides what it means
        return {"error": _describe(error)}
    return {"manifest": manifest, "seconds": time.monotonic() - began, "pid": os.getpid()}


@lru_cache(maxsize=4)
def _context(job_text: str) -> Context:
    fields = json.loads(job_text)
    job = Job(**{**fields, "plugins": tuple(fields["plugins"])})
    load_formats()
    load_steps()
    load_plugins(job.plugins)
    config = pipeline_from_dict(dict(job.pipeline))
    return Context(job, config, Workspace(Path(job.root)), Access(allow_http=job.allow_http))


def _describe(error: Exception) -> dict[str, str]:
    kind = "bug"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        kind = "disk"
    elif isinstance(error, MemoryError):
        kind = "memory"
    elif isinstance(error, (RequestError, ShardRefusedError)):
        kind = "refused"
    trace = "".join(traceback.format_exception(error))
    return {"kind": kind, "message": f"{type(error).__name__}: {error}", "trace": trace[-4000:]}
