"""How far a run has come, as a value: `State` in, tasks out; `State` and what the tasks made in, the next `State` out.

A state holds fingerprints only. Whether they exist on disk is another question, so the same states describe a plan and a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from corpus_forge.engine.shards import Shard
from corpus_forge.engine.tasks import Task

Manifests = Sequence[dict[str, Any] | None]


class Seal(NamedTuple):
    """A list of fingerprints, in shard order, that all tasks of a stage need: written once, read by name."""

    name: str
    members: Sequence[str | None]


@dataclass(frozen=True)
class State:
    """After a stage, for each shard: the task that holds its documents (None: failed), and all map tasks behind it."""

    shards: tuple[Shard, ...]
    docs: tuple[str | None, ...]
    history: tuple[tuple[str, ...], ...]
    keys: tuple[str | None, ...] = ()
    removals: dict[str, Any] | None = None
    indexes: tuple[dict[str, Any], ...] = ()
    """What corpus steps leave behind for later runs: each with its step's number and where its files are."""
    samples: tuple[str | None, ...] = ()
    published: tuple[str | None, ...] = ()
    tokenizer: str | None = None
    encoded: tuple[str | None, ...] = ()
    sorted: tuple[str | None, ...] = ()
    tokens: tuple[str | None, ...] = ()
    mixed: tuple[str | None, ...] = ()


class Stage(Protocol):
    """A wave of tasks. `name` is for people; `steps` are labels of pipeline steps; `identity` is what a change shows in."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def kind(self) -> str:
        """Kind of its tasks."""

    @property
    def steps(self) -> Sequence[str]:
        """Labels of the pipeline's steps that it runs."""

    def identity(self) -> dict[str, Any]:
        """JSON values of the configuration behind the stage."""

    def seal(self, state: State) -> Seal | None:
        """What all tasks read, to be written before the first one runs."""

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """Tasks in order; None for a shard that failed before. None in all when `manifests` of the stage before are missing."""

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The state after the tasks `done` (fingerprints, None for a failed task)."""


class OfOneShard:
    """A stage whose tasks know their own input: there is nothing to seal."""

    def seal(self, state: State) -> Seal | None:
        """None."""
        return None


def initial_state(shards: Sequence[Shard]) -> State:
    """Nothing has been read yet."""
    return State(tuple(shards), (None,) * len(shards), ((),) * len(shards))
