"""What a failed attempt means, and how often it is tried again. The driver owns this; no executor retries by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from corpus_forge.engine.tasks import Task

RETRIES = {"worker": 5, "memory": 2, "silent": 2, "bug": 1, "refused": 0}
"""Tries after the first, by kind: a worker that died, out of memory, no sign of life, an exception of ours, a limit passed."""

FATAL = ("disk",)
"""No other attempt can do better, for any task: the run stops."""

BACKOFF_SECONDS = 0.2
BACKOFF_MOST = 10.0


@dataclass(frozen=True)
class Failure:
    """One failed attempt."""

    task: Task
    kind: str
    message: str
    trace: str

    @classmethod
    def of(cls, task: Task, error: dict[str, Any]) -> Failure:
        """From what `execute` or an executor says."""
        return cls(task, error["kind"], error["message"], error.get("trace", ""))


class Attempts:
    """Counts failed attempts. A commit anywhere shows that the machine works, and all counts start again."""

    def __init__(self) -> None:
        self._failed: Counter[tuple[str, str]] = Counter()

    def again(self, failure: Failure) -> float | None:
        """Seconds to wait before the next attempt, or None when there shall be none."""
        key = (failure.task.fingerprint, failure.kind)
        self._failed[key] += 1
        if self._failed[key] > RETRIES.get(failure.kind, 0):
            return None
        return min(BACKOFF_MOST, BACKOFF_SECONDS * 2 ** (self._failed[key] - 1))

    def number(self, failure: Failure) -> int:
        """How many attempts of this kind have failed since the last commit."""
        return self._failed[(failure.task.fingerprint, failure.kind)]

    def committed(self) -> None:
        """Something was committed. A bug is a bug: only what the machine does to us is forgotten."""
        for key in [key for key in self._failed if key[1] not in ("bug", "refused")]:
            del self._failed[key]
