"""The funnel on a terminal: all counts are there, documents cannot act on it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console, RenderableType

from corpus_forge.report.build import build_report
from corpus_forge.report.terminal import bar, make_console, report_view


def printed(view: RenderableType, width: int = 140) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, markup=False, emoji=False).print(view)
    return stream.getvalue()


def _line(text: str, start: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.strip().startswith(start))


def test_each_step_is_a_row_with_a_bar(record: dict[str, Any]) -> None:
    text = printed(report_view(build_report(record)))
    assert _line(text, "filter") == [
        "filter",
        "75",
        "45",
        "30",
        "(40.0%)",
        "3.0",
        "MB",
        "38",
        "2.0",
        "█" * 11 + "░" * 13,
        "45.0%",
    ]
    assert _line(text, "read")[:6] == ["read", "100", "75", "20", "(20.0%)", "5"]
    assert _line(text, "gopher_quality.word_count") == ["gopher_quality.word_count", "filter", "30", "30.00%"]
    assert _line(text, "record:truncated") == ["record:truncated", "read", "4", "4.00%"]
    assert "tokens: 500,000 tokens, 489 rows of 1024, 1 shard, 5.00 bytes a token" in text
    assert "100 records in = 40 kept + 55 removed + 5 quarantined" in text
    assert "speed: 10.0 s, 10 records/s\n" in text


def test_on_80_columns_nothing_is_cut(record: dict[str, Any]) -> None:
    record["steps"][0]["name"] = "a_long_step_name"
    for step in (*record["steps"], *(step["removed"] for step in record["steps"]), record["totals"]):
        step.update({key: value * 100_000 for key, value in step.items() if isinstance(value, int) and "bytes" not in key})
    text = printed(report_view(build_report(record)), 80)
    assert "…" not in text
    half_full = "█" * 2 + "░" * 2
    assert _line(text, "filter") == ["filter", "7,500,000", "4,500,000", "40.0%", half_full, "45.0%"]


def test_accounts_that_do_not_balance_are_told_loudly(record: dict[str, Any]) -> None:
    record["totals"]["kept"] = 39
    assert "THE ACCOUNTS DO NOT BALANCE: run: 100 records in" in printed(report_view(build_report(record)), 300)


def test_names_cannot_act(record: dict[str, Any]) -> None:
    record["steps"][1]["removed"] = {"\x1b[2Jevil[bold]": 30}
    text = printed(report_view(build_report(record)))
    assert "\x1b" not in text
    assert "[2Jevil[bold]" in text


def test_many_rules_are_cut_with_their_number(record: dict[str, Any]) -> None:
    record["steps"][1]["removed"] = {f"rule{n:02d}": 1 for n in range(30)}
    text = printed(report_view(build_report(record)))
    assert "and 17 more in report.json" in text


def test_a_failed_shard_is_told(record: dict[str, Any]) -> None:
    record["failed_shards"] = [{"shard": "x"}]
    assert "failed shards: 1; their records are missing above" in printed(report_view(build_report(record)))


@pytest.mark.parametrize(("share", "full"), [(0, 0), (0.001, 1), (0.5, 12), (1, 24), (7, 24)])
def test_a_bar_shows_every_share_above_zero(share: float, full: int) -> None:
    assert bar(share).plain == "█" * full + "░" * (24 - full)


def test_a_file_has_a_steady_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert make_console().width == 120
    monkeypatch.setenv("COLUMNS", "77")
    assert make_console().width == 77
