"""Signals as NeMo Curator's heuristic filters score them: the English ones, words between white space, lines between newlines.

Where a filter's score falls with what it is after ("repeated lines" is the share of different ones), so does the signal.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.nemo_counts import LOOPS, NemoCount
from corpus_forge.text.passes import counts_of
from corpus_forge.text.signal import Counts, ratio, share, signal
from corpus_forge.text.splitters import Words

NEMO = "NeMo Curator 1.4.0, nemo_curator/stages/text/filters/heuristic"
STRING, REPETITION = f"{NEMO}/string.py", f"{NEMO}/repetition/repetition.py"
LINES = "lines between newlines, blank ones left out,"
PARAGRAPHS = "what each two newlines part, empty paragraphs too"


@counts_of(NemoCount)
def count_nemo(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - the words are NeMo's
    """int64[n, len(NemoCount)]."""
    from corpus_forge.text.alphabetic import alphabetic
    from corpus_forge.text.nemo_kernel import measure_nemo
    from corpus_forge.text.tables import english_tables

    loops = tuple(bool(wanted & loop) for loop in LOOPS)
    return measure_nemo(column.data, column.offsets, english_tables(), alphabetic(), loops)


@cache
def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache: corpus_forge/warm_up.py."""
    count_nemo(text_column(["Hello, world."]), frozenset(NemoCount), "default")


@signal("share", NemoCount.PLAIN_CHARS, NemoCount.CHARS, source=STRING)
def not_alphanumeric_share_nemo(of: Counts) -> np.ndarray:
    """Share of characters other than ASCII letters and digits, newlines and `?!,.`; spaces are such."""
    return ratio(of(NemoCount.CHARS) - of(NemoCount.PLAIN_CHARS), of(NemoCount.CHARS))


share(
    "symbol_word_share_nemo",
    NemoCount.SYMBOL_WORDS,
    NemoCount.WORDS,
    "Share of words that are an ellipsis, or more than half of whose characters begin a run of `#`.",
    STRING,
)
for name, part, definition in (
    ("digit_char_share_nemo", NemoCount.DIGITS, "Share of characters that are ASCII digits."),
    (
        "url_char_share_nemo",
        NemoCount.URL_CHARS,
        "Share of characters in URLs, from `http://` or `https://` to what none may have.",
    ),
    ("blank_char_share_nemo", NemoCount.BLANKS, "Share of characters that are spaces, tabs, newlines, returns or backspaces."),
    ("bracket_char_share_nemo", NemoCount.BRACKETS, "Share of characters that are one of `()[]{}⟨⟩`."),
):
    share(name, part, NemoCount.CHARS, definition, STRING)


@signal("share", NemoCount.BOILERPLATE, NemoCount.LOREM_IPSUM, NemoCount.PARAGRAPHS, source=STRING)
def boilerplate_paragraph_share_nemo(of: Counts) -> np.ndarray:
    """Share of paragraphs (what each two newlines part) with a phrase of a privacy or cookie policy; 1 with `lorem ipsum`."""
    return np.where(of(NemoCount.LOREM_IPSUM) > 0, 1.0, ratio(of(NemoCount.BOILERPLATE), of(NemoCount.PARAGRAPHS)))


def _unique(name: str, later: NemoCount, whole: NemoCount, definition: str, empty: float = 0) -> None:
    """Register the share of what is left without second and later copies."""

    def compute(of: Counts) -> np.ndarray:
        return ratio(of(whole) - of(later), of(whole))

    compute.__name__, compute.__doc__ = name, definition
    signal("share", later, whole, source=REPETITION, empty=empty)(compute)


