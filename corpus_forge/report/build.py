"""report.json: a run's record turned into what people ask of it. Pure: JSON values in, JSON values out.

The funnel (how many documents and bytes went into and came out of each step), what was removed by which rule, what is in
quarantine for which reason, tokens, speed, and whether the accounts balance: records in = kept + removed + quarantined, for the
run, for each step, and from one step to the next. A record of a run that is under way or has failed gives a report too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from corpus_forge.report.contamination import contamination_sections
from corpus_forge.report.filters import filter_sections
from corpus_forge.report.overlap import overlap_sections
from corpus_forge.report.rules import rule_sections
from corpus_forge.report.self_test import self_test_sections

Record = Mapping[str, Any]
COPIED = ("name", "status", "version", "versions", "started", "finished", "executor", "workers", "fingerprint")


def build_report(run_record: Record) -> dict[str, Any]:
    """The content of report.json from that of run.json."""
    steps = [step for step in run_record.get("steps") or [] if step]
    totals = _totals(run_record)
    failed = list(run_record.get("failed_shards") or [])
    findings = accounting_findings(steps, totals, whole=run_record.get("status") == "complete" and not failed)
    return {
        **{key: run_record.get(key) for key in COPIED},
        "inputs": _inputs(run_record.get("inputs") or []),
        "totals": totals,
        "accounts": {"balance": not findings, "findings": findings},
        "funnel": [_funnel_row(step, totals["records_in"]) for step in steps],
        "removed": _by_name(steps, "removed", "rule", totals["records_in"]),
        "quarantined": _by_name(steps, "quarantined", "reason", totals["records_in"]),
        "cleaned": _by_name(steps, "cleaned", "kind"),
        "skipped": _by_name(steps, "skipped", "type"),
        "self_tests": self_test_sections(run_record),
        "overlap": overlap_sections(run_record),
        "contamination": contamination_sections(run_record),
        "filters": filter_sections(run_record),
        "rules": rule_sections(run_record),
        "tokens": _tokens(run_record.get("tokens")),
        "mixture": run_record.get("mixture"),
        "throughput": _throughput(run_record, totals),
        "stages": list(run_record.get("stages") or []),
        "failed_shards": failed,
    }


def accounting_findings(steps: Sequence[Record], totals: Record, whole: bool = True) -> list[str]:
    """A sentence for each place where documents do not add up; empty when all of them are accounted for.

    Unless the run is `whole`, only each step by itself is looked at: shards that failed, or are still to do, left early.
    """
    findings = []
    for step in steps:
        left = _sum(step, "removed") + _sum(step, "quarantined")
        if step["documents_in"] != step["documents_out"] + left:
            findings.append(f"{step['name']}: {step['documents_in']} in, but {step['documents_out']} out and {left} left")
    return findings + _between_steps(steps, totals) if whole else findings


def _between_steps(steps: Sequence[Record], totals: Record) -> list[str]:
    findings = []
    for before, after in pairwise(steps):
        if before["documents_out"] != after["documents_in"]:
            findings.append(f"{before['name']} gave {before['documents_out']}, but {after['name']} got {after['documents_in']}")
    accounted = totals["kept"] + totals["removed"] + totals["quarantined"]
    if totals["records_in"] != accounted:
        findings.append(f"run: {totals['records_in']} records in, but {accounted} kept, removed or quarantined")
    for key in ("removed", "quarantined"):
        counted = sum(_sum(step, key) for step in steps)
        if steps and counted != totals[key]:
            findings.append(f"run: {totals[key]} {key}, but the steps say {counted}")
    return findings


def _totals(record: Record) -> dict[str, int]:
    given = record.get("totals") or {}
    return {key: int(given.get(key) or 0) for key in ("records_in", "kept", "removed", "quarantined")}


def _inputs(inputs: Sequence[Record]) -> dict[str, Any]:
    sources: dict[str, dict[str, int]] = {}
    for file in inputs:
        source = sources.setdefault(str(file.get("source")), {"files": 0, "bytes": 0})
        source["files"] += 1
        source["bytes"] += int(file.get("bytes") or 0)
    total = {key: sum(source[key] for source in sources.values()) for key in ("files", "bytes")}
    return {**total, "sources": sources}


def _funnel_row(step: Record, records_in: int) -> dict[str, Any]:
    """One step. Its speed is that of one worker: what went in, divided by the seconds all workers spent in it."""
    seconds = float(step.get("seconds") or 0.0)
    entered, left = step["documents_in"], step["documents_out"]
    return {
        "step": step["name"],
        "documents_in": entered,
        "documents_out": left,
        "bytes_in": step.get("bytes_in", 0),
        "bytes_out": step.get("bytes_out", 0),
        "removed": _sum(step, "removed"),
        "quarantined": _sum(step, "quarantined"),
        "removed_share": _ratio(_sum(step, "removed"), entered),
        "left_share": _ratio(left, records_in),
        "worker_seconds": seconds,
        "documents_per_second": _ratio(entered, seconds),
        "bytes_per_second": _ratio(step.get("bytes_in", 0), seconds),
    }


def _by_name(steps: Sequence[Record], key: str, label: str, records_in: int | None = None) -> list[dict[str, Any]]:
    """Counts of all steps, the largest first, then by name; with the share of all records where that is asked for."""
    rows = [(count, step["name"], name) for step in steps for name, count in (step.get(key) or {}).items()]
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    shares = [{} if records_in is None else {"share": _ratio(count, records_in)} for count, _, _ in rows]
    return [
        {"step": step, label: name, "count": count, **share} for (count, step, name), share in zip(rows, shares, strict=True)
    ]


def _tokens(tokens: Record | None) -> dict[str, Any] | None:
    if not tokens:
        return None
    count = tokens.get("tokens") or 0
    return {
        **tokens,
        "tokens_per_document": _ratio(count, tokens.get("documents") or 0),
        "bytes_per_token": _ratio(tokens.get("bytes") or 0, count),
    }


def _throughput(record: Record, totals: Record) -> dict[str, Any]:
    """Speed by the time of all stages. A run that reused results has none to tell: its seconds are not those of the work."""
    stages = record.get("stages") or []
    seconds = sum(float(stage.get("seconds") or 0.0) for stage in stages)
    reused = sum(int(stage.get("reused") or 0) for stage in stages)
    tokens = (record.get("tokens") or {}).get("tokens") or 0
    size = sum(int(file.get("bytes") or 0) for file in record.get("inputs") or [])
    counts = {"documents": totals["records_in"], "input_bytes": size, "tokens": tokens}
    return {
        "seconds": round(seconds, 3),
        "reused_tasks": reused,
        **{f"{what}_per_second": 0.0 if reused else _ratio(count, seconds) for what, count in counts.items()},
    }


def _sum(step: Record, key: str) -> int:
    return sum((step.get(key) or {}).values())


def _ratio(part: float, whole: float) -> float:
    """Quotient to six digits; 0 when there is no whole."""
    return round(part / whole, 6) if whole else 0.0
