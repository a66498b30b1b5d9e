"""Signals on whole documents. A new one over known counts is a function here: it is then measured, listed and open to rules."""

from __future__ import annotations

import numpy as np

from corpus_forge.text.counts import Count
from corpus_forge.text.signal import DATATROVE, GOPHER, Counts, ratio, signal


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
