"""What a signal is, and how one is registered.

A signal is a function over the counts of one fused pass (counts.py); its docstring is its definition, and `list signals`, the
documentation and the reports all read it from there. A share or a mean over nothing is 0.0, never NaN: a text without words has
no word that fulfils anything. Values are int64 for counts and float64 for ratios, and float64 is what rules compare: a value
rounded to float32 could fall on the other side of an edge in `whatif` than it did in the run; the cost is 4 bytes a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from corpus_forge.registry import Registry

GOPHER = "Rae et al. 2021, Scaling Language Models (Gopher), section A.1.1, https://arxiv.org/abs/2112.11446"
DATATROVE = "datatrove 0.10, pipeline/filters/gopher_quality_filter.py"

Counts = Callable[[Any], np.ndarray]
"""int64[n] of a count."""


@dataclass(frozen=True)
class Signal:
    """A number measured on a text, or on each of its lines. `definition` is one sentence; `empty` the value for no text."""

    name: str
    unit: str
    level: Literal["document", "line"]
    definition: str
    source: str
    empty: float
    counts: frozenset[IntEnum]
    compute: Callable[[Counts], np.ndarray]

    @property
    def type(self) -> pa.DataType:
        """int64 for what is counted, float64 for what is divided."""
        return pa.int64() if len(self.counts) == 1 else pa.float64()


registry: Registry[Signal] = Registry("signal")


def signal(unit: str, *counts: IntEnum, source: str = "corpus-forge") -> Callable:
    """Decorator: register a function over counts as the signal of its name; its docstring is the definition."""

    def register(compute: Callable[[Counts], np.ndarray]) -> Callable[[Counts], np.ndarray]:
        name, definition = compute.__name__, " ".join((compute.__doc__ or "").split())
        entry = Signal(name, unit, "document", definition, source, 0, frozenset(counts), compute)
        registry.add(name)(entry)
        return compute

    return register


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """float64[n] part / whole, 0.0 where whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part), np.float64), where=whole != 0)


def line_signal(name: str, unit: str, count: IntEnum, definition: str, source: str) -> None:
    """Register a count of a line as a line signal."""
    registry.add(name)(Signal(name, unit, "line", definition, source, 0, frozenset({count}), lambda of: of(count)))


def share(name: str, part: IntEnum, whole: IntEnum, definition: str, source: str, unit: str = "share") -> None:
    """Register the share of one count in another: for families of signals that differ in a number."""
    entry = Signal(name, unit, "document", definition, source, 0, frozenset((part, whole)), _share_of(part, whole))
    registry.add(name)(entry)


def _share_of(part: IntEnum, whole: IntEnum) -> Callable[[Counts], np.ndarray]:
    return lambda of: ratio(of(part), of(whole))
