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
        for row, removal in sorted(outcome.removed.items()):
            document = outcome.batch.slice(row, 1)
            self.removed.append(
                {
                    **_where(document),
                    "step": step,
                    "rule": removal.rule,
                    "value": None if removal.value is None else float(removal.value),
                    "detail": removal.detail or None,
                    "measured": _measured(document),
                    "text": self._sample(f"{step} {removal.rule}", document),
                }
            )

    def _add_quarantined(self, step: str, outcome: Outcome) -> None:
        for row, fault in sorted(outcome.quarantined.items()):
            document = outcome.batch.slice(row, 1)
            where = _where(document)
            digest = fault.digest or hashlib.sha256((_payload(document) or "").encode()).hexdigest()
            self.quarantined.append(
                {**where, "stage": step, "reason": fault.reason, "detail": fault.detail or None, "digest": digest}
            )

    def _sample(self, rule: str, document: pa.RecordBatch) -> str | None:
        if self._samples[rule] >= SAMPLES_PER_RULE:
            return None
        self._samples[rule] += 1
        payload = _payload(document)
        return payload[:SAMPLE_CHARACTERS] if payload else None

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """(removed, quarantined) in the stored schemas, in the order they were added."""
        return (
            pa.Table.from_pylist(self.removed, schema=STORED_REMOVED),
            pa.Table.from_pylist(self.quarantined, schema=STORED_QUARANTINE),
        )


def _where(document: pa.RecordBatch) -> dict[str, Any]:
    return {name: document.column(name)[0].as_py() for name in ("record", "offset", "length", "url", "source")}


def _payload(document: pa.RecordBatch) -> str | None:
    for name in reversed(PAYLOADS):
        if name in document.schema.names:
            return document.column(name)[0].as_py()
    return None


def _measured(document: pa.RecordBatch) -> str | None:
    """JSON of the columns that steps have added so far; a number that JSON cannot say is null."""
    values = {name: document.column(name)[0].as_py() for name in document.schema.names if name not in _NOT_MEASURED}
    clean = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return json.dumps(clean, sort_keys=True, ensure_ascii=False, default=str) if clean else None
