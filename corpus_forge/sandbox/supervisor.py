"""Holds the processes of one sandbox: at most one helper and one child, started when needed, replaced when they die."""

from __future__ import annotations

from typing import Any

from corpus_forge.errors import RunError
from corpus_forge.sandbox.helper import Helper
from corpus_forge.sandbox.talk import Talk

START_TRIES = 3


class Supervisor:
    """Processes that run `engine`, made with `options`, over the pages in the shared file `arena`."""

    def __init__(self, engine: str, options: dict[str, Any], memory: int, arena: int) -> None:
        self.engine, self.options, self.memory = engine, options, memory
        self.child_pid = 0
        self.children_started = 0
        self._arena = arena
        self._helper: Helper | None = None
        self._talk: Talk | None = None

    @property
    def helper_pid(self) -> int:
        """Process id of the helper, 0 when there is none."""
        return self._helper.pid if self._helper else 0

    def child(self) -> Talk:
        """The conversation with the living child, or with a fresh one. RunError when none can be started."""
        if self._talk is not None:
            return self._talk
        problem: Exception | None = None
        for _ in range(START_TRIES):
            try:
                return self._start()
            except (OSError, EOFError) as error:
                problem = error
                self.close()
        raise RunError(
            f"the sandbox of engine '{self.engine}' cannot start its processes ({problem!r})."
            " Free memory or processes and run again, or set `sandbox: false` on the step."
        )

    def end_child(self, grace_ms: int) -> int | None:
        """Wait status of the child, killed if it does not end within the grace; None when its helper has died too."""
        if self._talk is None:
            return None
        self._hang_up()
        status = self._helper.bury(grace_ms) if self._helper else None
        if status is None:
            self.close()
        return status

    def close(self) -> None:
        """End child and helper."""
        self._hang_up()
        if self._helper is not None:
            self._helper.close()
            self._helper = None

    def _start(self) -> Talk:
        self._helper = self._helper or Helper(self.engine, self.options, self.memory, self._arena)
        self.child_pid, data = self._helper.fork()
        self.children_started += 1
        self._talk = Talk(data)
        return self._talk

    def _hang_up(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk, self.child_pid = None, 0
