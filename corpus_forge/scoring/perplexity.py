"""Perplexity of texts as CCNet measures it, and its buckets.

With a tokenizer a text is normalised as a whole, in which newlines vanish, and its pieces are one sentence: how CCNet ran
(Wenzek et al. 2020, https://arxiv.org/abs/1911.00359; cc_net/mine.py). Without, each line is a sentence of its own, as its
`DocLM` does alone. CCNet rounds to one decimal; here nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from corpus_forge.scoring.ccnet import normalize
from corpus_forge.scoring.language_model import LanguageModel
from corpus_forge.text.columns import Texts, text_array

HEAD, MIDDLE, TAIL, ALL = "head", "middle", "tail", "all"
LOWEST_EXPONENT, HIGHEST_EXPONENT = -300.0, 300.0
Pieces = Callable[[str], list[str]]


def perplexity(texts: Texts, model: LanguageModel, pieces: Pieces | None = None) -> pa.Array:
    """float64[n]: 10 ** (-log10 probability / tokens), ends of sentences counted; null for a text without content."""
    rows = [_sentences(text, pieces) for text in text_array(texts).to_pylist()]
    scores = model.log10([sentence for row in rows for sentence in row])
    firsts = np.cumsum([0, *map(len, rows)])
    values = [
        _perplexity(float(scores[first : first + len(row)].sum()), row) if row else None
        for first, row in zip(firsts.tolist(), rows, strict=False)
    ]
    return pa.array(values, pa.float64())


def buckets(perplexities: pa.Array, cutoffs: tuple[float, float] | None) -> list[str]:
    """Head below the first cutoff, middle below the second, else tail; all where there is no perplexity or no cutoff."""
    if cutoffs is None:
        return [ALL] * len(perplexities)
    low, high = cutoffs
    return [
        ALL if value is None else HEAD if value < low else MIDDLE if value < high else TAIL
        for value in perplexities.to_pylist()
    ]


def _sentences(text: str, pieces: Pieces | None) -> list[str]:
    if not text.strip():
        return []
    if pieces is None:
        return [normalize(line) for line in text.split("\n")]
    return [" ".join(pieces(normalize(text)))]


def _perplexity(score: float, sentences: list[str]) -> float:
    """Kept within what a number can hold: a model's unknown words may cost any power of ten."""
    tokens = sum(len(sentence.split()) + 1 for sentence in sentences)
    return 10.0 ** min(max(-score / tokens, LOWEST_EXPONENT), HIGHEST_EXPONENT)
