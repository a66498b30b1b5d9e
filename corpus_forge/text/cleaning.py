"""Lines of texts, measured, and texts put together again from the lines to keep.

Kernels are imported when they are first needed: importing this module costs no numba.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.line_counts import GROUPS, SENTENCE_GROUP, LineCount
from corpus_forge.text.signal import Signal


class Lines(NamedTuple):
    """firsts: int64[n + 1], the first line of each text. bounds: int64[lines, 2] in content, uint8[...].

    counts: int32[lines, len(LineCount)].
    """

    firsts: np.ndarray
    bounds: np.ndarray
    counts: np.ndarray
    content: np.ndarray

    def of_text(self) -> np.ndarray:
        """int64[lines]: the text that each line is of."""
        return np.repeat(np.arange(len(self.firsts) - 1), np.diff(self.firsts))

    def values(self, signal: Signal) -> np.ndarray:
        """float64[lines] of a line signal."""
        return signal.compute(lambda count: self.counts[:, count]).astype(np.float64)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """int64[n]: the sum over the lines of each text."""
        totals = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
        return totals[self.firsts[1:]] - totals[self.firsts[:-1]]


def lines_of(column: TextColumn, without_citations: bool, wanted: Collection[int] = tuple(LineCount)) -> Lines:
    """The lines of each text, as `str.splitlines` cuts them, stripped; only the groups of counts that are wanted are filled."""
    from corpus_forge.text.classes import sentence_classes
    from corpus_forge.text.line_kernel import measure_lines
    from corpus_forge.text.tables import english_tables

    groups = tuple(bool(group.intersection(wanted)) for group in GROUPS)
    found = measure_lines(column.data, column.offsets, english_tables(), sentence_classes(), without_citations, groups)
    return Lines(*found)


def joined_lines(lines: Lines, keep: np.ndarray) -> pa.Array:
    """large_string[n]: each text's lines where `keep`, bool[lines], is true, a newline between them, stripped."""
    from corpus_forge.text.line_kernel import join_lines
    from corpus_forge.text.tables import english_tables

    content, offsets = join_lines(lines.content, lines.firsts, lines.bounds, keep, english_tables().classes)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)


def sentence_counts(column: TextColumn) -> np.ndarray:
    """int64[n]: sentences of each text, counted line by line."""
    lines = lines_of(column, without_citations=False, wanted=SENTENCE_GROUP)
    return lines.sums(lines.counts[:, LineCount.SENTENCES])


class StrippedLines:
    """Lines of texts as rules take them out: which are still there, what each counts, and what is left."""

    def __init__(self, texts: pa.Array, without_citations: bool, wanted: Collection[int]) -> None:
        self._lines = lines_of(text_column(texts), without_citations, wanted)
        self.keep = np.ones(len(self._lines.bounds), bool)

    def of_text(self) -> np.ndarray:
        """int64[lines]: the text that each line is of."""
        return self._lines.of_text()

    def judged(self) -> np.ndarray:
        """bool[lines]: lines that rules see: those that are still there, blank ones too."""
        return self.keep.copy()

    def values(self, signal: Signal) -> np.ndarray:
        """float64[lines] of a line signal."""
        return self._lines.values(signal)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """int64[n]: the sum over the lines of each text."""
        return self._lines.sums(values)

    def joined(self) -> pa.Array:
        """large_string[n]: each text's lines that are still there."""
        return joined_lines(self._lines, self.keep)


@cache
def warm_up() -> None:
    """Compile the kernels that measure and join lines, or load them from numba's cache: corpus_forge/warm_up.py."""
    lines = lines_of(text_column(["Hello, world."]), without_citations=True)
    joined_lines(lines, np.ones(len(lines.bounds), bool))
