"""Features that come of learned weights: what words and class words say of a block. Imports numba: inside functions only."""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge import aggregates as a
from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.ancestors import parent_of
from corpus_forge.extract.forge.kernel import inner
from corpus_forge.extract.forge.layout import Block

BUCKET, WORDS = int(Block.BUCKET), int(Block.WORDS)
LEARNED_AT = columns.offset_of(columns.LEARNED)
F = np.float32


@inner
def word_mean(work, b, count):
    """Mean weight of a block's words; 0 where there is no such block."""
    if b < 0 or b >= count:
        return F(0)
    return work.word_sums[b] / F(max(1, work.blocks[b, WORDS]))


@inner
def mean_of(work, e):
    """Mean weight of the words in an element."""
    return work.weights[e, a.SUM_SCORES] / F(max(1, work.sums[e, a.SUM_WORDS]))


@inner
def put_words(x, lane, work, b, count, word_end, word_weights):
    """Learned weights of the block's words."""
    k = LEARNED_AT
    first = work.blocks[b, BUCKET]
    last = work.blocks[b + 1, BUCKET] if b + 1 < count else word_end
    least, known = np.int8(127), 0
    for i in range(first, last):
        weight = word_weights[work.buckets[i]]
        least = min(least, weight)
        known += weight != 0
    x[k, lane], x[k + 1, lane], x[k + 2, lane] = word_mean(work, b, count), work.word_sums[b], least
    x[k + 3, lane] = word_weights[work.buckets[first]] if last > first else 0
    x[k + 4, lane] = F(known) / F(max(1, last - first))
    x[k + 11, lane], x[k + 12, lane] = word_mean(work, b - 1, count), word_mean(work, b + 1, count)


@inner
def put_names(x, lane, work, e, p, g):
    """Learned weights of class words around the block."""
    k = LEARNED_AT
    row = work.weights[e]
    great = parent_of(work.elements, g)
    fifth = parent_of(work.elements, great)
    near = row[a.ALL_NAMES] - work.weights[fifth, a.ALL_NAMES] if fifth > 0 else row[a.ALL_NAMES]
    x[k + 5, lane], x[k + 6, lane], x[k + 7, lane] = row[a.OWN_NAMES], work.weights[p, a.OWN_NAMES], near
    x[k + 8, lane], x[k + 9, lane], x[k + 10, lane] = row[a.ALL_NAMES], row[a.MIN_NAMES], row[a.MAX_NAMES]
    x[k + 13, lane], x[k + 14, lane] = mean_of(work, g), mean_of(work, fifth)
