"""Rows for `removed/` and `quarantine/`: what left, at which step, and why.

A removed document keeps what was measured before it left (as JSON), and for the first few of each rule its text, so that a
person can judge the rule. The sample is per shard and rule, in input order: the same in every run.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from typing import Any

import pyarrow as pa

from corpus_forge.document import PAYLOADS, QUARANTINE_SCHEMA, READ_FIELDS, REMOVED_SCHEMA, Outcome

SAMPLES_PER_RULE = 20
SAMPLE_CHARACTERS = 20_000

_WHERE = [("record", pa.uint32()), ("offset", pa.int64()), ("length", pa.int64())]
_JOINED = {"id", "origin"}
STORED_REMOVED = pa.schema(_WHERE + [f for f in REMOVED_SCHEMA if f.name not in _JOINED])
STORED_QUARANTINE = pa.schema(_WHERE + [f for f in QUARANTINE_SCHEMA if f.name not in _JOINED])
_NOT_MEASURED = {"record", "source", *READ_FIELDS, *PAYLOADS}


class Rejects:
    """Collects the rows of one task. A shard holds some 30,000 records, so lists are enough."""

    def __init__(self) -> None:
        self.removed: list[dict[str, Any]] = []
        self.quarantined: list[dict[str, Any]] = []
        self._samples: Counter[str] = Counter()

    def add(self, step: str, outcome: Outcome) -> None:
        """Note the rows of a batch that leave at `step`. The batch has record and source by now."""
        if outcome.removed:
            self._add_removed(step, outcome)
        if outcome.quarantined:
            self._add_quarantined(step, outcome)

    def _add_removed(self, step: str, outcome: Outcome) -> None:
        rows = sorted(outcome.removed)
        for row, known in zip(rows, _facts(outcome.batch, rows), strict=True):
            removal = outcome.removed[row]
            why = {
                "step": step,
                "rule": removal.rule,
                "value": None if removal.value is None else float(removal.value),
                "detail": removal.detail or None,
                "measured": _as_json({name: value for name, value in known.items() if name not in _NOT_MEASURED}),
                "failing": [each._asdict() for each in outcome.failing.get(row, ())] or None,
                "text": self._sample(f"{step} {removal.rule}", outcome.batch, row),
            }
            self.removed.append({**known, **why})

    def _add_quarantined(self, step: str, outcome: Outcome) -> None:
        rows = sorted(outcome.quarantined)
        for row, known in zip(rows, _facts(outcome.batch, rows), strict=True):
            fault = outcome.quarantined[row]
            digest = fault.digest or hashlib.sha256((_payload(outcome.batch, row) or "").encode()).hexdigest()
            why = {"stage": step, "reason": fault.reason, "detail": fault.detail or None, "digest": digest}
            self.quarantined.append({**known, **why})

    def _sample(self, rule: str, batch: pa.RecordBatch, row: int) -> str | None:
        if self._samples[rule] >= SAMPLES_PER_RULE:
            return None
        self._samples[rule] += 1
        payload = _payload(batch, row)
        return payload[:SAMPLE_CHARACTERS] if payload else None

    def batches(self) -> dict[str, pa.RecordBatch]:
        """`removed` and `quarantine` in the stored schemas, in the order they were added; what is empty is left out."""
        rows = {"removed": (self.removed, STORED_REMOVED), "quarantine": (self.quarantined, STORED_QUARANTINE)}
        return {name: pa.RecordBatch.from_pylist(found, schema=schema) for name, (found, schema) in rows.items() if found}


def _facts(batch: pa.RecordBatch, rows: list[int]) -> list[dict[str, Any]]:
    """For each of the rows, all columns but the payload."""
    light = batch.select([name for name in batch.schema.names if name not in PAYLOADS])
    return light.take(pa.array(rows, pa.int32())).to_pylist()


def _payload(batch: pa.RecordBatch, row: int) -> str | None:
    for name in reversed(PAYLOADS):
        if name in batch.schema.names:
            return batch.column(name)[row].as_py()
    return None


def _as_json(values: dict[str, Any]) -> str | None:
    """JSON with sorted keys; a number that JSON cannot say is null. None when nothing was measured."""
    clean = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return json.dumps(clean, sort_keys=True, ensure_ascii=False, default=str) if clean else None
