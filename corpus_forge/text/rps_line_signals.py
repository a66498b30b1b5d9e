"""RedPajama-V2's quality signals of lines between newlines, under the names that its data set publishes them by."""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.passes import counts_of
from corpus_forge.text.rps_counts import NORMAL_OF_LINES, RAW_OF_LINES, RpsCount, RpsLineCount
from corpus_forge.text.rps_signals import RPS, count_rps
from corpus_forge.text.signal import Counts, Signal, line_signal, ratio, registry
from corpus_forge.text.splitters import Words

LINES = f"{RPS}/lines.py"
NORMAL = "a line between newlines in normal form (ASCII punctuation taken out, lower case, NFD)"


@counts_of(RpsLineCount, "rps")
def count_rps_lines(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - the words are its own
    """int64[lines, len(RpsLineCount)]."""
    from corpus_forge.text.classes import character_classes
    from corpus_forge.text.letters import letter_classes
    from corpus_forge.text.normal_form import normal_column
    from corpus_forge.text.rps_line_kernel import measure_rps_lines

    counts = np.zeros((len(column.offsets) - 1, len(RpsLineCount)), np.int64)
    if wanted & RAW_OF_LINES:
        measure_rps_lines(column.data, column.offsets, character_classes(), letter_classes(), False, counts)
    if wanted & NORMAL_OF_LINES:
        normal = normal_column(column)
        measure_rps_lines(normal.data, normal.offsets, character_classes(), letter_classes(), True, counts)
    return counts


@cache
def warm_up() -> None:
    """Compile the kernels of texts and of lines, or load them from numba's cache: corpus_forge/warm_up.py."""
    column = text_column(["Hello, world."])
    count_rps(column, frozenset(RpsCount), "default")
    count_rps_lines(column, frozenset(RpsLineCount), "default")


for name, count, unit, definition in (
    ("rps_lines_javascript_counts", RpsLineCount.JAVASCRIPT, "words", f"Words `javascript` of {NORMAL}."),
    ("rps_lines_num_words", RpsLineCount.WORDS, "words", f"Words between white space of {NORMAL}."),
    (
        "rps_lines_ending_with_terminal_punctution_mark",  # codespell:ignore - as published
        RpsLineCount.ENDED,
        "0 or 1",
        "1 where a line between newlines ends in `.`, `!`, `?` or `”`, white space aside.",
    ),
    (
        "rps_lines_start_with_bulletpoint",
        RpsLineCount.BULLET,
        "0 or 1",
        "1 where a line between newlines begins with one of `•‣▶◀◦■□▪▫–`, white space aside.",
    ),
):
    line_signal(name, unit, count, definition, LINES)


def _line_share(name: str, part: RpsLineCount, whole: RpsLineCount, behind: int, definition: str) -> None:
    """Register the share of characters in those of a line and `behind` more."""

    def compute(of: Counts) -> np.ndarray:
        return ratio(of(part), of(whole) + behind)

    registry.add(name)(Signal(name, "share", "line", definition, LINES, 0, (part, whole), compute))


_line_share(
    "rps_lines_uppercase_letter_fraction",
    RpsLineCount.UPPERCASE,
    RpsLineCount.CHARS,
    1,
    "Share of capital letters in the characters of a line and the newline behind it; of a last line without one, too.",
)
_line_share(
    "rps_lines_numerical_chars_fraction",
    RpsLineCount.NUMERIC,
    RpsLineCount.NORMAL_CHARS,
    0,
    f"Share of characters with a numeric value in those of {NORMAL}, with one blank between two words.",
)
