"""Predict the rest of a document from its beginning, which is seen in both directions (prefix LM).

The cut is uniform over the places that leave a token on either side, as in T5's `random_prefix_noise_mask`
(google-research/text-to-text-transfer-transformer, t5/data/preprocessors.py; Raffel et al., arXiv:1910.10683, section 3.2.1).
"""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import Example, Interval, RowRandom, Sequences, layout, next_tokens


def prefix(batch: TokenBatch, random: RowRandom) -> Example:
    """Tokens of the prefix see all of it, later ones all before; only what follows the prefix is scored."""
    pieces, positions, start, stop = layout(batch)
    shape = batch.tokens.shape
    lengths = pieces.stop - pieces.start
    cut = np.empty(len(lengths), np.int64)
    for row in range(len(batch)):
        mine = pieces.row == row
        cut[mine] = random(batch, row).integers(1, np.maximum(lengths[mine], 2))
    here = np.broadcast_to(np.arange(shape[1], dtype=np.int32), shape)
    last_of_prefix = pieces.spread(pieces.start + np.minimum(cut, lengths) - 1, shape, here)
    tokens = batch.tokens.astype(np.int32)
    labels = next_tokens(tokens, (here >= last_of_prefix) & (here + 1 < stop))
    return Example(Sequences(tokens, positions, Interval(start, np.maximum(here, last_of_prefix))), labels)
