"""Watching a run: JSON lines in a log, bars on a terminal."""

from __future__ import annotations

import io
import json
import threading
import time
from typing import Any

from rich.console import Console

from corpus_forge.report.progress import Bars, Lines, StageTotals, terminal_observer


class Clock:
    """Seconds that pass when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


COUNTS = {"documents_in": 100, "documents_out": 40, "bytes_in": 3_000_000, "quarantined": 2, "seconds": 1.0}


def test_a_log_has_one_json_object_a_line() -> None:
    stream, clock = io.StringIO(), Clock()
    with Lines(stream, seconds=3600, clock=clock) as lines:
        lines.message("executor: inline (small)")
        lines.tick()
        lines.stage_started("map", 8, 3)
        lines.task_done("map", COUNTS)
        lines.task_done("map", COUNTS)
        lines.task_retried("map", "web 1", "worker died", 1)
        clock.now += 10
        lines.tick()
        lines.stage_done("map")
        lines.tick()
        lines.finished("complete")
    assert [line["event"] for line in _lines(stream)] == [
        "message",
        "stage_started",
        "retry",
        "progress",
        "stage_done",
        "finished",
    ]
    assert _lines(stream)[3] == {
        "event": "progress",
        "stage": "map",
        "tasks": 8,
        "reused": 3,
        "done": 5,
        "documents_in": 200,
        "documents_out": 80,
        "bytes_in": 6_000_000,
        "quarantined": 4,
        "retries": 1,
        "documents_per_second": 20.0,
        "megabytes_per_second": 0.6,
        "kept_share": 0.4,
        "seconds": 10.0,
    }


def test_lines_come_while_nothing_happens_and_stop_at_the_end() -> None:
    stream = io.StringIO()
    lines = Lines(stream, seconds=0.01)
    lines.stage_started("map", 1, 0)
    deadline = time.monotonic() + 10
    while len(_lines(stream)) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [line["event"] for line in _lines(stream)][:3] == ["stage_started", "progress", "progress"]
    lines.close()
    lines._ticker.join(10)
    assert not lines._ticker.is_alive()
    assert "corpus-forge-progress" not in [thread.name for thread in threading.enumerate()]


def test_bars_show_shards_speed_share_and_quarantine() -> None:
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, force_terminal=True, width=140, color_system=None)
    with Bars(console, clock=clock) as bars:
        bars.stage_started("map[0]", 8, 3)
        clock.now += 10
        bars.task_done("map[0]", COUNTS)
        bars.task_retried("map[0]", "web 1", "worker\x1b[2J died", 1)
        bars.stage_done("map[0]")
        bars.finished("complete")
    text = stream.getvalue()
    assert "map[0]" in text
    assert "4/8" in text
    assert "10 docs/s  0.3 MB/s  kept 40%  2 quarantined" in text
    assert "map[0] web 1: worker[2J died; attempt 1 follows" in text


def test_an_unknown_stage_is_no_error() -> None:
    stream = io.StringIO()
    with Lines(stream, seconds=3600) as lines:
        lines.task_done("late", COUNTS)
        lines.stage_done("late")
    assert _lines(stream)[0]["documents_in"] == 100


def test_rates_of_nothing() -> None:
    assert StageTotals(1, 0, 5.0).rates(5.0) == {"documents_per_second": 0.0, "megabytes_per_second": 0.0, "kept_share": 0.0}


def test_without_a_terminal_there_are_lines() -> None:
    with terminal_observer() as observer:
        assert isinstance(observer, Lines)
