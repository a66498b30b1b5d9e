"""RedPajama-V2's quality signals of documents, under the names that its data set publishes them by.

Those that a model, a list of the user's or another step gives are null, and say what they need (rps_needing.py). Published
values are rounded to eight digits, these are not; where theirs is null, for a text without words, these are 0 as everywhere.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.counts import Count
from corpus_forge.text.passes import counts_of
from corpus_forge.text.rps_counts import NORMAL, RAW, RpsCount
from corpus_forge.text.signal import Counts, ratio, share, signal
from corpus_forge.text.splitters import Words
from corpus_forge.text.word_lists import words_of

CODE = "https://github.com/togethercomputer/RedPajama-Data/blob/855a8e02626e1f3a6768cbea4d71a24bbba17127/app/src/core"
RPS = f"Weber et al. 2024 (RedPajama-V2), https://arxiv.org/abs/2411.12372; {CODE}/quality_signals"
LANGUAGE, REPETITIONS, CONTENT = (f"{RPS}/{name}.py" for name in ("natural_language", "repetitions", "content"))
CCNET = "Wenzek et al. 2020 (CCNet), https://arxiv.org/abs/1911.00359, as in RedPajama-V2"
PIECES = "runs of letters, numbers and `_`, and runs of other marks"
NORMAL_WORDS = "words in normal form: ASCII punctuation taken out, lower case, NFD, parted by white space"


@counts_of(RpsCount, "rps")
def count_rps(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - the words are its own
    """int64[n, len(RpsCount)]."""
    from corpus_forge.text.classes import character_classes

    counts = np.zeros((len(column.offsets) - 1, len(RpsCount)), np.int64)
    if wanted & RAW:
        from corpus_forge.text.letters import letter_classes
        from corpus_forge.text.rps_kernel import measure_rps

        counts = measure_rps(column.data, column.offsets, character_classes(), letter_classes(), stop_words())
    if wanted & NORMAL:
        from corpus_forge.text.normal_form import normal_column
        from corpus_forge.text.rps_normal_kernel import measure_normal

        normal = normal_column(column)
        measure_normal(normal.data, normal.offsets, character_classes(), flagged_grams(), counts)
    return counts


@cache
def stop_words() -> tuple:
    """The set of English stop words, as kernels take it."""
    from corpus_forge.text.rps_kernel import word_set
    from corpus_forge.text.rps_stop_words import STOP_WORDS

    column = text_column(STOP_WORDS)
    return word_set(column.data, column.offsets)


@cache
def flagged_grams() -> tuple:
    """The set of LDNOOBW's English entries, of one to six words, as kernels take it: as they stand, not in normal form."""
    from corpus_forge.text.gram_set import gram_set

    entries = [entry.split() for entry in words_of("flagged_words", "en")]
    column = text_column([word for entry in entries for word in entry])
    last = [place == len(entry) for entry in entries for place in range(1, len(entry) + 1)]
    return gram_set(column.data, column.offsets, np.array(last))


@signal("characters", Count.CHARS, source=CCNET)
def ccnet_length(of: Counts) -> np.ndarray:
    """Unicode code points, white space included."""
    return of(Count.CHARS)


@signal("lines", RpsCount.CCNET_LINES, source=CCNET)
def ccnet_nlines(of: Counts) -> np.ndarray:
    """Lines between newlines, blank ones included."""
    return of(RpsCount.CCNET_LINES)


@signal("sentences", RpsCount.SENTENCES, source=LANGUAGE)
def rps_doc_num_sentences(of: Counts) -> np.ndarray:
    r"""Matches of `\b[^.!?]+[.!?]*`."""
    return of(RpsCount.SENTENCES)


@signal("words", RpsCount.WORDS, source=LANGUAGE)
def rps_doc_word_count(of: Counts) -> np.ndarray:
    """Words in normal form: ASCII punctuation taken out, lower case, NFD, parted by white space."""
    return of(RpsCount.WORDS)


@signal("marks per word", Count.HASHES, Count.ELLIPSES, RpsCount.PIECES, source=LANGUAGE)
def rps_doc_symbol_to_word_ratio(of: Counts) -> np.ndarray:
    """How often `#`, `...` and `…` occur, over runs of letters, numbers and `_`, and runs of other marks."""
    return ratio(of(Count.HASHES) + of(Count.ELLIPSES), of(RpsCount.PIECES))