_unique("unique_line_share_nemo", NemoCount.LINES_LATER, NemoCount.LINES, f"Different {LINES} over all of them.")
_unique(
    "unique_paragraph_share_nemo", NemoCount.PARAGRAPHS_LATER, NemoCount.PARAGRAPHS,
    f"Different paragraphs ({PARAGRAPHS}) over all of them.", empty=1,
)  # fmt: skip
_unique(
    "unique_line_char_share_nemo", NemoCount.LINES_LATER_CHARS, NemoCount.LINE_CHARS,
    f"Characters of different {LINES} over those of all.",
)  # fmt: skip
_unique(
    "unique_paragraph_char_share_nemo", NemoCount.PARAGRAPHS_LATER_CHARS, NemoCount.PARAGRAPH_CHARS,
    f"Characters of different paragraphs ({PARAGRAPHS}) over those of all.",
)  # fmt: skip


@signal("words", NemoCount.WORDS, source=STRING)
def word_count_nemo(of: Counts) -> np.ndarray:
    """Words between white space."""
    return of(NemoCount.WORDS)


@signal("share", NemoCount.LINES, NemoCount.ENDED_LINES, source=STRING)
def unended_line_share_nemo(of: Counts) -> np.ndarray:
    """Share of lines between newlines, blank ones left out, that do not end in one of `.?!"'`."""
    return ratio(of(NemoCount.LINES) - of(NemoCount.ENDED_LINES), of(NemoCount.LINES))


share(
    "alphabetic_word_share_nemo",
    NemoCount.ALPHABETIC_WORDS,
    NemoCount.WORDS,
    "Share of words with a character that Unicode calls alphabetic: letters, vowel signs, Roman numerals.",
    STRING,
)


@signal("words", NemoCount.COMMON_WORDS, source=STRING)
def stop_word_count_nemo(of: Counts) -> np.ndarray:
    """How often one of the, be, to, of, and, that, have, with stands between white space, in lower case; NeMo stops at 2."""
    return of(NemoCount.COMMON_WORDS)


@signal("characters per word", NemoCount.WORD_CHARS, NemoCount.WORDS, source=STRING)
def mean_word_length_nemo(of: Counts) -> np.ndarray:
    """Mean characters of the words between white space."""
    return ratio(of(NemoCount.WORD_CHARS), of(NemoCount.WORDS))


@signal("characters", NemoCount.LONGEST_WORD, source=STRING)
def longest_word_nemo(of: Counts) -> np.ndarray:
    """Characters of the longest word between white space."""
    return of(NemoCount.LONGEST_WORD)


share(
    "ellipsis_line_share_nemo",
    NemoCount.ELLIPSIS_LINES,
    NemoCount.LINES,
    f"Share of {LINES} that end in `...`, `[...]`, `(...)`, `…`, `[…]`, `-»` or `read more`.",
    STRING,
)
share(
    "bullet_line_share_nemo",
    NemoCount.BULLET_LINES,
    NemoCount.LINES,
    f"Share of {LINES} that begin with one of `•‣⁃⁌⁍∙○●◘◦⦾⦿`; `-` and `*` are none.",
    STRING,
)


def _grams(name: str, n: int, part: NemoCount, definition: str) -> None:
    """Register the share of characters in n-grams, 1 for a text of fewer words."""

    def compute(of: Counts) -> np.ndarray:
        return np.where(of(NemoCount.WORDS) < n, 1.0, ratio(of(part), of(NemoCount.CHARS)))

    compute.__name__ = name
    compute.__doc__ = f"{definition}, over all characters; 1 for fewer than {n} words; of the first 2,097,152 words."
    signal("share", part, NemoCount.CHARS, NemoCount.WORDS, source=REPETITION, empty=1)(compute)


for n in range(2, 5):
    _grams(
        f"top_{n}_gram_char_share_nemo", n, NemoCount[f"TOP_{n}_GRAM"],
        f"Characters that go when the most frequent {n}-gram of words between white space (the first of several) is taken out "
        "wherever it stands with single spaces",
    )  # fmt: skip
for n in range(5, 11):
    _grams(
        f"duplicate_{n}_gram_char_share_nemo", n, NemoCount[f"COPIED_{n}_GRAMS"],
        f"Characters in second and later copies of {n}-grams of words between white space, each once, and the spaces between",
    )  # fmt: skip
