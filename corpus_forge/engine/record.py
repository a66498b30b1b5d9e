"""run.json: what was asked, what it was made from, how far it got, and what happened to every record."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.counts import check_accounting, merge_steps
from corpus_forge.engine.failures import Failure
from corpus_forge.engine.shards import Shard
from corpus_forge.steps.base import step_labels

PACKAGES = (
    "corpus-forge",
    "pyarrow",
    "numba",
    "numpy",
    "ray",
    "fastwarc",
    "resiliparse",
    "trafilatura",
    "tokenizers",
    "gigatoken",
)


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that make output."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def start_record(config: PipelineConfig, shards: Sequence[Shard], executor: str, workers: int) -> dict[str, Any]:
    """The record of a run that has just begun."""
    labels = step_labels(config.steps)
    files = {(config.sources[shard.source].name, shard.piece.uri): 0 for shard in shards}
    for shard in shards:
        files[(config.sources[shard.source].name, shard.piece.uri)] += shard.size
    return {
        "name": config.name,
        "status": "running",
        "version": versions()["corpus-forge"],
        "pipeline": config.resolved(),
        "versions": versions(),
        "started": now(),
        "finished": None,
        "executor": executor,
        "workers": workers,
        "shards": len(shards),
        "inputs": [{"source": source, "uri": uri, "bytes": size} for (source, uri), size in files.items()],
        "fingerprint": None,
        "measures": {label: list(step.measures()) for label, step in zip(labels, config.steps, strict=True)},
        "facts": {label: facts for label, step in zip(labels, config.steps, strict=True) if (facts := step.facts())},
        "overlap": {},
        "stages": [],
        "steps": [],
        "tokens": None,
        "totals": {"records_in": 0, "kept": 0, "removed": 0, "quarantined": 0},
        "failed_shards": [],
    }


def add_steps(record: dict[str, Any], manifests: Sequence[Mapping[str, Any] | None]) -> None:
    """Add the step counts of a map stage, summed over its shards."""
    record["steps"] += merge_steps(manifest["steps"] for manifest in manifests if manifest)


def close_record(record: dict[str, Any], status: str, failed: Sequence[Failure]) -> None:
    """Totals, failures and the time; the accounting identity is checked once more for the whole run."""
    steps = record["steps"]
    if not failed:
        check_accounting(steps)
    records_in = steps[0]["documents_in"] if steps else 0
    removed = sum(sum(step["removed"].values()) for step in steps)
    quarantined = sum(sum(step["quarantined"].values()) for step in steps)
    kept = steps[-1]["documents_out"] if steps else 0
    record["totals"] = {"records_in": records_in, "kept": kept, "removed": removed, "quarantined": quarantined}
    record["failed_shards"] = [
        {"stage": failure.task.stage, "shard": failure.task.label, "reason": failure.kind, "message": failure.message}
        for failure in failed
    ]
    record["status"], record["finished"] = status, now()
