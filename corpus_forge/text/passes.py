"""The passes that count: which function fills which enum of counts.

A signal names the counts that it is computed from, and so the passes that must run; one over counts of two enums runs both. A
new family of counts is an enum, a kernel, and one function that starts it: `@counts_of(MyCount, "mine")`, where `mine` is what
corpus_forge/warm_up.py compiles its kernels under.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import TypeVar

import numpy as np

from corpus_forge.text.columns import TextColumn
from corpus_forge.text.splitters import Words

Counting = Callable[[TextColumn, frozenset, Words], np.ndarray]
"""(texts, counts that are wanted, what a word is) to an array [n, len(enum)]; columns not wanted may hold anything."""

CountingT = TypeVar("CountingT", bound=Counting)
_PASSES: dict[type[IntEnum], Counting] = {}
_KERNELS: dict[type[IntEnum], str] = {}


def counts_of(kind: type[IntEnum], kernels: str = "text") -> Callable[[CountingT], CountingT]:
    """Decorator: this function fills the counts of that enum, by the kernels of that name."""

    def register(function: CountingT) -> CountingT:
        _PASSES[kind], _KERNELS[kind] = function, kernels
        return function

    return register


def kernels_of(counts: Iterable[IntEnum]) -> tuple[str, ...]:
    """Names of the kernels that count these, those that any measuring needs first."""
    return ("text", *sorted({_KERNELS[type(count)] for count in counts} - {"text"}))


def counted(column: TextColumn, wanted: Iterable[IntEnum], words: Words) -> Callable[[IntEnum], np.ndarray]:
    """A function from a count to its column, [n]; every pass that a wanted count needs is run once."""
    by_kind: dict[type[IntEnum], set[IntEnum]] = {}
    for count in wanted:
        by_kind.setdefault(type(count), set()).add(count)
    found = {kind: _PASSES[kind](column, frozenset(counts), words) for kind, counts in by_kind.items()}
    return lambda count: found[type(count)][:, count]
