"""Anchors and windows of texts, by rolling hashes. Imports numba: import this module inside functions only.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): of the k-grams in a window of `length` bytes the one with the least
hash is its anchor, the rightmost of equals. Which k-gram that is depends on the bytes of the window alone, so two equal windows
at different places have anchors at different places with equal hashes. Anchors that occur once so prove that no window they
were chosen in occurs twice. Their hash is a polynomial modulo 2^64: a collision costs time and no more. Windows are known by
two polynomials modulo 2^61 - 1.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.units import mix
from corpus_forge.text.hashing import PRIME, joined, product, reduced
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number

BASE = np.uint64(0x9E3779B97F4A7C15)
ONE = np.uint64(1)
PIECE = 1 << 16
"""k-grams between two looks at whether there is room for their anchors."""


@inner
def least(ring, value, best, place, j, span):
    """The least of the last `span` hashes, the rightmost of equals, and its number, now that number j has come."""
    if place < 0 or value <= best:
        return value, j
    if place > j - span:
        return best, place
    best, place, mask = value, j, len(ring) - 1
    for k in range(j - 1, j - span, -1):
        if ring[k & mask] < best:
            best, place = ring[k & mask], k
    return best, place


@called
def winnow(data, ring, state, numbers, starts, hashes, room):
    """Go on through some k-grams of a text; how many anchors there are now, appended from `room` on.

    numbers: the first k-gram and behind the last one, where the text begins, k, and the k-grams in a window. state: the rolling
    hash, the least hash, the places of the anchor and of the last one told, plus one each, and BASE to the power of k.
    """
    first, stop, begin, gram, span = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    power, mask = state[4], len(ring) - 1
    rolling, best, place, told = state[0], state[1], np.int64(state[2]) - 1, np.int64(state[3]) - 1
    for j in range(first, stop):
        rolling = rolling * BASE + np.uint64(data[begin + j + gram - 1]) + ONE
        if j > 0:
            rolling -= (np.uint64(data[begin + j - 1]) + ONE) * power
        value = mix(rolling)
        ring[j & mask] = value
        best, place = least(ring, value, best, place, j, span)
        if j >= span - 1 and place != told:
            starts[room], hashes[room] = place, best
            room, told = room + 1, place
    state[0], state[1], state[2], state[3] = rolling, best, np.uint64(place + 1), np.uint64(told + 1)
    return room


def _compiled_anchors(sources):
    @kernel
    def anchors(data, offsets, length, gram):
        """(counts, starts, hashes) of the anchors of all windows, by text and start: int64[n], uint32[m], uint64[m]."""
        span, size, power = length - gram + 1, 1 if sources else 0, ONE
        while size < span:
            size *= 2
        for _ in range(gram):
            power *= BASE
        ring, counts = np.empty(size, np.uint64), np.empty(len(offsets) - 1, np.int64)
        starts, hashes, found = np.empty(2 * PIECE, np.uint32), np.empty(2 * PIECE, np.uint64), 0
        state, numbers = np.zeros(5, np.uint64), np.array([0, 0, 0, gram, span])
        for d in range(len(offsets) - 1):
            before, grams = found, offsets[d + 1] - offsets[d] - gram + 1
            state[:4], state[4] = 0, power
            if grams >= span:
                for i in range(offsets[d], offsets[d] + gram - 1):
                    state[0] = state[0] * BASE + np.uint64(data[i]) + ONE
                for first in range(0, grams, PIECE):
                    if found + PIECE > len(starts):
                        starts, hashes = np.concatenate((starts, starts)), np.concatenate((hashes, hashes))
                    numbers[0], numbers[1], numbers[2] = first, min(first + PIECE, grams), offsets[d]
                    found = winnow(data, ring, state, numbers, starts, hashes, found)
            counts[d] = found - before
        return counts, starts[:found].copy(), hashes[:found].copy()

    return anchors


def _compiled_windows(sources):
    @kernel
    def windows(data, begin, count, length, bases, hi, lo):
        """hi, lo: uint64[count], the two hashes of data[begin + s:begin + s + length] for s below count. bases: uint64[2]."""
        leaving = np.empty((2, 256 if sources else 0), np.uint64)
        rolling = np.zeros(2, np.uint64)
        for lane in range(2):
            power = ONE
            for _ in range(length):
                power = product(power, bases[lane])
            for byte in range(256):
                leaving[lane, byte] = PRIME - product(np.uint64(byte + 1), power)
            for i in range(begin, begin + length):
                rolling[lane] = joined(rolling[lane], bases[lane], np.uint64(data[i]) + ONE)
        one, two = rolling[0], rolling[1]
        for s in range(count):
            hi[s], lo[s] = mix(one), two
            if s + 1 < count:
                entering, gone = np.uint64(data[begin + s + length]) + ONE, data[begin + s]
                one = reduced(joined(one, bases[0], entering) + leaving[0, gone])
                two = reduced(joined(two, bases[1], entering) + leaving[1, gone])

    return windows


SOURCES = source_number(("dedup/winnow_kernel", "dedup/units", "hashing", "kernel"))
anchors = _compiled_anchors(SOURCES)
windows = _compiled_windows(SOURCES)
