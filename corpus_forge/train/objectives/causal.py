"""Predict the next token of the same document. No target crosses a document, so the last token of a piece is not scored."""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import Example, Interval, Sequences, layout, next_tokens


def causal(batch: TokenBatch) -> Example:
    """Each token sees its document up to itself; labels are the tokens that follow."""
    _, positions, start, stop = layout(batch)
    tokens = batch.tokens.astype(np.int32)
    here = np.broadcast_to(np.arange(tokens.shape[1], dtype=np.int32), tokens.shape)
    return Example(Sequences(tokens, positions, Interval(start, here)), next_tokens(tokens, here + 1 < stop))
