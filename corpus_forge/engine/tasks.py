"""A task: the unit of work, retry and commit. It is JSON, so that it can cross any boundary.

A worker is given a `Job` (the run: directory, resolved pipeline, plugins) and a `Task`, both as JSON text; worker.py says
what it does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.workspace import Workspace
from corpus_forge.io.source import Access


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
    call: str = ""
    """Of one `run_pipeline`: a process that worked for an earlier one looks up steps and plugins again, as they are now."""


class ShardRefusedError(Exception):
    """A shard passed a limit that the user set; trying again would not help."""


@dataclass(frozen=True)
class Context:
    """What a worker process keeps between tasks of one job."""

    job: Job
    config: PipelineConfig
    workspace: Workspace
    access: Access


def encode(value: Job | Task) -> str:
    """A job or task as JSON text."""
    return json.dumps(asdict(value), sort_keys=True)
