"""Units and their n-grams, and the walk of a Bloom filter through them. Imports numba: import inside functions only.

Each of the filter's k places is drawn by a mixer of its own from the n-gram's 64-bit hash, and brought into range by a
multiplication instead of a division. A look-up costs up to k cache misses; most n-grams that are new cost two.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.line_kernel import line_end
from corpus_forge.dedup.units import mix, read_word, skip_separators
from corpus_forge.text.hashing import high_product
from corpus_forge.text.kernel import inner, kernel
from corpus_forge.text.kernel_sources import source_number

ROLL = np.uint64(0x9E3779B97F4A7C15)
SIX, LOW_SIX, ONE, ZERO = np.uint64(6), np.uint64(63), np.uint64(1), np.uint64(0)
SOURCES = ("dedup/bloom_kernel", "dedup/line_kernel", "dedup/units", "eight", "hashing", "kernel", "utf8")


@inner
def place(value, k, bits):
    """The k-th place of a hash in a filter of so many bits."""
    return high_product(mix(value + np.uint64(k + 1) * ROLL), bits)  # type: ignore[call-arg]


@inner
def holds(words, value, hashes, bits):
    """Whether all places of a hash are set."""
    for k in range(hashes):
        at = place(value, k, bits)
        if words[at >> SIX] >> (at & LOW_SIX) & ONE == ZERO:
            return False
    return True


@inner
def put(words, value, hashes, bits):
    """Set all places of a hash; how many were not."""
    fresh = 0
    for k in range(hashes):
        at = place(value, k, bits)
        bit = ONE << (at & LOW_SIX)
        fresh += words[at >> SIX] & bit == ZERO
        words[at >> SIX] |= bit
    return fresh


@inner
def write_grams(data, span, fold, ring, shape, out, at):
    """Hashes of the n-grams of a span from out[at] on; where they end. ring: uint64[n]; shape: (n, least, n-th power)."""
    (i, end), (n, least, power) = span, shape
    seen, rolling, nothing = 0, ZERO, out[:0].view(np.uint8)
    for k in range(n):
        ring[k] = ZERO
    while True:
        i, _ = skip_separators(data, i, end, fold)
        if i >= end:
            break
        i, unit, _ = read_word(data, i, end, fold, nothing, -1)
        rolling = rolling * ROLL + unit - ring[seen % n] * power
        ring[seen % n] = unit
        seen += 1
        if seen >= n:
            out[at] = mix(rolling)
            at += 1
    if least <= seen < n:
        out[at] = mix(rolling)
        at += 1
    return at


def _compiled_list_unit_grams(sources):
    @kernel
    def list_unit_grams(data, offsets, fold, how, units, out):
        """units: uint32[u, 4] of (text, start, stop, n-grams); out: their hashes. how: (n, least, whole texts).

        Returns how many of both there are.
        """
        n, least, whole = how
        ring, power = np.zeros(n if sources else 0, np.uint64), ONE
        for _ in range(n):
            power *= ROLL
        listed = at = 0
        for d in range(len(offsets) - 1):
            begin, end = offsets[d], offsets[d + 1]
            i = last = begin
            while i < end:
                stop, after = (end, end) if whole else line_end(data, i, end, False)
                first = at
                at = write_grams(data, (i, stop), fold, ring, (n, least, power), out, at)
                if at > first:
                    units[listed, 0], units[listed, 3] = d, at - first
                    units[listed, 1] = (last if stop == after else i) - begin
                    units[listed, 2] = after - begin
                    listed += 1
                last, i = stop, after
        return listed, at

    return list_unit_grams


def _compiled_walk_units(sources):
    @kernel
    def walk_units(units, grams, words, how, leaving, tally):
        """Say of each unit whether it leaves, and put the n-grams of the others into the filter, uint64[m] `words`.

        how: (bits, hashes, threshold, whether whole texts leave too). leaving: bool[u] of units, and bool[u] of texts, set at
        the last unit of one. tally: int64[4] of n-grams, contained, entries and bits set, and float64[1], expected false finds.
        """
        bits, hashes, threshold, documents_too = np.uint64(how[0]), how[1], how[2], how[3]
        (leaves, whole), (counts, doubt) = leaving, tally
        at = total = contained = 0 * sources
        for u in range(len(units)):
            if u == 0 or units[u, 0] != units[u - 1, 0]:
                total = contained = 0
            size, inside = np.int64(units[u, 3]), 0
            for g in range(at, at + size):
                inside += holds(words, grams[g], hashes, bits)
            doubt[0] += size * (counts[3] / how[0]) ** hashes
            leaves[u] = inside / size > threshold
            if not leaves[u]:
                for g in range(at, at + size):
                    counts[3] += put(words, grams[g], hashes, bits)
                counts[2] += size
            counts[0], counts[1] = counts[0] + size, counts[1] + inside
            total, contained, at = total + size, contained + inside, at + size
            ends = u + 1 == len(units) or units[u + 1, 0] != units[u, 0]
            whole[u] = documents_too and ends and contained / total > threshold

    return walk_units


_SOURCES = source_number(SOURCES)
list_unit_grams = _compiled_list_unit_grams(_SOURCES)
walk_units = _compiled_walk_units(_SOURCES)
