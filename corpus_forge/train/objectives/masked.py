"""Predict hidden tokens from both sides: masked language modelling.

15% of the tokens are chosen; of these 80% become the mask, 10% a random token, 10% stay (Devlin et al., BERT, arXiv:1810.04805,
section 3.1). The choice is new in every epoch (RoBERTa's dynamic masking, arXiv:1907.11692). Whole words are chosen together by
the tokenizer's table of ids that begin a word; the rate is then of words. Special tokens are never chosen nor drawn.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import IGNORED, Example, Interval, RowRandom, Sequences, TokenFacts, layout

FATES = (0.8, 0.9)
"""Below the first a chosen token becomes the mask, below the second a random one, above it stays."""


def masked(
    batch: TokenBatch, random: RowRandom, facts: TokenFacts, rate: float, whole_word: bool, fates: tuple[float, float] = FATES
) -> Example:
    """Every token sees its whole document; the chosen ones are scored."""
    assert facts.mask_id is not None
    _, positions, start, stop = layout(batch)
    tokens = batch.tokens.astype(np.int32)
    inputs, labels = tokens.copy(), np.full(tokens.shape, IGNORED, np.int32)
    here = np.arange(tokens.shape[1])
    ordinary = np.flatnonzero(~facts.special).astype(np.int32)
    for row in range(len(batch)):
        generator = random(batch, row)
        free = ~facts.special[tokens[row]] & (here < batch.n_tokens[row])
        groups = _words(tokens[row], positions[row], facts) if whole_word and facts.word_start is not None else here
        chosen = (generator.random(len(here)) < rate)[groups] & free
        fate = generator.random(len(here))
        inputs[row, chosen & (fate < fates[0])] = facts.mask_id
        drawn = chosen & (fate >= fates[0]) & (fate < fates[1])
        inputs[row, drawn] = ordinary[generator.integers(0, len(ordinary), len(here))[drawn]]
        labels[row, chosen] = tokens[row, chosen]
    return Example(Sequences(inputs, positions, Interval(start, stop - 1)), labels)


def _words(tokens: np.ndarray, positions: np.ndarray, facts: TokenFacts) -> np.ndarray:
    """int64[n]: which word each token belongs to; a piece, a special token and what follows one begin a word."""
    assert facts.word_start is not None
    special = facts.special[tokens]
    begins = facts.word_start[tokens] | (positions == 0) | special
    begins[1:] |= special[:-1]
    return np.cumsum(begins) - begins[0]
