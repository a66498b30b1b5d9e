"""Counting what happened to documents, step by step, in integers that merge in any order to the same sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.document import PAYLOADS, Outcome, Seen

TOTALS = ("documents_in", "documents_out", "bytes_in", "bytes_out")
BY_NAME = ("removed", "quarantined", "cleaned", "skipped", "found")


def payload_bytes(batch: pa.RecordBatch) -> int:
    """UTF-8 bytes of the payload column (html, else text) of a batch."""
    for name in PAYLOADS:
        index = batch.schema.get_field_index(name)
        if index >= 0:
            return pc.sum(pc.binary_length(batch.column(index))).as_py() or 0
    return 0


class StepCounts:
    """Documents and bytes in and out of one step, and why the others left."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.totals = dict.fromkeys(TOTALS, 0)
        self.by_name: dict[str, Counter[str]] = {kind: Counter() for kind in BY_NAME}
        self.seen: dict[str, Seen] = {}
        self.seconds = 0.0

    def add(self, outcome: Outcome, bytes_in: int, kept: pa.RecordBatch, seconds: float) -> None:
        """Count one batch."""
        self.totals["documents_in"] += outcome.batch.num_rows
        self.totals["documents_out"] += kept.num_rows
        self.totals["bytes_in"] += bytes_in
        self.totals["bytes_out"] += payload_bytes(kept)
        self.by_name["removed"].update(removal.rule for removal in outcome.removed.values())
        self.by_name["quarantined"].update(fault.reason for fault in outcome.quarantined.values())
        self.by_name["cleaned"].update(outcome.cleaned)
        self.by_name["skipped"].update(outcome.skipped)
        self.by_name["found"].update(outcome.found)
        self.see(outcome.seen)
        self.seconds += seconds

    def see(self, seen: Mapping[str, Seen]) -> None:
        """Join what rules looked at."""
        for rule, found in seen.items():
            self.seen[rule] = found.joined(self.seen.get(rule, Seen()))

    def as_json(self) -> dict[str, Any]:
        """The counts as JSON values, names sorted."""
        named = {kind: dict(sorted(counter.items())) for kind, counter in self.by_name.items()}
        seen = {rule: list(found) for rule, found in sorted(self.seen.items())}
        return {"name": self.name, **self.totals, **named, "seen": seen, "seconds": round(self.seconds, 6)}


def merge_steps(shards: Iterable[list[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Sum the step counts of many tasks of one stage; steps keep their order."""
    merged: dict[str, StepCounts] = {}
    for steps in shards:
        for step in steps:
            into = merged.setdefault(step["name"], StepCounts(step["name"]))
            for total in TOTALS:
                into.totals[total] += step[total]
            for kind in BY_NAME:
                into.by_name[kind].update(step.get(kind, {}))
            into.see({rule: Seen(*found) for rule, found in step.get("seen", {}).items()})
            into.seconds += step["seconds"]
    return [counts.as_json() for counts in merged.values()]


def check_accounting(steps: Sequence[Mapping[str, Any]]) -> None:
    """Records in = kept + removed + quarantined, for each step and from one step to the next; AssertionError otherwise."""
    for step in steps:
        left = sum(step["removed"].values()) + sum(step["quarantined"].values())
        if step["documents_in"] != step["documents_out"] + left:
            flow = f"{step['documents_in']} in, {step['documents_out']} out, {left} left"
            raise AssertionError(f"accounting: step {step['name']}: {flow}")
    for step, following in pairwise(steps):
        if following["documents_in"] != step["documents_out"]:
            flow = f"{step['name']} gave {step['documents_out']}, {following['name']} got {following['documents_in']}"
            raise AssertionError(f"accounting: {flow}")
