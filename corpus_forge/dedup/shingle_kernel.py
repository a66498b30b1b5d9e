"""The shingles of texts themselves, as sorted sets of 64-bit hashes. Imports numba: import this module inside functions only.

A shingle's hash is the one that signatures are made of (kernels.py), before it is cut to 32 bits. Two shingles of a pair of
texts have equal hashes by chance once in 2^64, so the Jaccard similarity of the sets is that of the shingles.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.units import mix, next_unit
from corpus_forge.text.kernel import kernel
from corpus_forge.text.kernel_sources import source_number

ROLL = np.uint64(0x9E3779B97F4A7C15)


def _compiled(sources):
    @kernel
    def shingle_sets(data, offsets, rules, n, lengths):
        """uint64[m]: the distinct shingle hashes of each text, ascending, text after text; lengths: int64[texts], filled."""
        ring, nothing = np.empty(n, np.uint64), np.empty(0 * sources, np.uint8)
        out, filled, power = np.empty(1024, np.uint64), 0, np.uint64(1)
        for _ in range(n):
            power *= ROLL
        for d in range(len(offsets) - 1):
            i, end, first = offsets[d], offsets[d + 1], filled
            seen, rolling, found = 0, np.uint64(0), True
            ring[:] = 0
            while found:
                i, unit, _, found = next_unit(data, i, end, rules, seen == 0, nothing, -1)
                if found:
                    rolling = rolling * ROLL + unit - ring[seen % n] * power
                    ring[seen % n] = unit
                    seen += 1
                if seen >= n if found else 0 < seen < n:
                    if filled == len(out):
                        out = np.concatenate((out, out))
                    out[filled] = mix(rolling)
                    filled += 1
            distinct = np.unique(out[first:filled])
            out[first : first + len(distinct)] = distinct
            filled = first + len(distinct)
            lengths[d] = len(distinct)
        return out[:filled].copy()

    return shingle_sets


def _compiled_match(sources):
    @kernel
    def match_sets(begins, ids, sets, share, leaders, count, partners):
        """As verify_kernel.match_leaders, by the Jaccard similarity of sets (values, offsets) of all rows, ascending.

        The first `count` rows are the leaders that a group carries over from the piece before. leaders: int64[m], their rows.
        """
        values, offsets = sets
        for i in range(count * (sources > 0), len(ids)):
            if begins[i]:
                count = 0
            partners[i] = ids[i]
            for leader in range(count):
                other = leaders[leader]
                x, y, equal = offsets[i], offsets[other], 0
                size = offsets[i + 1] - x + offsets[other + 1] - y
                while x < offsets[i + 1] and y < offsets[other + 1]:
                    one, two = values[x], values[y]
                    equal += one == two
                    x += one <= two
                    y += two <= one
                if equal > 0 and equal >= share * (size - equal) - 1e-9:
                    partners[i] = ids[other]
                    break
            if partners[i] == ids[i] and count < len(leaders):
                leaders[count] = i
                count += 1
        return count

    return match_sets


SOURCES = source_number(("dedup/shingle_kernel", "dedup/units", "dedup/folding", "eight", "kernel", "utf8"))
shingle_sets = _compiled(SOURCES)
match_sets = _compiled_match(SOURCES)
