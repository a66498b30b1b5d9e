"""`Sandbox`: run an extraction engine over pages in a guarded child, and say of each page what it gave or how it failed.

Costs: some tens of microseconds a page, one helper process (about 30 MB, shared with the child) for each engine and process
that extracts, and for a page that hangs twice the timeout, because a verdict needs a second try.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

import corpus_forge.extract  # noqa: F401 (registers the built-in engines)
from corpus_forge.document import Fault
from corpus_forge.registry import extractors
from corpus_forge.sandbox import verdict
from corpus_forge.sandbox.arena import Arena
from corpus_forge.sandbox.protocol import TEXT, unpack_fault
from corpus_forge.sandbox.supervisor import Supervisor

DEFAULT_TIMEOUT_S = 30.0
"""Ten thousand times a usual page: on a busy machine too, only a page that hangs gets there."""
DEFAULT_MEMORY = 2 << 30
"""Bytes of address space that a child may take beyond what it has when it is forked, the engine loaded."""
GROUP_ROWS = 256
GROUP_BYTES = 16 << 20
"""Pages that are handed over at a time; one page may be larger."""
LONE_TRIES = 3
"""How often a page is tried alone when its child is killed from outside each time."""
LAST_BREATH_MS = 1000
"""A child that has hung up is ending; so long it may take, writing nothing, before it is killed."""

Answer = str | Fault


class Sandbox:
    """`spec` names a registered engine, and options if it has some: `{"engine": "resiliparse"}`. RequestError when none has
    that name.

    `timeout` in seconds a page, `memory` in bytes (see DEFAULT_MEMORY). Processes are started by the first `run` and end with
    `close`, with the object, or with this process however that ends; a `run` after `close` starts them again. Any thread may
    call; calls take turns.
    """

    def __init__(self, spec: Mapping[str, Any], timeout: float = DEFAULT_TIMEOUT_S, memory: int = DEFAULT_MEMORY) -> None:
        extractors.get(spec["engine"])
        self.timeout = timeout
        self.arena = Arena()
        self.processes = Supervisor(spec["engine"], dict(spec.get("options", {})), memory, self.arena.fd)
        self._lock = threading.Lock()

    def run(self, htmls: pa.Array, urls: pa.Array | None = None) -> tuple[pa.LargeStringArray, dict[int, Fault]]:
        """Texts of pages (string[n]; a null page counts as empty), given their URLs, and faults by row; their text is null.

        RunError when no helper can be started at all.
        """
        pages = _column(htmls)
        links = _column(urls) if urls is not None else pa.nulls(len(pages), pa.large_string())
        answers: list[Answer] = []
        with self._lock:
            try:
                for start, stop in _groups(pages):
                    answers += self._run_group(pages[start:stop], links[start:stop])
            except BaseException:
                # Interrupted in the middle: what the child still has to say belongs to no page any more.
                self.processes.end_child(0)
                raise
        faults = {row: answer for row, answer in enumerate(answers) if isinstance(answer, Fault)}
        return pa.array([None if isinstance(answer, Fault) else answer for answer in answers], pa.large_string()), faults

    def close(self) -> None:
        """End child and helper and give memory back."""
        with self._lock:
            self.processes.close()
            self.arena.trim(0)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run_group(self, pages: pa.LargeStringArray, links: pa.LargeStringArray) -> list[Answer]:
        self.arena.write(pages, links)
        answers: list[Answer] = []
        while len(answers) < len(pages):
            answers += self._answers(len(pages), len(answers), len(pages))
        for row, answer in enumerate(answers):
            if isinstance(answer, Fault):
                answers[row] = self._alone(len(pages), row)
        self.arena.trim()
        return answers

    def _alone(self, rows: int, row: int) -> Answer:
        answer: Answer = Fault(verdict.KILLED)
        for _ in range(LONE_TRIES):
            self.processes.end_child(0)
            (answer,) = self._answers(rows, row, row + 1)
            if not isinstance(answer, Fault) or answer.reason != verdict.KILLED:
                break
        if isinstance(answer, Fault):
            # What the page did to this child is not for the next page to bear.
            self.processes.end_child(0)
        return answer

    def _answers(self, rows: int, first: int, stop: int) -> Iterator[Answer]:
        """Answers to the rows [first, stop), in order; ends early with the fault of the row that the child did not survive."""
        try:
            talk = self.processes.child()
            talk.ask(self.arena.size, rows, first, stop)
            for _ in range(first, stop):
                kind, payload = talk.answer(self.timeout)
                yield payload.decode() if kind == TEXT else Fault(*unpack_fault(payload))
        except TimeoutError:
            self.processes.end_child(0)
            yield Fault(*verdict.of_silence(self.timeout))
        except ValueError:
            self.processes.end_child(0)
            yield Fault(*verdict.of_garble())
        except (OSError, EOFError):
            yield Fault(*verdict.of_end(self.processes.end_child(LAST_BREATH_MS)))


def _column(values: pa.Array | pa.ChunkedArray) -> pa.LargeStringArray:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values if pa.types.is_large_string(values.type) else values.cast(pa.large_string())


def _groups(pages: pa.LargeStringArray) -> Iterator[tuple[int, int]]:
    """Ranges of rows that fill the arena, each at least one row."""
    ends = (
        np.frombuffer(pages.buffers()[1], np.int64, len(pages) + 1, pages.offset * 8) if len(pages) else np.zeros(1, np.int64)
    )
    start = 0
    while start < len(pages):
        full = int(np.searchsorted(ends, ends[start] + GROUP_BYTES, side="right")) - 1
        stop = max(start + 1, min(full, start + GROUP_ROWS))
        yield start, stop
        start = stop
