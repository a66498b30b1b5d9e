"""Signals as DCLM's baselines measure them: Gopher's rules on quality and repetition, and the share of words that lines took.

Three kinds of words are in use there, side by side: fastText's for their number, white space for their length, Unicode's for
n-grams. A text of one line, or of one paragraph, has no copies.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.counts import Count
from corpus_forge.text.dclm_counts import LOOPS, DclmCount
from corpus_forge.text.passes import counts_of
from corpus_forge.text.signal import GOPHER, Counts, ratio, share, signal
from corpus_forge.text.splitters import Words

CODE = "https://github.com/mlfoundations/dclm/blob/c7ed275feacc8dc7c6244473b22aa86af109ef15/baselines/mappers"
DCLM = f"{GOPHER}, as in DCLM, {CODE}/filters/content_filters.py"
UNICODE = "words of Unicode (UAX #29) that begin with a letter or a number"


@counts_of(DclmCount, "dclm")
def count_dclm(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - the words are DCLM's
    """int64[n, len(DclmCount)]."""
    from corpus_forge.text.dclm_kernel import measure_dclm
    from corpus_forge.text.letters import letter_classes
    from corpus_forge.text.tables import english_tables

    loops = tuple(bool(wanted & loop) for loop in LOOPS)
    return measure_dclm(column.data, column.offsets, english_tables("uax29"), letter_classes(), loops)


@cache
def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache: corpus_forge/warm_up.py."""
    count_dclm(text_column(["Hello, world."]), frozenset(DclmCount), "default")


@signal("words", DclmCount.TOKENS, source=DCLM)
def word_count_dclm(of: Counts) -> np.ndarray:
    """Words of fastText's tokenizer (ASCII white space parts them) whose first character is a letter or a number."""
    return of(DclmCount.TOKENS)


@signal("share", DclmCount.TOKENS, source=DCLM, compares=True)
def removed_word_share_dclm(of: Counts, before: Counts) -> np.ndarray:
    """Share of the words that `word_count_dclm` counts which rules on lines took out of the text as it came."""
    return ratio(before(DclmCount.TOKENS) - of(DclmCount.TOKENS), before(DclmCount.TOKENS))


share(
    "mean_word_length_dclm",
    Count.SPLIT_CHARS,
    Count.SPLIT_WORDS,
    "Mean characters of the words between white space, of the first 2,097,152.",
    DCLM,
    unit="characters per word",
)


@signal("marks per word", Count.HASHES, Count.ELLIPSES, DclmCount.SPACED_ELLIPSES, Count.SPLIT_WORDS, source=DCLM)
def symbol_to_word_ratio_dclm(of: Counts) -> np.ndarray:
    """How often `#`, `...`, `. . .` and `…` occur, over the words between white space."""
    return ratio(of(Count.HASHES) + of(Count.ELLIPSES) + of(DclmCount.SPACED_ELLIPSES), of(Count.SPLIT_WORDS))


share(
    "bullet_line_share_dclm",
    DclmCount.BULLET_LINES,
    DclmCount.LINES,
    "Share of lines between newlines, blank ones left out, that begin with one of `●•*-`, white space aside.",
    DCLM,
)
share(
    "ellipsis_line_share_dclm",
    DclmCount.ELLIPSIS_LINES,
    DclmCount.LINES,
    "Share of lines between newlines, blank ones left out, that end in `...`, `. . .` or `…`, white space aside.",
    DCLM,
)


@signal("share", Count.SPLIT_WORDS, Count.SPLIT_LETTER_WORDS, source=DCLM)
def unalphabetic_word_share_dclm(of: Counts) -> np.ndarray:
    """Share of words between white space without a letter of any script."""
    return ratio(of(Count.SPLIT_WORDS) - of(Count.SPLIT_LETTER_WORDS), of(Count.SPLIT_WORDS))


@signal("words", DclmCount.STOP_WORDS, source=DCLM)
def stop_word_count_dclm(of: Counts) -> np.ndarray:
    """How often one of the, be, to, of, and, that, have, with stands between white space, in any case."""
    return of(DclmCount.STOP_WORDS)


@signal("lines", DclmCount.LINES, source=DCLM)
def line_count_dclm(of: Counts) -> np.ndarray:
    """Lines between newlines that are not blank."""
    return of(DclmCount.LINES)


def _repeated(name: str, part: DclmCount, whole: DclmCount, number: DclmCount, definition: str) -> None:
    """Register the share of repeated segments, 0 for a text that is one segment."""

    def compute(of: Counts) -> np.ndarray:
        return np.where(of(number) > 1, ratio(of(part), of(whole)), 0.0)

    compute.__name__, compute.__doc__ = name, definition
    signal("share", part, whole, number, source=DCLM)(compute)


for segment, number in (("line", DclmCount.LINES), ("paragraph", DclmCount.PARAGRAPHS)):
    parted = "between newlines" if segment == "line" else "parted by two or more newlines"
    more_than_once = f"{segment}s {parted} that occur more than once, first copies too; blank ones and white space left out"
    _repeated(
        f"duplicate_{segment}_share_dclm",
        DclmCount[f"{number.name}_ALL"],
        number,
        number,
        f"Share of {more_than_once}; 0 for a text of one {segment}.",
    )
    _repeated(
        f"duplicate_{segment}_char_share_dclm",
        DclmCount[f"{number.name}_ALL_CHARS"],
        DclmCount[f"{number.name}_CHARS"],
        number,
        f"Characters in {more_than_once}, over those of all {segment}s; 0 for a text of one {segment}.",
    )
for n in range(2, 5):
    share(
        f"top_{n}_gram_char_share_dclm",
        DclmCount[f"TOP_{n}_GRAM"],
        DclmCount.WORD_CHARS,
        f"Characters of the most frequent {n}-gram of {UNICODE} (the longest of several), times its count, over the characters "
        "of these words; 0 where it occurs once; of the first 2,097,152 words.",
        DCLM,
    )
for n in range(5, 11):
    share(
        f"duplicate_{n}_gram_char_share_dclm",
        DclmCount[f"IN_{n}_GRAMS"],
        DclmCount.WORD_CHARS,
        f"Characters of {UNICODE} and lie in {n} in a row that occur more than once, each counted once, over the characters of "
        "these words; of the first 2,097,152 words.",
        DCLM,
    )
