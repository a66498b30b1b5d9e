"""Anchors and windows of texts, by rolling hashes. Imports numba: import this module inside functions only.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): of the k-grams in a window of `length` bytes the one with the least
hash is its anchor, the rightmost of equals. Which k-gram that is depends on the bytes of the window alone, so two equal windows
at different places have anchors at different places with equal hashes. Anchors that occur once so prove that no window they
were chosen in occurs twice. Their hash is a polynomial modulo 2^64: a collision costs time and no more. Windows are known by
two polynomials modulo 2^61 - 1.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corpus_forge.dedup.units import mix
from corpus_forge.text.hashing import PRIME, joined, product, reduced
from corpus_forge.text.kernel import inner
from corpus_forge.text.kernel_sources import source_number

BASE = np.uint64(0x9E3779B97F4A7C15)
ONE = np.uint64(1)


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


def _compiled_anchors(sources):
    @njit(cache=True, nogil=True)
    def anchors(data, offsets, length, gram):
        """(texts, starts, hashes) of the anchors of all windows, by text and start: uint32[m], uint32[m], uint64[m]."""
        size = 1 if sources else 0
        while size < length - gram + 1:
            size *= 2
        ring, mask, span = np.empty(size, np.uint64), size - 1, length - gram + 1
        texts, starts, hashes = np.empty(1024, np.uint32), np.empty(1024, np.uint32), np.empty(1024, np.uint64)
        power, found = ONE, 0
        for _ in range(gram):
            power *= BASE
        for d in range(len(offsets) - 1):
            begin, end = offsets[d], offsets[d + 1]
            rolling, best, place, told = np.uint64(0), np.uint64(0), -1, -1
            for i in range(begin, min(begin + gram - 1, end)):
                rolling = rolling * BASE + np.uint64(data[i]) + ONE
            for j in range(end - begin - gram + 1):
                rolling = rolling * BASE + np.uint64(data[begin + j + gram - 1]) + ONE
                if j > 0:
                    rolling -= (np.uint64(data[begin + j - 1]) + ONE) * power
                value = mix(rolling)
                ring[j & mask] = value
                best, place = least(ring, value, best, place, j, span)
                if j >= span - 1 and place != told:
                    if found == len(texts):
                        texts, starts = np.concatenate((texts, texts)), np.concatenate((starts, starts))
                        hashes = np.concatenate((hashes, hashes))
                    texts[found], starts[found], hashes[found] = d, place, best
                    found, told = found + 1, place
        return texts[:found].copy(), starts[:found].copy(), hashes[:found].copy()

    return anchors


def _compiled_windows(sources):
    @njit(cache=True, nogil=True)
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
