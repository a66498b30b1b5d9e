"""Watching a run: bars on a terminal, one JSON line every ten seconds in a log. Both are observers of the engine.

Both write to stderr, so that what a verb prints on stdout can be piped. The lines come from a thread of their own: the log of a
cluster that has stalled must say so, and a stalled run calls nobody. Close an observer, or use it in a `with`, whatever
way the run ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from corpus_forge.engine.observer import Observer
from corpus_forge.report.plain import plain, plain_message
from corpus_forge.report.terminal import WIDE, make_console

LINE_SECONDS = 10.0
NAME_CHARACTERS = 24
"""So much of a stage's name leaves room for what is said of it on 80 columns."""


@dataclass
class StageTotals:
    """What a stage has done since it started in this process. Tasks that were reused are in `done`, not in the counts."""

    tasks: int
    reused: int
    started: float
    done: int = 0
    documents_in: int = 0
    documents_out: int = 0
    bytes_in: int = 0
    quarantined: int = 0
    retries: int = 0

    def add(self, counts: Mapping[str, Any]) -> None:
        """Count one committed task."""
        self.done += 1
        for key in ("documents_in", "documents_out", "bytes_in", "quarantined"):
            setattr(self, key, getattr(self, key) + int(counts.get(key) or 0))

    def rates(self, now: float) -> dict[str, float]:
        """Documents and megabytes (10⁶ bytes) a second of wall time, and the share of documents that stayed."""
        seconds = max(now - self.started, 1e-9)
        return {
            "documents_per_second": round(self.documents_in / seconds, 1),
            "megabytes_per_second": round(self.bytes_in / seconds / 1e6, 3),
            "kept_share": round(self.documents_out / self.documents_in, 4) if self.documents_in else 0.0,
        }


class _Watching(Observer):
    """What both observers share: totals of each stage, and `with`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.stages: dict[str, StageTotals] = {}

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop writing."""

    def _start(self, name: str, tasks: int, reused: int) -> StageTotals:
        totals = self.stages[name] = StageTotals(tasks, reused, self.clock(), done=reused)
        return totals

    def _count(self, stage: str, counts: Mapping[str, Any]) -> StageTotals:
        totals = self.stages.get(stage) or self._start(stage, 0, 0)
        totals.add(counts)
        return totals


class Bars(_Watching):
    """One bar a stage: shards done, documents and megabytes a second, share kept, records in quarantine."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.console = console
        name, says = (TextColumn(field, markup=False) for field in ("{task.description}", "{task.fields[says]}"))
        self.wide = console.width >= WIDE
        bar = BarColumn(20 if self.wide else 6)
        self.progress = Progress(name, bar, MofNCompleteColumn(), says, TimeElapsedColumn(), console=console)
        self.bars: dict[str, TaskID] = {}
        self.progress.start()

    def stage_started(self, name: str, tasks: int, reused: int) -> None:
        """Show a bar for the stage."""
        self._start(name, tasks, reused)
        says = f"{reused:,} reused" if reused else ""
        self.bars[name] = self.progress.add_task(plain(name, NAME_CHARACTERS), total=tasks, completed=reused, says=says)

    def task_done(self, stage: str, counts: Mapping[str, Any]) -> None:
        """Move the stage's bar."""
        totals = self._count(stage, counts)
        rates = totals.rates(self.clock())
        parts = []
        if totals.documents_in and self.wide:
            parts.append(f"{rates['documents_per_second']:,.0f} docs/s")
        if totals.bytes_in:
            parts += [f"{rates['megabytes_per_second']:,.1f} MB/s", f"kept {rates['kept_share']:.0%}"]
        if totals.quarantined:
            parts.append(f"{totals.quarantined:,} quarantined")
        if stage in self.bars:
            self.progress.update(self.bars[stage], completed=totals.done, says="  ".join(parts))

    def task_retried(self, stage: str, key: str, reason: str, attempt: int) -> None:
        """Say above the bars which task is tried again."""
        self.message(f"{stage} {key}: {reason}; attempt {attempt} follows")

    def stage_done(self, name: str) -> None:
        """Leave the bar as it is."""
        if name in self.bars:
            self.progress.stop_task(self.bars[name])

    def message(self, text: str) -> None:
        """Print above the bars."""
        self.console.print(plain_message(text))

    def finished(self, status: str) -> None:
        """Take the bars' hands off the terminal."""
        self.close()

    def close(self) -> None:
        """Stop drawing; what was drawn stays."""
        self.progress.stop()


class Lines(_Watching):
    """One JSON object a line: an `event` when something happens, and every `seconds` where the stage stands."""

    def __init__(self, stream: TextIO, seconds: float = LINE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.stream = stream
        self.current: str | None = None
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, args=(seconds,), name="corpus-forge-progress", daemon=True)
        self._ticker.start()

    def stage_started(self, name: str, tasks: int, reused: int) -> None:
        """Write one line."""
        self._start(name, tasks, reused)
        self.current = name
        self._write({"event": "stage_started", "stage": name, "tasks": tasks, "reused": reused})

    def task_done(self, stage: str, counts: Mapping[str, Any]) -> None:
        """Count only; the next line tells."""
        self._count(stage, counts)

    def task_retried(self, stage: str, key: str, reason: str, attempt: int) -> None:
        """Write one line."""
        if stage in self.stages:
            self.stages[stage].retries += 1
        self._write({"event": "retry", "stage": stage, "task": key, "reason": reason, "attempt": attempt})

    def stage_done(self, name: str) -> None:
        """Write the stage's last line."""
        self._write(self._standing(name, "stage_done"))
        self.current = None

    def message(self, text: str) -> None:
        """Write one line."""
        self._write({"event": "message", "text": text})

    def finished(self, status: str) -> None:
        """Write the last line."""
        self._write({"event": "finished", "status": status})
        self.close()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()

    def tick(self) -> None:
        """Write where the current stage stands, if there is one."""
        current = self.current
        if current is not None:
            self._write(self._standing(current, "progress"))

    def _tick(self, seconds: float) -> None:
        while not self._ended.wait(seconds):
            self.tick()

    def _standing(self, name: str, event: str) -> dict[str, Any]:
        totals = self.stages.get(name) or self._start(name, 0, 0)
        now = self.clock()
        counts = {key: value for key, value in vars(totals).items() if key != "started"}
        return {"event": event, "stage": name, **counts, **totals.rates(now), "seconds": round(now - totals.started, 1)}

    def _write(self, line: dict[str, Any]) -> None:
        with self._writing:
            self.stream.write(json.dumps(line) + "\n")
            self.stream.flush()


def terminal_observer() -> Bars | Lines:
    """Bars when stderr is a terminal, else lines."""
    console = make_console(stderr=True)
    return Bars(console) if console.is_terminal else Lines(sys.stderr)
