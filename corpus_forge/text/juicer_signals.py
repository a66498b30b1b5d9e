"""Signals as Data-Juicer's text filters compute them, and the shares of stop words and flagged words by language.

Filters that need a model are steps here: language, perplexity, tokens. What needs spaCy's parser (text_action_filter,
text_entity_dependency_filter) has no signal.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.juicer_counts import LANGUAGES, LISTED, LOOPS, JuicerCount
from corpus_forge.text.passes import counts_of
from corpus_forge.text.signal import Counts, share, signal
from corpus_forge.text.splitters import Words

FILTERS = "Data-Juicer 1.6.1, data_juicer/ops/filter"
REFINED = "words (parted by spaces, tabs and newlines; in lower case, special characters cut off both ends)"
LISTS = {
    "stop": "stopwords_filter.py; words of stopwords-json 1.2.0, filters/lists/stop_words",
    "flagged": "flagged_words_filter.py; words of LDNOOBW, filters/lists/flagged_words",
}


@counts_of(JuicerCount)
def count_juicer(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - the words are Data-Juicer's
    """int64[n, COLUMNS]."""
    from corpus_forge.text.juicer_kernel import measure_juicer
    from corpus_forge.text.juicer_table import juicer_table
    from corpus_forge.text.word_lists import word_lists

    loops = tuple(bool(wanted & loop) for loop in LOOPS)
    lists = np.uint64(sum(1 << (count - LISTED) for count in wanted if count >= LISTED))
    return measure_juicer(column.data, column.offsets, juicer_table(), word_lists(), lists, loops)


@cache
def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache: corpus_forge/warm_up.py."""
    count_juicer(text_column(["Hello, world."]), frozenset(JuicerCount), "default")


@signal("words", JuicerCount.WORDS, source=f"{FILTERS}/words_num_filter.py")
def word_count_data_juicer(of: Counts) -> np.ndarray:
    """What spaces, tabs and newlines part and not all of whose characters are special (marks, digits, emoji)."""
    return of(JuicerCount.WORDS)


@signal("characters", JuicerCount.LONGEST_LINE, source=f"{FILTERS}/maximum_line_length_filter.py")
def longest_line_data_juicer(of: Counts) -> np.ndarray:
    """Characters of the longest line."""
    return of(JuicerCount.LONGEST_LINE)


share(
    "mean_line_length_data_juicer", JuicerCount.CHARS, JuicerCount.LINES, "All characters, line breaks too, over lines.",
    f"{FILTERS}/average_line_length_filter.py", unit="characters per line",
)  # fmt: skip
share(
    "alphanumeric_char_share_data_juicer", JuicerCount.ALPHANUMERIC, JuicerCount.CHARS,
    "Share of characters that are letters or numbers of any script.", f"{FILTERS}/alphanumeric_filter.py",
)  # fmt: skip
share(
    "special_char_share_data_juicer", JuicerCount.SPECIAL, JuicerCount.CHARS,
    "Share of characters that are special: ASCII marks, digits, white space, marks of many scripts, emoji.",
    f"{FILTERS}/special_characters_filter.py",
)  # fmt: skip
share(
    "top_char_10_gram_share_data_juicer", JuicerCount.TOP_CHAR_GRAMS, JuicerCount.CHAR_GRAMS,
    "Share of 10-grams of characters that are one of the most frequent ones which occur twice or more, of which as many count "
    "as the root of the number of different 10-grams; of the first 2,097,152 characters.",
    f"{FILTERS}/character_repetition_filter.py",
)  # fmt: skip
share(
    "duplicate_10_gram_share_data_juicer", JuicerCount.COPIED_WORD_GRAMS, JuicerCount.WORD_GRAMS,
    f"Share of 10-grams of {REFINED} that occur twice or more; of the first 2,097,152 words.",
    f"{FILTERS}/word_repetition_filter.py",
)  # fmt: skip
for kind, source in LISTS.items():
    for language in LANGUAGES:
        share(
            f"{kind}_word_share_{language}", JuicerCount[f"{kind}_{language}".upper()], JuicerCount.REFINED_WORDS,
            f"Share of {REFINED} that are {kind} words of the language that the name ends in.", f"{FILTERS}/{source}",
        )  # fmt: skip
