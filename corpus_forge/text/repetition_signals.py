"""Signals of repetition: Gopher's thirteen as datatrove counts them, and dolma's, and FineWeb's four.

Readings differ in what a word is, which copies count and what the characters are divided by; each is a family of signals
over its own counts, and never a flag inside a loop. Their names end in the reading where it is not datatrove's.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.counts import Count
from corpus_forge.text.signal import GOPHER, Counts, ratio, share, signal

TABLE = GOPHER.replace("section A.1.1", "table A1")
REPETITION = f"{TABLE}, as in datatrove 0.10, pipeline/filters/gopher_repetition_filter.py"
DOLMA = f"{TABLE}, as in dolma 1.2.1, python/dolma/taggers/gopher.py, gopher_v1"
FINEWEB = (
    "Penedo et al. 2024 (FineWeb), section 3.6, https://arxiv.org/abs/2406.17557, as in datatrove 0.10, "
    "pipeline/filters/fineweb_quality_filter.py"
)
LINES = "lines between runs of newlines"
LATER = "second and later copies"

share("duplicate_line_share", Count.RUN_LINES_LATER, Count.RUN_LINES, f"Share of {LINES} that are {LATER} of one.", REPETITION)
share(
    "duplicate_line_char_share",
    Count.RUN_LINES_LATER_CHARS,
    Count.CHARS,
    f"Characters in {LATER} of {LINES}, over all characters.",
    REPETITION,
)
share(
    "duplicate_paragraph_share",
    Count.PARAGRAPHS_LATER,
    Count.PARAGRAPHS,
    f"Share of paragraphs, parted by two or more newlines, that are {LATER} of one.",
    REPETITION,
)
share(
    "duplicate_paragraph_char_share",
    Count.PARAGRAPHS_LATER_CHARS,
    Count.CHARS,
    f"Characters in {LATER} of paragraphs, parted by two or more newlines, over all characters.",
    REPETITION,
)
for n in range(2, 5):
    share(
        f"top_{n}_gram_char_share",
        Count[f"TOP_{n}_GRAM"],
        Count.CHARS,
        f"Characters of the most frequent {n}-gram of words (marks are words; one space between two; the first of several) "
        "times its count, over all characters; of the first 2,097,152 words.",
        REPETITION,
    )
    share(
        f"top_{n}_gram_char_share_dolma",
        Count[f"SPLIT_TOP_{n}_GRAM"],
        Count.SPLIT_CHARS,
        f"Characters of the most frequent {n}-gram of words between white space, spaces left out (the first of several), "
        "times its count, over the words' characters; of the first 2,097,152 words.",
        DOLMA,
    )
for n in range(5, 11):
    share(
        f"duplicate_{n}_gram_char_share",
        Count[f"LATER_{n}_GRAMS"],
        Count.CHARS,
        f"Characters in {LATER} of {n} words in a row (marks are words; compared and counted without spaces; none counted "
        "twice), over all characters; of the first 2,097,152 words.",
        REPETITION,
    )
    share(
        f"duplicate_{n}_gram_char_share_dolma",
        Count[f"SPLIT_ALL_{n}_GRAMS"],
        Count[f"SPLIT_OF_{n}_GRAMS"],
        f"Characters in all copies of {n}-grams of words between white space that occur more than once, over those of all "
        "its n-grams (overlaps count again, spaces do not); of the first 2,097,152 words.",
        DOLMA,
    )
share(
    "sentence_line_share",
    Count.ENDED_LINES,
    Count.FULL_LINES,
    "Share of lines, blank ones left out, that end in a mark that ends a sentence in some script.",
    FINEWEB,
)
share(
    "short_line_share",
    Count.SHORT_LINES,
    Count.FULL_LINES,
    "Share of lines, blank ones left out, of at most 30 characters.",
    FINEWEB,
)


@signal("share", Count.RUN_LINES, Count.RUN_LINES_ALL, Count.NEWLINES, Count.EMPTY_ENDS, source=DOLMA)
def duplicate_line_share_dolma(of: Counts) -> np.ndarray:
    """Share of lines between newlines, blank ones too, that occur more than once, first copies too."""
    lines = np.where(of(Count.RUN_LINES) > 0, of(Count.NEWLINES) + 1, 0)
    empty = lines - of(Count.RUN_LINES) + of(Count.EMPTY_ENDS)
    repeated = of(Count.RUN_LINES_ALL) - np.where(of(Count.EMPTY_ENDS) > 1, 2, 0) + np.where(empty > 1, empty, 0)
    return ratio(repeated, lines)


@signal("share", Count.RUN_LINES_ALL_CHARS, Count.SPLIT_CHARS, source=DOLMA)
def duplicate_line_char_share_dolma(of: Counts) -> np.ndarray:
    """Characters in lines that occur more than once, first copies too, over all characters that are no white space."""
    return ratio(of(Count.RUN_LINES_ALL_CHARS), of(Count.SPLIT_CHARS))


@signal("lines", Count.FULL_LINES)
def full_line_count(of: Counts) -> np.ndarray:
    """Lines between newlines that are not blank."""
    return of(Count.FULL_LINES)


@signal("share", Count.FULL_LINES_LATER_CHARS, Count.CHARS, Count.NEWLINES, source=FINEWEB)
def duplicate_full_line_char_share(of: Counts) -> np.ndarray:
    """Characters in second and later copies of lines, blank ones left out, over all characters but newlines."""
    return ratio(of(Count.FULL_LINES_LATER_CHARS), of(Count.CHARS) - of(Count.NEWLINES))


@signal("newlines per word", Count.NEWLINES, Count.PIECES, source=FINEWEB)
def newline_to_word_ratio(of: Counts) -> np.ndarray:
    """Newlines over all words, where punctuation marks are words too."""
    return ratio(of(Count.NEWLINES), of(Count.PIECES))
