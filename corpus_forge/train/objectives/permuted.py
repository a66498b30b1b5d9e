"""Predict tokens in a random order, each from those that came before it in that order: XLNet's permutation language modelling.

About one token in six is predicted, in spans of 1 to 5 (span n with weight 1/n, somewhere in a context of 6 n tokens); all
others are seen by everybody; the predicted ones are seen by those behind them in a random order (Yang et al., XLNet,
arXiv:1906.08237, sections 2.2, 2.3 and 3.1: K = 6; zihangdai/xlnet, data_utils.py `_sample_mask` and `_local_perm`).

Two streams in one row: the first n places hold the tokens (content stream), the places behind them one query for each
predicted token: the mask's embedding at the token's position, which sees what comes before it but not itself (query stream).
Both streams run through the same blocks, as in the paper; queries are nobody's keys. The orders are of one document, without
XLNet's recurrence over segments.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import IGNORED, Example, Interval, Pieces, RowRandom, Sequences, TokenFacts, layout
from corpus_forge.train.objectives.pairs import MULTIPLE

CONTEXT = 6
"""Tokens of context for each predicted one (K)."""
SPANS = np.arange(1, 6)
SPAN_SHARES = (1 / SPANS) / (1 / SPANS).sum()


def permuted(batch: TokenBatch, random: RowRandom, facts: TokenFacts) -> Example:
    """Content and queries of each row; only queries are scored."""
    assert facts.mask_id is not None
    pieces, positions, start, stop = layout(batch)
    tokens = batch.tokens.astype(np.int32)
    ranks = np.stack([_ranks(batch, row, pieces, facts.special[tokens[row]], random) for row in range(len(batch))])
    places = [np.flatnonzero(row) for row in ranks]
    width = max(1, -(-max(map(len, places)) // MULTIPLE)) * MULTIPLE
    return _two_streams(tokens, positions, Interval(start, stop - 1), ranks, places, width, facts.mask_id)


def _ranks(batch: TokenBatch, row: int, pieces: Pieces, special: np.ndarray, random: RowRandom) -> np.ndarray:
    """int32[n]: 0 for context; for what is predicted its place in the order of its piece, from 1."""
    generator, ranks = random(batch, row), np.zeros(batch.tokens.shape[1], np.int32)
    mine = pieces.row == row
    for start, stop in zip(pieces.start[mine].tolist(), pieces.stop[mine].tolist(), strict=True):
        chosen = start + np.flatnonzero(predicted(stop - start, generator) & ~special[start:stop])
        if len(chosen) < stop - start:  # somebody must be there to be seen
            ranks[chosen] = 1 + generator.permutation(len(chosen))
    return ranks


def predicted(length: int, generator: np.random.Generator) -> np.ndarray:
    """bool[length]: spans that are predicted. A span that does not end inside the text is dropped, as in XLNet's code."""
    chosen, at = np.zeros(length, bool), 0
    while at < length:
        span = int(generator.choice(SPANS, p=SPAN_SHARES))
        left = int(generator.integers(0, span * CONTEXT))
        begin, end = at + left, at + left + span
        if end >= length:
            break
        chosen[begin:end] = True
        at = end + span * CONTEXT - left
    return chosen


def _two_streams(
    tokens: np.ndarray,
    positions: np.ndarray,
    sees: Interval,
    ranks: np.ndarray,
    places: list[np.ndarray],
    width: int,
    mask_id: int,
) -> Example:
    """Content, then queries; a query that is padding sees itself."""
    rows, length = tokens.shape
    total = length + width
    here = np.tile(np.arange(total, dtype=np.int32), (rows, 1))
    ids, where, labels = (
        np.full((rows, total), mask_id, np.int32),
        np.zeros((rows, total), np.int32),
        np.full((rows, total), IGNORED, np.int32),
    )
    first, last, keys, queries = here.copy(), here.copy(), np.zeros_like(here), np.zeros_like(here)
    for array, content in (
        (ids, tokens),
        (where, positions),
        (first, sees.first),
        (last, sees.last),
        (keys, ranks),
        (queries, ranks),
    ):
        array[:, :length] = content
    for row, at in enumerate(places):
        mine = slice(length, length + len(at))
        where[row, mine], labels[row, mine] = positions[row, at], tokens[row, at]
        first[row, mine], last[row, mine] = sees.first[row, at], sees.last[row, at]
        queries[row, mine] = ranks[row, at] - 1
    return Example(Sequences(ids, where, Interval(first, last, keys, queries)), labels)
