"""Signals on whole documents. A new one over known counts is a function here: it is then measured, listed and open to rules."""

from __future__ import annotations

import numpy as np

from corpus_forge.text.counts import Count
from corpus_forge.text.signal import DATATROVE, GOPHER, Counts, ratio, share, signal


@signal("bytes", Count.BYTES)
def byte_count(of: Counts) -> np.ndarray:
    """Bytes of the text in UTF-8."""
    return of(Count.BYTES)


@signal("characters", Count.CHARS)
def char_count(of: Counts) -> np.ndarray:
    """Unicode code points, white space included."""
    return of(Count.CHARS)


@signal("lines", Count.LINES)
def line_count(of: Counts) -> np.ndarray:
    """Lines as `str.splitlines` cuts them, blank ones included."""
    return of(Count.LINES)


@signal("words", Count.WORDS, source=GOPHER)
def word_count(of: Counts) -> np.ndarray:
    """Words of the English segmenter that hold a character other than punctuation, symbols and controls."""
    return of(Count.WORDS)


@signal("characters per word", Count.WORD_CHARS, Count.WORDS, source=GOPHER)
def mean_word_length(of: Counts) -> np.ndarray:
    """Mean characters of the words that `word_count` counts."""
    return ratio(of(Count.WORD_CHARS), of(Count.WORDS))


@signal("marks per word", Count.HASHES, Count.PIECES, source=f"{GOPHER}, as in {DATATROVE}")
def hash_to_word_ratio(of: Counts) -> np.ndarray:
    """Hash marks (#) over all words, where punctuation marks are words too."""
    return ratio(of(Count.HASHES), of(Count.PIECES))


@signal("marks per word", Count.ELLIPSES, Count.PIECES, source=f"{GOPHER}, as in {DATATROVE}")
def ellipsis_to_word_ratio(of: Counts) -> np.ndarray:
    """Ellipses (`...` without overlap, and `…`) over all words, where punctuation marks are words too."""
    return ratio(of(Count.ELLIPSES), of(Count.PIECES))


@signal("share", Count.BULLET_LINES, Count.LINES, source=f"{GOPHER}, as in {DATATROVE}")
def bullet_line_share(of: Counts) -> np.ndarray:
    """Share of lines, blank ones included, whose first character that is no white space is `•` or `-`."""
    return ratio(of(Count.BULLET_LINES), of(Count.LINES))


@signal("share", Count.ELLIPSIS_LINES, Count.LINES, source=f"{GOPHER}, as in {DATATROVE}")
def ellipsis_line_share(of: Counts) -> np.ndarray:
    """Share of lines, blank ones included, that end in `...` or `…`, white space aside."""
    return ratio(of(Count.ELLIPSIS_LINES), of(Count.LINES))


@signal("share", Count.LETTER_PIECES, Count.PIECES, source=f"{GOPHER}, as in {DATATROVE}")
def alphabetic_word_share(of: Counts) -> np.ndarray:
    """Share of all words, where punctuation marks are words too, that hold a letter of any script."""
    return ratio(of(Count.LETTER_PIECES), of(Count.PIECES))


@signal("words", Count.STOP_WORDS, source=f"{GOPHER}, as in {DATATROVE}")
def stop_word_count(of: Counts) -> np.ndarray:
    """How many different words of the, be, to, of, and, that, have, with occur, in lower case."""
    return of(Count.STOP_WORDS)


DOLMA = f"{GOPHER}, as in dolma 1.2.1, python/dolma/taggers/gopher.py, gopher_v1"


@signal("words", Count.SPLIT_WORDS, source=DOLMA)
def word_count_dolma(of: Counts) -> np.ndarray:
    """Words between white space."""
    return of(Count.SPLIT_WORDS)


@signal("characters", Count.SPLIT_MEDIAN_TWICE, Count.SPLIT_WORDS, source=DOLMA)
def median_word_length_dolma(of: Counts) -> np.ndarray:
    """Median characters of the words between white space; words of more than 255 are as long as 255."""
    return of(Count.SPLIT_MEDIAN_TWICE) / 2


share(
    "symbol_word_share_dolma",
    Count.SPLIT_SYMBOL_WORDS,
    Count.SPLIT_WORDS,
    "Share of words between white space that hold `#` or `…`; `...` does not count.",
    DOLMA,
)
share(
    "alphabetic_word_share_dolma",
    Count.SPLIT_LETTER_WORDS,
    Count.SPLIT_WORDS,
    "Share of words between white space that hold a letter of any script.",
    DOLMA,
)


@signal("words", Count.SPLIT_STOP_WORDS, source=DOLMA)
def stop_word_count_dolma(of: Counts) -> np.ndarray:
    """How often one of the, be, to, of, and, that, have, with stands between white space, in lower case."""
    return of(Count.SPLIT_STOP_WORDS)


@signal("share", Count.STAR_LINES, Count.NEWLINES, Count.BYTES, source=DOLMA)
def bullet_line_share_dolma(of: Counts) -> np.ndarray:
    """Share of lines between newlines, blank ones included, that begin with `*` or `-` and no white space before it."""
    return ratio(of(Count.STAR_LINES), np.where(of(Count.BYTES) > 0, of(Count.NEWLINES) + 1, 0))


@signal("share", Count.DOTS_LINES, Count.NEWLINES, Count.BYTES, source=DOLMA)
def ellipsis_line_share_dolma(of: Counts) -> np.ndarray:
    """Share of lines between newlines, blank ones included, that end in `…` and no white space behind it."""
    return ratio(of(Count.DOTS_LINES), np.where(of(Count.BYTES) > 0, of(Count.NEWLINES) + 1, 0))
