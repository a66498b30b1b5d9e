"""What a signal is, and how one is registered.

A signal is a function over the counts of one fused pass (counts.py); its docstring is its definition, and `list signals`, the
documentation and the reports all read it from there. A share or a mean over nothing is 0.0, never NaN: a text without words has
no word that fulfils anything. Values are int64 for counts and float64 for ratios, and float64 is what rules compare: a value
rounded to float32 could fall on the other side of an edge in `whatif` than it did in the run; the cost is 4 bytes a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    counts: tuple[IntEnum, ...]
    """Each once. No set: members of two enums with one value would be one."""
    compute: Callable[..., np.ndarray]
    compares: bool = False
    """Computed from the text as it came to a rule set too: `compute` takes the counts of that second."""
    pattern: str | None = None
    """Of a phrase in lines: what RE2 finds, and `action: cut` takes out."""
    most_words: int = 0
    """Lines of more words have no phrase."""
    hint: IntEnum | None = None
    """A count that is 0 only where RE2 finds no such phrase: other lines need no search."""
    needs: str = ""
    """What it needs beside the text; its values are null until a step that has this writes a column of its name."""

    @property
    def type(self) -> pa.DataType:
        """int64 for what is counted, float64 for what is divided, and for what another step writes."""
        return pa.int64() if len(self.counts) == 1 and not self.compares else pa.float64()

    @property
    def described(self) -> str:
        """Its definition, and what it needs beside the text."""
        return f"{self.definition} Needs {self.needs}." if self.needs else self.definition


registry: Registry[Signal] = Registry("signal")


def signal(unit: str, *counts: IntEnum, source: str = "corpus-forge", compares: bool = False, empty: float = 0) -> Callable:
    """Decorator: register a function over counts as the signal of its name; its docstring is the definition."""

    def register(compute: Callable[[Counts], np.ndarray]) -> Callable[[Counts], np.ndarray]:
        name, definition = compute.__name__, " ".join((compute.__doc__ or "").split())
        entry = Signal(name, unit, "document", definition, source, empty, counts, compute, compares)
        registry.add(name)(entry)
        return compute

    return register


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """float64[n] part / whole, 0.0 where whole is 0; neither is negative."""
    # Over infinity instead of nothing: a division of all is five times as fast as one of those that a mask chooses.
    return part / np.where(whole == 0, np.inf, whole)


def line_signal(name: str, unit: str, count: IntEnum, definition: str, source: str) -> None:
    """Register a count of a line as a line signal."""
    registry.add(name)(Signal(name, unit, "line", definition, source, 0, (count,), lambda of: of(count)))


def phrase_signal(
    name: str, words: IntEnum, hint: IntEnum, pattern: str, most_words: int, definition: str, source: str
) -> None:
    """Register the phrases of a line that a pattern finds, 0 in lines of more than so many words; `hint`: see Signal."""
    entry = Signal(name, "phrases", "line", definition, source, 0, (words,), lambda of: of(words))
    registry.add(name)(replace(entry, pattern=pattern, most_words=most_words, hint=hint))


def needing(name: str, unit: str, definition: str, source: str, needs: str) -> None:
    """Register a signal of documents that cannot be measured on the text alone, and say what it needs."""
    registry.add(name)(Signal(name, unit, "document", definition, source, 0, (), _nothing, needs=needs))


def _nothing(of: Counts) -> np.ndarray:  # noqa: ARG001 - what `compute` takes
    raise AssertionError("a signal that needs more than the text is not computed")


def share(name: str, part: IntEnum, whole: IntEnum, definition: str, source: str, unit: str = "share") -> None:
    """Register the share of one count in another: for families of signals that differ in a number."""
    entry = Signal(name, unit, "document", definition, source, 0, (part, whole), _share_of(part, whole))
    registry.add(name)(entry)


def _share_of(part: IntEnum, whole: IntEnum) -> Callable[[Counts], np.ndarray]:
    return lambda of: ratio(of(part), of(whole))
