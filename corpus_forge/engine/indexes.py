"""Leaving a run's keys behind for later runs: RUN/index/ out of hard links (io/key_index.py has its shape)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.earlier import earlier_names
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.finish import hide, swap_in
from corpus_forge.engine.removals import reduce_fingerprint
from corpus_forge.engine.state import State
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import RequestError
from corpus_forge.io.key_index import DESCRIPTION, FOLDER, KeyIndex


def refuse_itself(config: PipelineConfig, root: Path) -> None:
    """RequestError when a run would be deduplicated against what it is about to replace."""
    for step in config.steps:
        for index in getattr(step, "earlier", tuple)():
            if index.folder.resolve().is_relative_to(root.resolve()):
                raise RequestError(f"against: {root} is the run's own directory. Name another with -o.")


def show_indexes(space: Workspace, config: PipelineConfig, state: State) -> None:
    """Fill index/ with what each step that dedups documents found; without such a step there is none."""
    parts: dict[str, Path] = {}
    described: list[Path] = []
    for found in state.indexes:
        folder = f"step-{found['step']}"
        files = _files(space, found)
        description = space.scratch(DESCRIPTION)
        description.write_text(json.dumps(_index(space, config, found, files).as_json(), sort_keys=True, indent=1))
        described.append(description)
        parts |= {f"{folder}/{name}": path for name, path in {**files, DESCRIPTION: description}.items()}
    if parts:
        swap_in(space, FOLDER, parts)
    else:
        hide(space, FOLDER)
    for description in described:
        description.unlink()


def _files(space: Workspace, found: Mapping[str, Any]) -> dict[str, Path]:
    """By the names that they have in an index."""
    files: dict[str, Path] = {}
    for shard, fp in enumerate(found["keys"]):
        outputs = (space.manifest(fp) or {"outputs": ()})["outputs"] if fp else ()
        files |= {f"part-{shard:05d}.{name}": space.output(fp, name) for name in outputs}
    if found.get("joined"):
        return {**files, "kept-00000": space.output(found["joined"], "members")}
    left = (reduce_fingerprint(found["seal"], bucket, found["buckets"]) for bucket in range(found["buckets"]))
    return {**files, **{f"kept-{bucket:05d}": space.output(fp, "removals") for bucket, fp in enumerate(left)}}


def _index(space: Workspace, config: PipelineConfig, found: Mapping[str, Any], files: Mapping[str, Path]) -> KeyIndex:
    step, manifests = config.steps[found["step"]], [space.manifest(fp) if fp else None for fp in found["keys"]]
    dtype = step.notes_dtype()
    return KeyIndex(
        folder=Path(),
        name="",
        step=found["label"],
        keys=step.index_keys(),
        notes=tuple(_field(name, dtype) for name in dtype.names) if dtype is not None else (),
        lists=step.notes_lists(),
        buckets=found["buckets"],
        shards=len(found["keys"]),
        missing=tuple(shard for shard, fp in enumerate(found["keys"]) if fp is None),
        joined=bool(found.get("joined")),
        names=tuple(earlier_names(step.earlier())),
        documents=sum((manifest or {}).get("documents", 0) for manifest in manifests),
        rows=sum((manifest or {}).get("rows", 0) for manifest in manifests),
        bytes=sum(path.stat().st_size for path in files.values()),
        digest=fingerprint("index", seal=found["seal"], buckets=found["buckets"]),
    )


def _field(name: str, dtype: Any) -> tuple[Any, ...]:
    """(name, type) or (name, type, shape) in JSON values."""
    kind = dtype[name]
    return (name, kind.base.str, list(kind.shape)) if kind.shape else (name, kind.str)
