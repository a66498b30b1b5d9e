"""The map task: one shard through a chain of fused steps.

Text is read once, handed from step to step as record batches of at most 64 documents, and written once. What leaves on the way
goes to the rejects with its reason. The chain starts with a record read from a source, or with the stored documents of an
earlier stage, less those that a corpus step has since removed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.document import READ_FIELDS, Outcome
from corpus_forge.engine.counts import StepCounts, check_accounting, payload_bytes
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.rejects import Rejects
from corpus_forge.engine.removals import Applies, Edits, Removals
from corpus_forge.engine.storage import BatchWriter, read_batches
from corpus_forge.engine.tasks import Context, ShardRefusedError, Task
from corpus_forge.io.source import Piece, Source
from corpus_forge.steps.base import step_labels

Link = tuple[str, Callable[[pa.RecordBatch], Outcome]]


def run_map(context: Context, task: Task) -> dict[str, Any]:
    """Run the chain, write documents, removed and quarantine, check the accounting, commit."""
    payload, space = task.payload, context.workspace
    files = {"documents": space.scratch("documents")}
    rejects = Rejects()
    with BatchWriter(files["documents"]) as writer:
        chain = Chain(_links(context, payload), rejects, writer)
        if payload["docs"] is None:
            chain.run("read", _read(context, payload), _empty_read(_source(context, payload)))
        else:
            _run_stored(context, payload, chain)
    steps = chain.counts()
    check_accounting(steps)
    _check_quarantine(context, task, steps)
    for name, batch in rejects.batches().items():
        files[name] = space.scratch(name)
        with BatchWriter(files[name]) as sink:
            sink.write(batch)
    return space.commit(task.fingerprint, files, {"kind": "map", "stage": task.stage, "steps": steps, "rows": writer.rows})


class Chain:
    """Drives batches through links, counting and sorting out what leaves."""

    def __init__(self, links: list[Link], rejects: Rejects, writer: BatchWriter) -> None:
        self.links, self.rejects, self.writer = links, rejects, writer
        self.steps = [StepCounts(label) for label, _ in links]
        self.first: StepCounts | None = None

    def run(self, label: str, outcomes: Iterable[Outcome], empty: pa.RecordBatch) -> None:
        """Feed the outcomes of a first step (reading, or applying removals), then the schema alone if nothing came."""
        self.first = StepCounts(label)
        clock = time.perf_counter()
        for outcome in outcomes:
            self.feed(self._count(self.first, outcome, outcome.batch, time.perf_counter() - clock))
            clock = time.perf_counter()
        self.feed(empty.slice(0, 0))

    def feed(self, batch: pa.RecordBatch) -> None:
        """Take one batch through all links to the writer."""
        check_interrupted()
        for (_, function), counts in zip(self.links, self.steps, strict=True):
            clock = time.perf_counter()
            outcome = function(batch)
            if outcome.batch.num_rows != batch.num_rows:
                raise ValueError(f"step {counts.name}: {batch.num_rows} rows in, {outcome.batch.num_rows} in the outcome")
            batch = self._count(counts, outcome, batch, time.perf_counter() - clock)
        self.writer.write(batch)

    def counts(self) -> list[dict[str, Any]]:
        """Counts of all steps, first to last."""
        return [counts.as_json() for counts in ([self.first] if self.first else []) + self.steps]

    def _count(self, counts: StepCounts, outcome: Outcome, before: pa.RecordBatch, seconds: float) -> pa.RecordBatch:
        kept = outcome.kept()
        counts.add(outcome, payload_bytes(before), kept, seconds)
        self.rejects.add(counts.name, outcome)
        return kept


def _source(context: Context, payload: Any) -> Source:
    return context.config.sources[payload["source"]]


def _links(context: Context, payload: Any) -> list[Link]:
    first, last = payload["steps"]
    labels = step_labels(context.config.steps)
    return [(labels[i], context.config.steps[i].start()) for i in range(first, last)]  # type: ignore[attr-defined]


def _read(context: Context, payload: Any) -> Iterator[Outcome]:
    """The source's outcomes with record index and source name; at most `limit` records when one is set."""
    source, record = _source(context, payload), 0
    left = payload["limit"]
    for whole in source.read(Piece(**payload["piece"]), context.access):
        outcome = whole if left is None else _first_rows(whole, left)
        yield _numbered(outcome, record, source.name)
        record += outcome.batch.num_rows
        left = None if left is None else left - outcome.batch.num_rows
        if left == 0:
            return


def _first_rows(outcome: Outcome, rows: int) -> Outcome:
    if outcome.batch.num_rows <= rows:
        return outcome
    removed = {row: why for row, why in outcome.removed.items() if row < rows}
    quarantined = {row: why for row, why in outcome.quarantined.items() if row < rows}
    return Outcome(outcome.batch.slice(0, rows), removed, quarantined, outcome.skipped)


def _numbered(outcome: Outcome, record: int, source: str) -> Outcome:
    rows = outcome.batch.num_rows
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), [source]).dictionary_decode()
    records = pa.array(np.arange(record, record + rows, dtype=np.uint32))
    columns = [records, names, *outcome.batch.columns]
    batch = pa.RecordBatch.from_arrays(columns, names=["record", "source", *outcome.batch.schema.names])
    return Outcome(batch, outcome.removed, outcome.quarantined, outcome.skipped, outcome.cleaned, outcome.found)


def _empty_read(source: Source) -> pa.RecordBatch:
    fields = [*READ_FIELDS.items(), (source.gives[0], pa.large_string()), *source.extra_columns().items()]
    empty = pa.RecordBatch.from_pylist([], schema=pa.schema(fields))
    return _numbered(Outcome(empty), 0, source.name).batch


def _run_stored(context: Context, payload: Any, chain: Chain) -> None:
    path = context.workspace.output(payload["docs"], "documents")
    if payload["removals"] is None:
        for batch in read_batches(path):
            chain.feed(batch)
        return
    found = _found(context, payload)
    empty = found.apply(next(read_batches(path)).slice(0, 0)).batch
    chain.run(found.label, (found.apply(batch) for batch in read_batches(path)), empty)


def _found(context: Context, payload: Any) -> Applies:
    """What the corpus step before found of this shard."""
    where, space, ordinal = payload["removals"], context.workspace, payload["ordinal"]
    if "edits" in where:
        return Edits.load(space, where, ordinal, context.config.steps[where["edits"]])
    return Removals.load(space, where, ordinal)


def _check_quarantine(context: Context, task: Task, steps: list[dict[str, Any]]) -> None:
    limit, records = context.job.max_quarantine, steps[0]["documents_in"] if steps else 0
    quarantined = sum(sum(step["quarantined"].values()) for step in steps)
    if limit is not None and quarantined > limit * records:
        raise ShardRefusedError(
            f"{task.label}: {quarantined} of {records} records in quarantine, more than --max-quarantine {limit}"
        )
