"""Write a document again that was shuffled and riddled with holes: BART's denoising.

Sentences are put into random order, then 30% of the tokens go in spans of Poisson(3) tokens, each replaced by one mask; a span
of no token is a mask put between two (Lewis et al., BART, arXiv:1910.13461, sections 2.2 and 5.1; fairseq's
data/denoising_dataset.py with `--mask 0.3 --mask-length span-poisson --poisson-lambda 3.0 --replace-length 1
--permute-sentences 1`). The targets are the text as it was. A sentence ends with a token whose text ends in a full stop,
question or exclamation mark (fairseq: the full stop alone). Spans are of tokens, begin on distinct ones and stop at the end of
the window; two may overlap, so slightly less than the rate is hidden, as in fairseq.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import Example, RowRandom, TokenFacts
from corpus_forge.train.objectives.pairs import Pair, paired


def infilled(batch: TokenBatch, random: RowRandom, facts: TokenFacts, rate: float, mean_span: float, window: int) -> Example:
    """The encoder sees each window shuffled and with holes, the decoder writes the window."""
    mask_id = facts.mask_id
    assert mask_id is not None

    def corrupt(text: np.ndarray, generator: np.random.Generator) -> Pair:
        shuffled = text if facts.sentence_end is None else permuted(text, facts.sentence_end[text], generator)
        return Pair(holed(shuffled, mask_id, rate, mean_span, generator), text)

    return paired(batch, random, facts, window, corrupt)


def permuted(tokens: np.ndarray, ends: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The sentences of int[n] in random order; bool[n] says where one may end, and several ends in a row are one."""
    last = ends.copy()
    last[:-1] &= ~ends[1:]
    last[-1] = True
    sentences = np.split(tokens, np.flatnonzero(last)[:-1] + 1)
    return np.concatenate([sentences[number] for number in generator.permutation(len(sentences))])


def holed(tokens: np.ndarray, mask_id: int, rate: float, mean_span: float, generator: np.random.Generator) -> np.ndarray:
    """int32: the tokens with `ceil(rate * n)` of them in spans that became one mask each, and masks for spans of length 0."""
    lengths = span_lengths(int(np.ceil(rate * len(tokens))), mean_span, generator)
    inserted, lengths = int((lengths == 0).sum()), lengths[lengths > 0]
    starts = generator.permutation(len(tokens))[: len(lengths)]
    hidden = np.zeros(len(tokens) + 1, np.int64)
    np.add.at(hidden, starts, 1)
    np.add.at(hidden, np.minimum(starts + lengths, len(tokens)), -1)
    kept = np.cumsum(hidden)[:-1] == 0
    kept[starts] = True  # the place of the mask; a span that begins inside another has one of its own, as in fairseq
    left = tokens.copy()
    left[starts] = mask_id
    left = left[kept]
    places = generator.integers(0, len(left) + 1, inserted)
    return np.insert(left, places, mask_id).astype(np.int32)


def span_lengths(total: int, mean: float, generator: np.random.Generator) -> np.ndarray:
    """int64: lengths drawn from Poisson(mean), the last cut so that they sum to `total` ≥ 1."""
    drawn = np.zeros(0, np.int64)
    while drawn.sum() < total:
        drawn = np.concatenate([drawn, generator.poisson(mean, max(1, total))])
    count = int(np.searchsorted(np.cumsum(drawn), total)) + 1
    lengths = drawn[:count].copy()
    lengths[-1] -= lengths.sum() - total
    return lengths
