"""MinHash over Arrow buffers: the functions that Python calls.

Nothing is kept of a text but its last n units and a block of shingle hashes, so a document of any length takes the same few
kilobytes; only the kernel that is bitwise like datasketch keeps the folded bytes. By default a shingle's hash rolls: a
polynomial over its units' 64-bit hashes modulo 2^64, then mixed, so that its cost does not depend on n.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.minima import ABREAST, lower_legacy, lower_minima, mix32
from corpus_forge.dedup.sha1 import sha1_word
from corpus_forge.dedup.units import MIX_1, MIX_2, S33, mix, next_unit
from corpus_forge.text.kernel import kernel
from corpus_forge.text.kernel_sources import source_number

BLOCK = 1024
ROLL, S32 = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
INLINED = ("dedup/folding", "dedup/kernels", "dedup/minima", "dedup/sha1", "dedup/units", "eight", "kernel", "utf8")


def _compiled_sign(sources):
    @kernel
    def sign(data, offsets, rules, n, affine, out):
        """out: uint32[texts, permutations], filled with 2^32 - 1. Shingles are hashed from their units' hashes."""
        units = np.zeros(n + BLOCK if sources else 0, np.uint64)
        block, nothing = np.empty(BLOCK + ABREAST, np.uint32), np.empty(0, np.uint8)
        power = np.uint64(1)
        for _ in range(n):
            power *= ROLL
        for d in range(len(offsets) - 1):
            i, end = offsets[d], offsets[d + 1]
            units[:n] = 0
            seen, rolling, found = 0, np.uint64(0), True
            while found:
                filled = shingles = 0
                while found and filled < BLOCK:
                    i, unit, _, found = next_unit(data, i, end, rules, seen + filled == 0, nothing, -1)
                    units[n + filled] = unit
                    filled += found
                for j in range(filled):
                    rolling = rolling * ROLL + units[n + j] - units[j] * power
                    block[shingles] = np.uint32(mix(rolling) >> S32)
                    shingles += seen + j + 1 >= n
                seen += filled
                if not found and 0 < seen < n:
                    shingles = 1
                lower_minima(out[d], affine, block, shingles)
                for k in range(n):
                    units[k] = units[filled + k]

    return sign


def _compiled_sign_bytes(sources):
    @kernel
    def sign_bytes(data, offsets, rules, n, affine, legacy, out):
        """The same, each shingle hashed by SHA-1 over its bytes; with legacy permutations when there are any."""
        ring = np.zeros(n + 1 if sources else 0, np.int64)
        block, words = np.empty(BLOCK + ABREAST, np.uint32), np.empty(80, np.int64)
        longest = 0
        for d in range(len(offsets) - 1):
            longest = max(longest, offsets[d + 1] - offsets[d])
        folded = np.empty(2 * longest + 4, np.uint8)
        is_legacy, joint = len(legacy[0]) > 0, 0 if rules[1] else 1
        for d in range(len(offsets) - 1):
            i, end = offsets[d], offsets[d + 1]
            ring[0] = -joint
            seen, filled, at, found = 0, 0, 0, True
            while found:
                i, _, at, found = next_unit(data, i, end, rules, seen == 0, folded, at)
                if found:
                    seen += 1
                    ring[seen % (n + 1)] = at
                if seen >= n if found else 0 < seen < n:
                    begin = ring[max(seen - n, 0) % (n + 1)] + joint
                    value = np.uint64(sha1_word(folded, begin, at, words))
                    block[filled] = np.uint32(value if is_legacy else mix32(value))
                    filled += 1
                if is_legacy and (filled == BLOCK or not found):
                    lower_legacy(out[d], legacy, block, filled)
                    filled = 0
                elif filled == BLOCK or not found:
                    lower_minima(out[d], affine, block, filled)
                    filled = 0

    return sign_bytes


def _compiled_hash_bands(sources):
    @kernel
    def hash_bands(signatures, bands, rows, hi, lo):
        """hi, lo: uint64[texts, bands], two hashes of each band's number and rows."""
        for d in range(len(signatures) if sources else 0):
            for band in range(bands):
                one = mix(np.uint64(band + 1) * ROLL)
                two = mix(one ^ MIX_2)
                for k in range(band * rows, (band + 1) * rows):
                    value = np.uint64(signatures[d, k])
                    one = mix(one ^ value)
                    two = (two ^ (value * MIX_1)) * ROLL
                    two ^= two >> S33
                hi[d, band] = one
                lo[d, band] = mix(two)

    return hash_bands


_SOURCES = source_number(INLINED)
sign = _compiled_sign(_SOURCES)
sign_bytes = _compiled_sign_bytes(_SOURCES)
hash_bands = _compiled_hash_bands(_SOURCES)
