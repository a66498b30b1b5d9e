"""Bare lines of texts, measured, cut, and put together again: what newlines part, with the white space around them.

Arrow splits and joins them; a kernel of ours counts characters, and rules out the phrases of nearly all lines at a glance; RE2
finds them in the others (linear in their length). Empty lines are seen by no rule and stay, as in DCLM; a text that lines were
looked at of is stripped.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.text.bare_counts import BareCount
from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.passes import counted, counts_of
from corpus_forge.text.rps_counts import RpsLineCount
from corpus_forge.text.signal import Signal
from corpus_forge.text.splitters import Words

CITATIONS = r"\[\p{Nd}*\]|\[edit\]|\[citation needed\]"
BEFORE_CITATIONS = frozenset({BareCount.LONGEST_WORD})
"""What is counted while citations are still there."""
BARE_COUNTS = (BareCount, RpsLineCount)
"""Enums of what is counted of bare lines."""


@counts_of(BareCount, "bare")
def count_bare_lines(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - all are counted at once
    """int64[lines, len(BareCount)]; of sentences nothing is counted."""
    from corpus_forge.text.bare_kernel import measure_bare_lines
    from corpus_forge.text.classes import character_classes
    from corpus_forge.text.letters import letter_classes

    return measure_bare_lines(column.data, column.offsets, character_classes(), letter_classes()).T


@cache
def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache: corpus_forge/warm_up.py."""
    count_bare_lines(text_column(["Hello, world."]), frozenset(BareCount), "default")


class BareLines:
    """Lines of a large_string array without nulls."""

    def __init__(self, texts: pa.Array, without_citations: bool) -> None:
        split = pc.split_pattern(texts, "\n")
        self._offsets = split.offsets.to_numpy()
        self._lines: pa.Array = split.flatten()
        self._whole = self._lines
        if without_citations:
            self._lines = pc.replace_substring_regex(self._lines, CITATIONS, "")
        self._counts: dict[tuple[bool, type[IntEnum]], Callable[[IntEnum], np.ndarray]] = {}
        self.keep = np.ones(len(self._lines), bool)

    def of_text(self) -> np.ndarray:
        """int64[lines]: the text that each line is of."""
        return np.repeat(np.arange(len(self._offsets) - 1), np.diff(self._offsets))

    def judged(self) -> np.ndarray:
        """bool[lines]: lines that rules see: those that are still there and not empty."""
        return self.keep & (pc.binary_length(self._lines).to_numpy(zero_copy_only=False) > 0)

    def values(self, signal: Signal) -> np.ndarray:
        """float64[lines] of a line signal."""
        if signal.pattern is not None:
            return self._phrases(signal)
        of = self._counted(not BEFORE_CITATIONS.isdisjoint(signal.counts), type(signal.counts[0]))
        return signal.compute(of).astype(np.float64, copy=False)

    def cut(self, signal: Signal, rows: np.ndarray) -> np.ndarray:
        """Take the signal's phrase out of these lines, bool[lines]; bool[lines], where nothing but white space is left."""
        places, gone = np.flatnonzero(rows), np.zeros(len(rows), bool)
        if len(places):
            cut = pc.replace_substring_regex(self._lines.take(pa.array(places)), signal.pattern, "")
            self._lines = pc.replace_with_mask(self._lines, pa.array(rows), cut)
            self._count_again(places, cut)
            gone[places] = pc.equal(pc.utf8_trim_whitespace(cut), "").to_numpy(zero_copy_only=False)
        return gone

    def sums(self, values: np.ndarray) -> np.ndarray:
        """int64[n]: the sum over the lines of each text."""
        totals = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
        return totals[self._offsets[1:]] - totals[self._offsets[:-1]]

    def joined(self) -> pa.Array:
        """large_string[n]: each text's lines that are still there, a newline between them, stripped."""
        lines = self._lines.filter(pa.array(self.keep))
        offsets = np.concatenate([[0], np.cumsum(self.sums(self.keep))]).astype(np.int32)
        joined = pc.binary_join(pa.ListArray.from_arrays(offsets, lines), pa.scalar("\n", pa.large_string()))
        return pc.utf8_trim_whitespace(joined)

    def _phrases(self, signal: Signal) -> np.ndarray:
        """float64[lines]: how often RE2 finds the signal's phrase, searching only lines that may have it."""
        assert signal.hint is not None
        of = self._counted(False, BareCount)
        places = np.flatnonzero((of(signal.hint) != 0) & (of(BareCount.WORDS) <= signal.most_words))
        found = np.zeros(len(self._lines), np.float64)
        found[places] = pc.count_substring_regex(self._lines.take(pa.array(places)), signal.pattern).to_numpy()
        return found

    def _counted(self, before: bool, kind: type[IntEnum]) -> Callable[[IntEnum], np.ndarray]:
        """From each count of that enum to its column; `before`: of the lines with their citations, and nothing cut."""
        before = before and self._lines is not self._whole
        if (before, kind) not in self._counts:
            column = text_column(self._whole if before else self._lines)
            self._counts[before, kind] = counted(column, kind, "default")
        return self._counts[before, kind]

    def _count_again(self, places: np.ndarray, lines: pa.Array) -> None:
        """Write the counts of lines that have changed over those of before."""
        for (before, kind), of in self._counts.items():
            if not before:
                changed = counted(text_column(lines), kind, "default")
                for count in kind:
                    of(count)[places] = changed(count)
