"""Corpus steps: partition → reduce → apply, and for steps that join partition → reduce → join → apply.

Each shard writes ONE file of keys, sorted into buckets (keys.py); a reduce task reads its bucket's range from every file,
brings equal keys together and writes who leaves, or which spans of whom, sorted by id; the next map task of a shard reads its
contiguous slice of those (removals.py). So there are as many objects as shards and buckets, not their product.

A step that joins names pairs; each reduce task connects its own, so that it writes fewer pairs than it has ids, and one join
task connects those of all buckets. Which bucket a pair was in leaves no trace in the groups. A step that edits may ask for
several rounds; a later one sees what the round before found of its shard.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from corpus_forge.dedup.components import Forest
from corpus_forge.dedup.grouping import grouped
from corpus_forge.dedup.spans import united
from corpus_forge.engine.earlier import group_members
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.keys import KeysWriter, read_bucket
from corpus_forge.engine.notes import Notes, NotesWriter
from corpus_forge.engine.overlaps import overlap_of_groups, overlap_of_stars
from corpus_forge.engine.removals import Edits, reduce_fingerprint
from corpus_forge.engine.shelf import Shelf
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.io.key_index import read_index
from corpus_forge.steps.base import GROUP_DTYPE, KEY_DTYPE, REMOVAL_DTYPE, CorpusStep
from corpus_forge.steps.span_step import PLACE_DTYPE, PLACE_GROUP_DTYPE, SpanStep

PAIRS_AT_ONCE = 1 << 20


def run_partition(context: Context, task: Task) -> dict[str, Any]:
    """Keys of one shard, sorted by bucket. `row` of each key becomes the record index."""
    payload, space = task.payload, context.workspace
    step, path = _corpus_step(context, payload["step"]), space.scratch("keys")
    dtype, files = PLACE_DTYPE if isinstance(step, SpanStep) else KEY_DTYPE, {"keys": path}
    said: dict[str, Any] = {"kind": "partition", "stage": task.stage}
    with KeysWriter(path, dtype, payload["buckets"]) as writer:
        if isinstance(step, SpanStep):
            _write_places(context, task, step, writer)
        else:
            said["documents"] = _write_survey(context, task, step, writer, files)
    return space.commit(task.fingerprint, files, {**said, "rows": writer.rows})


def _write_survey(context: Context, task: Task, step: CorpusStep, writer: KeysWriter, files: dict[str, Path]) -> int:
    """Keys of documents, and what the step notes of each, whose files are added; how many documents there are."""
    space, documents = context.workspace, 0
    with NotesWriter(space, step.notes_dtype(), step.notes_lists()) as notes:
        for batch in read_batches(space.output(task.payload["docs"], "documents")):
            check_interrupted()
            documents += batch.num_rows
            records = batch.column("record").to_numpy()
            keys, noted = step.survey(batch)
            keys["row"] = records[keys["row"]]
            writer.write(keys)
            notes.write(records, noted, step.list_notes(batch) if step.notes_lists() else None)
    files |= notes.files
    return documents


def _write_places(context: Context, task: Task, step: SpanStep, writer: KeysWriter) -> None:
    """Keys of places, in the light of what the round before found."""
    payload, space, before = task.payload, context.workspace, None
    if payload.get("found"):
        before = Edits.load(space, payload["found"], payload["ordinal"], step)
    for batch in read_batches(space.output(payload["docs"], "documents")):
        records = batch.column("record").to_numpy()
        for keys in step.places(batch, before.of_batch(batch) if before else None):
            check_interrupted()
            keys["row"] = records[keys["row"]]
            writer.write(keys)


def run_reduce(context: Context, task: Task) -> dict[str, Any]:
    """One bucket of all shards: group equal keys, ask the step who leaves, write that sorted by id."""
    payload, space = task.payload, context.workspace
    step, shelf, path = _corpus_step(context, payload["step"]), _shelf(context, task), space.scratch("removals")
    where, overlap = (shelf, payload["bucket"], payload["buckets"]), {}
    if isinstance(step, SpanStep):
        removals = united(step.spans(_place_rows(*where), payload.get("round", 0)))
    elif step.joins():
        removals = _connected(step.pair(_key_rows(*where), Notes(shelf, step.notes_dtype())))
    else:
        removals = _distinct(step.reduce(_key_rows(*where)))
        overlap = overlap_of_stars(context.config, payload, removals)
    removals.tofile(path)
    said = {"kind": "reduce", "stage": task.stage, "rows": len(removals), **overlap}
    return space.commit(task.fingerprint, {"removals": path}, said)


def _shelf(context: Context, task: Task) -> Shelf:
    """All shards that the task sees."""
    space, payload = context.workspace, task.payload
    earlier = [read_index(Path(folder), name) for folder, name in payload.get("earlier", ())]
    return Shelf(space, space.read_json(f"work/data/{payload['seal']}.seal"), earlier)


def _key_rows(shelf: Shelf, bucket: int, buckets: int) -> np.ndarray:
    """GROUP_DTYPE[n] sorted by (hi, lo, id); keys that earlier runs alone have are no business of this one."""
    rows = grouped(read_bucket(shelf.key_files(buckets), bucket, buckets, KEY_DTYPE, GROUP_DTYPE))
    if not shelf.earlier or not len(rows):
        return rows
    ends = np.flatnonzero(np.append((np.diff(rows["hi"]) != 0) | (np.diff(rows["lo"]) != 0), True))
    # The last row of a key has its largest id: this run's own, if it has one.
    wanted = rows["id"][ends] >= shelf.first
    return rows[np.repeat(wanted, np.diff(ends, prepend=-1))]


def _place_rows(shelf: Shelf, bucket: int, buckets: int) -> np.ndarray:
    """PLACE_GROUP_DTYPE[n] sorted by (hi, lo, id, start)."""
    return grouped(read_bucket(shelf.key_files(buckets), bucket, buckets, PLACE_DTYPE, PLACE_GROUP_DTYPE))


def _distinct(removals: np.ndarray) -> np.ndarray:
    """Sorted by (id, kept), each once."""
    removals = removals[np.lexsort((removals["kept"], removals["id"]))]
    new = np.ones(len(removals), bool)
    new[1:] = (removals["id"][1:] != removals["id"][:-1]) | (removals["kept"][1:] != removals["kept"][:-1])
    return removals[new]


def _connected(pairs: np.ndarray) -> np.ndarray:
    """REMOVAL_DTYPE[k]: for each id in pairs the smallest id it is connected with, itself excepted."""
    forest = Forest()
    for first in range(0, len(pairs), PAIRS_AT_ONCE):
        piece = pairs[first : first + PAIRS_AT_ONCE]
        forest.add(piece["id"], piece["kept"])
    ids, roots = forest.groups()
    later = ids != roots
    found = np.empty(int(later.sum()), REMOVAL_DTYPE)
    found["id"], found["kept"] = ids[later], roots[later]
    return found


def run_join(context: Context, task: Task) -> dict[str, Any]:
    """Connect the pairs of all buckets, let the step elect who stays, write all members of groups sorted by id."""
    payload, space = task.payload, context.workspace
    step, shelf, forest = _corpus_step(context, payload["step"]), _shelf(context, task), Forest()
    for bucket in range(payload["buckets"]):
        check_interrupted()
        fp = reduce_fingerprint(payload["seal"], bucket, payload["buckets"])
        pairs = np.fromfile(space.output(fp, "removals"), REMOVAL_DTYPE)
        forest.add(pairs["id"], pairs["kept"])
    ids, groups = forest.groups()
    members = group_members(step, (ids, groups, forest.sizes()), shelf, Notes(shelf, step.notes_dtype()))
    path = space.scratch("members")
    members.tofile(path)
    said = {"kind": "join", "stage": task.stage, "rows": len(members)}
    said |= overlap_of_groups(context.config, payload, ids, groups, shelf.starts)
    return space.commit(task.fingerprint, {"members": path}, said)


def _corpus_step(context: Context, index: int) -> CorpusStep:
    step = context.config.steps[index]
    if not isinstance(step, CorpusStep):
        raise TypeError(f"step {index} ({step.name}) is no corpus step")
    return step
