"""fastText's supervised training: a softmax over the mean of the vectors of words and n-grams, by plain SGD.

Texts come one after the other on one thread: the same texts give the same bytes, where fastText's threads race for the vectors.
The cost is a factor of the threads one would have had. No fastmath: sums are in one order on every machine.
Source: Joulin et al. 2016, https://arxiv.org/abs/1607.01759. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.kernel import inner, kernel

NGRAM_FACTOR = np.uint64(116049371)
"""fastText's dictionary.cc, addWordNgrams."""


@inner
def list_features(tokens, begin, stop, shape, features):
    """Write the rows of words and hashed n-grams of tokens [begin, stop); how many. shape: words, bucket, ngram."""
    ids, hashes = tokens
    words, bucket, ngram = shape
    count = 0
    for i in range(begin, stop):
        if ids[i] >= 0:
            features[count] = ids[i]
            count += 1
    for i in range(begin, stop):
        value = np.uint64(np.int64(hashes[i]))
        for j in range(i + 1, min(i + ngram, stop)):
            value = value * NGRAM_FACTOR + np.uint64(np.int64(hashes[j]))
            features[count] = words + np.int64(value % np.uint64(bucket))
            count += 1
    return count


@inner
def softmax(output, hidden, scores):
    """Fill `scores` with the probabilities of the labels."""
    top = np.float32(-np.inf)
    for label in range(len(output)):
        total = np.float32(0)
        for k in range(len(hidden)):
            total += output[label, k] * hidden[k]
        scores[label] = total
        top = max(top, total)
    total = np.float32(0)
    for label in range(len(scores)):
        scores[label] = np.exp(scores[label] - top)
        total += scores[label]
    for label in range(len(scores)):
        scores[label] /= total


@inner
def step(matrices, features, label, rate, scratch):
    """One text: the mean of its rows, the gradient, and both matrices moved."""
    rows, output = matrices
    hidden, gradient, scores = scratch
    hidden[:] = 0
    gradient[:] = 0
    for feature in features:
        for k in range(len(hidden)):
            hidden[k] += rows[feature, k]
    part = np.float32(1) / np.float32(len(features))
    for k in range(len(hidden)):
        hidden[k] *= part
    softmax(output, hidden, scores)
    for each in range(len(output)):
        pull = rate * (np.float32(each == label) - scores[each])
        for k in range(len(hidden)):
            gradient[k] += pull * output[each, k]
            output[each, k] += pull * hidden[k]
    for k in range(len(hidden)):
        gradient[k] *= part
    for feature in features:
        for k in range(len(hidden)):
            rows[feature, k] += gradient[k]


@kernel
def train_texts(order, tokens, ends, labels, matrices, how):
    """Go through the texts in this order once; how many tokens were seen, those before included.

    order: int64[n]. tokens: int32[t] ids and int32[t] hashes. ends: int64[n + 1]. labels: int8[n].
    matrices: float32[words + bucket, dim] and float32[labels, dim], moved in place. how: (ngram, bucket, rate, tokens seen,
    tokens in all epochs); the rate falls from `rate` to 0 over all tokens.
    """
    rows, output = matrices
    ngram, bucket, rate, seen, in_all = how
    longest = 0
    for text in range(len(ends) - 1):
        longest = max(longest, ends[text + 1] - ends[text])
    features = np.empty(longest * ngram, np.int64)
    scratch = np.empty(rows.shape[1], np.float32), np.empty(rows.shape[1], np.float32), np.empty(len(output), np.float32)
    shape = (len(rows) - bucket, bucket, ngram)
    for text in order:
        begin, stop = ends[text], ends[text + 1]
        count = list_features(tokens, begin, stop, shape, features)
        if count:
            step(matrices, features[:count], labels[text], np.float32(rate * (1 - seen / in_all)), scratch)
        seen += stop - begin
    return seen
