"""What the engine tells whoever watches a run. Terminals, logs and notebooks implement it; the engine prints nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Observer:
    """Callbacks of a run, all from the driver's thread. Here they do nothing: override those that matter."""

    def stage_started(self, name: str, tasks: int, reused: int) -> None:
        """A stage of `tasks` tasks begins; `reused` of them are done already."""

    def task_done(self, stage: str, counts: Mapping[str, Any]) -> None:
        """A task was committed. Counts: documents_in, documents_out, bytes_in, quarantined, seconds."""

    def task_retried(self, stage: str, key: str, reason: str, attempt: int) -> None:
        """A task failed and will be tried again."""

    def stage_done(self, name: str) -> None:
        """All tasks of the stage are committed or have failed for good."""

    def message(self, text: str) -> None:
        """A sentence for people: the executor chosen and why, a shard that failed."""

    def finished(self, status: str) -> None:
        """The run ended: complete, failed or interrupted."""
