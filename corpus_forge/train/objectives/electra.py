"""Find the tokens that a small model has replaced: ELECTRA's replaced token detection.

15% of the tokens are chosen; 85% of these become the mask, the others stay; a generator is trained to predict all of them, what
it draws takes their places, and the discriminator says of every token whether it is the original one (Clark et al., ELECTRA,
arXiv:2003.10555, section 2; google-research/electra, configure_pretraining.py `mask_prob` and pretrain/pretrain_helpers.py
`mask`). What the generator draws depends on its weights; the uniform numbers by which it draws are made here, so that a row is
the same at any number of ranks. The two models are in train/replaced.py.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import Example, RowRandom, TokenFacts
from corpus_forge.train.objectives.masked import masked

MASKED = 0.85
"""Share of the chosen tokens that become the mask; no token is replaced at random."""


def replaced(batch: TokenBatch, random: RowRandom, draws: RowRandom, facts: TokenFacts, rate: float) -> Example:
    """A masked example with a uniform number for each token, float32[b, n] in [0, 1); -1 says that it is padding."""
    example = masked(batch, random, facts, rate, whole_word=False, fates=(MASKED, MASKED))
    noise = np.stack([draws(batch, row).random(batch.tokens.shape[1], np.float32) for row in range(len(batch))])
    noise[np.arange(noise.shape[1]) >= batch.n_tokens[:, None]] = -1
    return dataclasses.replace(example, noise=noise)
