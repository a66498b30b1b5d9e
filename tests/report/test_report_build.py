"""report.json says what run.json counted, and whether it adds up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from corpus_forge.report.build import build_report


def test_the_funnel(record: dict[str, Any]) -> None:
    report = build_report(record)
    assert [(row["step"], row["documents_in"], row["documents_out"], row["removed"]) for row in report["funnel"]] == [
        ("read", 100, 75, 20),
        ("filter", 75, 45, 30),
        ("redact", 45, 45, 0),
        ("dedup", 45, 40, 5),
    ]
    assert [row["removed_share"] for row in report["funnel"]] == [0.2, 0.4, 0.0, 0.111111]
    assert [row["left_share"] for row in report["funnel"]] == [0.75, 0.45, 0.45, 0.4]
    assert report["funnel"][0]["bytes_per_second"] == 2_500_000
    assert report["funnel"][3]["documents_per_second"] == 0


def test_reasons_are_sorted_by_count(record: dict[str, Any]) -> None:
    report = build_report(record)
    assert report["removed"] == [
        {"step": "filter", "rule": "gopher_quality.word_count", "count": 30, "share": 0.3},
        {"step": "read", "rule": "read.status", "count": 20, "share": 0.2},
        {"step": "dedup", "rule": "dedup.exact", "count": 5, "share": 0.05},
    ]
    assert [(row["reason"], row["count"]) for row in report["quarantined"]] == [("record:truncated", 4), ("record:bad_http", 1)]
    assert report["cleaned"] == [{"step": "redact", "kind": "email", "count": 7}]
    assert report["skipped"] == [{"step": "read", "type": "request", "count": 100}]


def test_inputs_tokens_and_speed(record: dict[str, Any]) -> None:
    report = build_report(record)
    assert report["inputs"] == {"files": 2, "bytes": 5_000_000, "sources": {"web": {"files": 2, "bytes": 5_000_000}}}
    assert (report["tokens"]["tokens_per_document"], report["tokens"]["bytes_per_token"]) == (12_500, 5.0)
    assert report["throughput"] == {
        "seconds": 10.0,
        "reused_tasks": 0,
        "documents_per_second": 10.0,
        "input_bytes_per_second": 500_000.0,
        "tokens_per_second": 50_000.0,
    }


def test_a_run_that_reused_results_tells_no_speed(record: dict[str, Any]) -> None:
    record["stages"][0]["reused"] = 1
    speed = build_report(record)["throughput"]
    assert (speed["reused_tasks"], speed["documents_per_second"], speed["tokens_per_second"]) == (1, 0.0, 0.0)


def test_accounts_balance(record: dict[str, Any]) -> None:
    assert build_report(record)["accounts"] == {"balance": True, "findings": []}


@pytest.mark.parametrize(
    ("step", "key", "value", "finding"),
    [
        (1, "documents_out", 44, "filter: 75 in, but 44 out and 30 left"),
        (2, "documents_in", 46, "filter gave 45, but redact got 46"),
        (3, "removed", {}, "run: 55 removed, but the steps say 50"),
    ],
)
def test_whatever_does_not_add_up_is_found(record: dict[str, Any], step: int, key: str, value: Any, finding: str) -> None:
    record["steps"][step][key] = value
    accounts = build_report(record)["accounts"]
    assert accounts["balance"] is False
    assert finding in accounts["findings"]


def test_totals_that_do_not_add_up_are_found(record: dict[str, Any]) -> None:
    record["totals"]["kept"] = 39
    findings = build_report(record)["accounts"]["findings"]
    assert findings == ["run: 100 records in, but 99 kept, removed or quarantined"]


def test_with_failed_shards_only_single_steps_are_checked(record: dict[str, Any]) -> None:
    record["failed_shards"] = [{"shard": "web 1"}]
    record["steps"][3].update(documents_in=40, documents_out=35)
    assert build_report(record)["accounts"]["balance"] is True
    record["steps"][3].update(documents_out=34)
    assert build_report(record)["accounts"]["balance"] is False


def test_a_run_that_has_just_begun_has_a_report(record: dict[str, Any]) -> None:
    record.update(status="running", steps=[], stages=[], tokens=None, totals={}, inputs=[])
    report = build_report(record)
    assert (report["funnel"], report["tokens"], report["totals"]["records_in"]) == ([], None, 0)
    assert report["accounts"]["balance"] is True


def test_it_is_json_and_a_pure_function(record: dict[str, Any]) -> None:
    before = json.dumps(record)
    assert json.dumps(build_report(record), allow_nan=False) == json.dumps(build_report(record))
    assert json.dumps(record) == before
