"""Keys of lines and paragraphs, folded character by character without a copy. Imports numba: import inside functions only.

Two 64-bit hashes of the folded code points: FNV-1a, and a multiply-and-shift of another constant, both mixed at the end.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.folding import DROPPED, SEPARATES
from corpus_forge.dedup.units import BASIS, LETTER, MIX_1, PRIME, SPACE, mix
from corpus_forge.text.kernel import inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.utf8 import code_point, width

NEWLINE = 10
OTHER, S29 = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


@inner
def fold_line(data, i, end, fold):
    """The two hashes of data[i:end] as it is compared, and whether anything of it counts."""
    one, two, counts, separated = BASIS, OTHER, False, False
    while i < end:
        target = fold[code_point(data, i, end)]
        i += width(data, i, end)
        if target == SEPARATES:
            separated = counts
        elif target != DROPPED:
            if separated:
                one = (one ^ np.uint64(SPACE)) * PRIME
                two = (two ^ (two >> S29) ^ np.uint64(SPACE)) * MIX_1
            letter = np.uint64(target & LETTER)
            one = (one ^ letter) * PRIME
            two = (two ^ (two >> S29) ^ letter) * MIX_1
            counts, separated = True, False
    return mix(one), mix(two), counts


@inner
def line_end(data, i, end, paragraphs):
    """Where the line or paragraph that begins at i ends, and where the newlines behind it do."""
    while i < end:
        if data[i] == NEWLINE and (not paragraphs or (i + 1 < end and data[i + 1] == NEWLINE)):
            break
        i += 1
    after = i
    while after < end and data[after] == NEWLINE and (paragraphs or after == i):
        after += 1
    return i, after


def _compiled(sources):
    @kernel
    def fold_lines(data, offsets, fold, paragraphs, min_length, where, keys):
        """Fill where (uint32[3, n]: text, start, stop) and keys (uint64[2, n]: hi, lo); how many there are."""
        found = 0 * sources
        for d in range(len(offsets) - 1):
            begin, end = offsets[d], offsets[d + 1]
            i = last = begin
            while i < end:
                stop, after = line_end(data, i, end, paragraphs)
                one, two, counts = fold_line(data, i, stop, fold)
                if counts and stop - i >= min_length:
                    where[0, found] = d
                    where[1, found] = (last if stop == after else i) - begin
                    where[2, found] = after - begin
                    keys[0, found], keys[1, found] = one, two
                    found += 1
                last, i = stop, after
        return found

    return fold_lines


fold_lines = _compiled(source_number(("dedup/line_kernel", "dedup/units", "kernel", "utf8")))
