"""The passes that count: which function fills which enum of counts.

A signal names the counts that it is computed from, and so the passes that must run; one over counts of two enums runs both. A
new family of counts is an enum, a kernel, and one function here that starts it: `@counts_of(MyCount)`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import numpy as np

from corpus_forge.text.columns import TextColumn
from corpus_forge.text.splitters import Words

Counting = Callable[[TextColumn, frozenset, Words], np.ndarray]
"""(texts, counts that are wanted, what a word is) to an array [n, len(enum)]; columns not wanted may hold anything."""

_PASSES: dict[type[IntEnum], Counting] = {}


def counts_of(kind: type[IntEnum]) -> Callable[[Counting], Counting]:
    """Decorator: this function fills the counts of that enum."""

    def register(function: Counting) -> Counting:
        _PASSES[kind] = function
        return function

    return register


def counted(column: TextColumn, wanted: frozenset, words: Words) -> Callable[[IntEnum], np.ndarray]:
    """A function from a count to its column, [n]; every pass that a wanted count needs is run once."""
    kinds = {type(count) for count in wanted}
    found = {kind: _PASSES[kind](column, frozenset(c for c in wanted if type(c) is kind), words) for kind in kinds}
    return lambda count: found[type(count)][:, count]
