"""The record of a small run, as the engine writes it."""

from __future__ import annotations

from typing import Any

import pytest


def _step(name: str, documents: tuple[int, int], size: tuple[int, int], **counts: Any) -> dict[str, Any]:
    totals = dict(zip(("documents_in", "documents_out", "bytes_in", "bytes_out"), (*documents, *size), strict=True))
    return {"name": name, **totals, "removed": {}, "quarantined": {}, "cleaned": {}, "skipped": {}, "seconds": 2.0, **counts}


@pytest.fixture
def record() -> dict[str, Any]:
    """100 records: 5 damaged, 20 of other types, 30 too short, 5 duplicates, 40 kept."""
    return {
        "name": "tiny",
        "status": "complete",
        "version": "0.1.0",
        "versions": {"python": "3.11"},
        "pipeline": {},
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:00:10Z",
        "executor": "inline",
        "workers": 1,
        "fingerprint": "f" * 8,
        "inputs": [{"source": "web", "uri": "a", "bytes": 4_000_000}, {"source": "web", "uri": "b", "bytes": 1_000_000}],
        "stages": [
            {"name": "map", "steps": ["read", "filter"], "tasks": 2, "reused": 0, "seconds": 8.0},
            {"name": "encode", "steps": ["tokenize"], "tasks": 1, "reused": 0, "seconds": 2.0},
        ],
        "steps": [
            _step(
                "read",
                (100, 75),
                (5_000_000, 4_000_000),
                removed={"read.status": 20},
                quarantined={"record:truncated": 4, "record:bad_http": 1},
                skipped={"request": 100},
            ),
            _step("filter", (75, 45), (4_000_000, 3_000_000), removed={"gopher_quality.word_count": 30}),
            _step("redact", (45, 45), (3_000_000, 2_999_000), cleaned={"email": 7}),
            _step("dedup", (45, 40), (2_999_000, 2_500_000), removed={"dedup.exact": 5}, seconds=0.0),
        ],
        "tokens": {"tokens": 500_000, "sequences": 489, "documents": 40, "bytes": 2_500_000, "shards": 1, "seq_len": 1024},
        "totals": {"records_in": 100, "kept": 40, "removed": 55, "quarantined": 5},
        "failed_shards": [],
    }