@signal("share", RpsCount.PIECES, RpsCount.LATIN_PIECES, source=LANGUAGE)
def rps_doc_frac_no_alph_words(of: Counts) -> np.ndarray:
    """Share of runs of letters, numbers and `_`, and runs of other marks, that hold no letter from A to Z."""
    return ratio(of(RpsCount.PIECES) - of(RpsCount.LATIN_PIECES), of(RpsCount.PIECES))


@signal("nats", RpsCount.ENTROPY, RpsCount.WORDS, source=LANGUAGE)
def rps_doc_unigram_entropy(of: Counts) -> np.ndarray:
    """Entropy of the distribution of words in normal form (as rps_doc_word_count has them), of the first 2,097,152."""
    return of(RpsCount.ENTROPY) / 1e12


@signal("occurrences per character", RpsCount.LOREM_IPSUM, RpsCount.WORD_CHARS, RpsCount.WORDS, source=CONTENT)
def rps_doc_lorem_ipsum(of: Counts) -> np.ndarray:
    """Occurrences of `lorem ipsum` over characters, both of the text in normal form, with one blank between two words."""
    return ratio(of(RpsCount.LOREM_IPSUM), of(RpsCount.WORD_CHARS) + np.maximum(of(RpsCount.WORDS) - 1, 0))


@signal("share", RpsCount.STOP_PIECES, RpsCount.PIECES, RpsCount.WORDS, source=CONTENT)
def rps_doc_stop_word_fraction(of: Counts) -> np.ndarray:
    """Share of runs of letters, numbers and `_`, and runs of other marks, that are one of 570 English stop words in lower case.

    0 for a text without words.
    """
    return np.where(of(RpsCount.WORDS) > 0, ratio(of(RpsCount.STOP_PIECES), of(RpsCount.PIECES)), 0.0)


@signal("sequences of words", RpsCount.FLAGGED_GRAMS, source=CONTENT)
def rps_doc_ldnoobw_words(of: Counts) -> np.ndarray:
    """How often words in normal form (as rps_doc_word_count has them), one or more in a row, are one of the 403 entries of
    LDNOOBW's English list, whatever the document's language; overlaps count again; of the first 2,097,152 words.

    As there, entries with marks (`g-spot`) are never met.
    """
    return of(RpsCount.FLAGGED_GRAMS)


share(
    "rps_bulletpoint_line_share",
    RpsCount.BULLET_LINES,
    RpsCount.CCNET_LINES,
    "Share of lines between newlines, blank ones included, that begin with one of `•‣▶◀◦■□▪▫–`, white space aside.",
    f"{RPS}/lines.py, over ccnet_nlines",
)
share(
    "rps_doc_mean_word_length",
    RpsCount.WORD_CHARS,
    RpsCount.WORDS,
    f"Mean characters of {NORMAL_WORDS}.",
    LANGUAGE,
    unit="characters per word",
)
share(
    "rps_doc_frac_lines_end_with_ellipsis",
    RpsCount.ELLIPSIS_LINES,
    RpsCount.LINES,
    "Share of lines, blank ones included but none behind a last newline, that end in `...` or `…`, white space aside.",
    LANGUAGE,
)
share(
    "rps_doc_frac_all_caps_words",
    RpsCount.UPPERCASE_PIECES,
    RpsCount.PIECES,
    f"Share of {PIECES}, with a capital letter and none in lower case.",
    LANGUAGE,
)
share(
    "rps_doc_frac_unique_words",
    RpsCount.DIFFERENT_WORDS,
    RpsCount.WORDS,
    f"Different ones of {NORMAL_WORDS}, over their number; of the first 2,097,152.",
    LANGUAGE,
)
share("rps_doc_curly_bracket", RpsCount.BRACES, Count.CHARS, "Curly brackets, opening and closing, over characters.", CONTENT)
for n in range(2, 5):
    share(
        f"rps_doc_frac_chars_top_{n}gram",
        RpsCount[f"TOP_{n}_GRAM"],
        RpsCount.WORD_CHARS,
        f"Characters of the most frequent {n}-gram of {NORMAL_WORDS} (the first of several), times its count, over the "
        "characters of these words; 0 where it occurs once; of the first 2,097,152.",
        REPETITIONS,
    )
for n in range(5, 11):
    share(
        f"rps_doc_frac_chars_dupe_{n}grams",
        RpsCount[f"IN_{n}_GRAMS"],
        RpsCount.WORD_CHARS,
        f"Characters of {NORMAL_WORDS}, that lie in {n} in a row that occur more than once, each counted once, over the "
        "characters of these words; of the first 2,097,152.",
        REPETITIONS,
    )
