"""Signals of single lines: what rules that clean look at; and the sentences of a document, which are counted line by line."""

from __future__ import annotations

import numpy as np

from corpus_forge.text.line_counts import LineCount
from corpus_forge.text.signal import Counts, line_signal, signal

C4 = (
    "Raffel et al. 2020 (T5, C4), section 2.2, https://jmlr.org/papers/volume21/20-074/20-074.pdf, "
    "as in datatrove 0.10, pipeline/filters/c4_filters.py"
)
TFDS = (
    "Raffel et al. 2020 (T5, C4), as in tensorflow_datasets, "
    "https://github.com/tensorflow/datasets/blob/3e77995c617b067c6040351e105d4526eda3a2bd/tensorflow_datasets/text/c4_utils.py"
)
SPACY = "spaCy 3.8, pipeline/sentencizer.pyx, with which datatrove 0.10 counts sentences of English"

line_signal("line_word_count", "words", LineCount.WORDS, "Words of a line that white space parts, citations included.", C4)
line_signal(
    "line_longest_word", "characters", LineCount.LONGEST_WORD, "Characters of the longest word that white space parts.", C4
)
line_signal(
    "line_ends_sentence",
    "0 or 1",
    LineCount.ENDED,
    "1 where a line ends in a full stop, question mark, exclamation mark or quotation mark (`\"` or `'`), but not in `...`.",
    C4,
)
line_signal("line_lorem_ipsum", "0 or 1", LineCount.LOREM_IPSUM, "1 where a line holds `lorem ipsum`, in any case.", C4)
line_signal("line_javascript", "0 or 1", LineCount.JAVASCRIPT, "1 where a line holds `javascript`, in any case.", C4)
line_signal("line_braces", "marks", LineCount.BRACES, "Opening curly brackets of a line.", C4)
line_signal(
    "line_policy_phrases",
    "phrases",
    LineCount.POLICY,
    "How often a line holds terms of use, privacy policy, cookie policy, uses cookies, use of cookies or use cookies, "
    "in any case.",
    C4,
)


line_signal(
    "line_word_count_tfds",
    "words",
    LineCount.WORDS_LEFT,
    "Words of a line that white space parts, once citations are taken out.",
    TFDS,
)
line_signal(
    "line_ends_sentence_tfds",
    "0 or 1",
    LineCount.ENDED_STRICTLY,
    'Whether a line ends in a full stop, question mark, exclamation mark or straight quotation mark (`"`), but not in `...`.',
    TFDS,
)


@signal("sentences", LineCount.SENTENCES, source=SPACY)
def sentence_count(of: Counts) -> np.ndarray:
    """Sentences, line by line: one begins with the first word, and with a word behind a mark such as . ! or ?

    that is itself no punctuation.
    """
    return of(LineCount.SENTENCES)
