"""The table of an n-gram model, and its scores: one open-addressing table for n-grams of every length.

An n-gram is known by a 64-bit hash of its words' numbers, last word first, so that the n-grams that end at a word are found one
after the other, each from the hash of the one before. Two of ten million n-grams share a hash with a chance of some 3e-6.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.kernel import inner, kernel

START = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31 = np.uint64(30), np.uint64(27), np.uint64(31)
EMPTY, ONE = np.uint64(0), np.uint64(1)


@inner
def extend(key, word):
    """The key of an n-gram with one more word before it; never 0. splitmix64's finalizer."""
    value = (key ^ np.uint64(word)) + START
    value = (value ^ (value >> S30)) * MIX_1
    value = (value ^ (value >> S27)) * MIX_2
    return (value ^ (value >> S31)) | ONE


@inner
def slot_of(keys, key):
    """Where the key lies in the table, or would lie."""
    mask = np.uint64(len(keys) - 1)
    slot = (key >> ONE) & mask
    while keys[slot] != EMPTY and keys[slot] != key:
        slot = (slot + ONE) & mask
    return slot


@kernel
def put_ngrams(grams, values, table):
    """Put n-grams of one length into the table; how many were there already.

    grams: int32[m, n] numbers of words. values: float32[m, 2], log10 of the probability and of the back-off.
    table: uint64[slots] keys, a power of two and at least twice the n-grams, and float32[slots, 2].
    """
    keys, found = table
    twice = 0
    for row in range(len(grams)):
        key = START
        for k in range(grams.shape[1] - 1, -1, -1):
            key = extend(key, grams[row, k])
        slot = slot_of(keys, key)
        twice += keys[slot] == key
        keys[slot] = key
        found[slot, 0], found[slot, 1] = values[row, 0], values[row, 1]
    return twice


@kernel
def score_sentences(words, ends, table, how, out):
    """log10 of the probability of each sentence, its end included, after the begin of a sentence.

    words: int32[t]. ends: int64[n + 1]. how: (longest n-gram, number of `<s>`, number of `</s>`). out: float64[n].
    A word after its context is the longest n-gram that is known, and the back-off of every longer context.
    """
    keys, values = table
    order, begin, end = how
    before, now = np.zeros(order + 1, np.float64), np.zeros(order + 1, np.float64)
    for sentence in range(len(ends) - 1):
        first, size = ends[sentence], ends[sentence + 1] - ends[sentence]
        before[:] = 0
        before[1] = values[slot_of(keys, extend(START, begin)), 1]
        total = 0.0
        for place in range(1, size + 2):
            key, longest, chance = START, 1, 0.0
            now[:] = 0
            for k in range(1, min(order, place + 1) + 1):
                at = place - k + 1
                key = extend(key, begin if at == 0 else end if at == size + 1 else words[first + at - 1])
                slot = slot_of(keys, key)
                if keys[slot] == key:
                    longest, chance = k, values[slot, 0]
                    now[k] = values[slot, 1]
            total += chance
            for k in range(longest, min(order - 1, place) + 1):
                total += before[k]
            before[:] = now
        out[sentence] = total
