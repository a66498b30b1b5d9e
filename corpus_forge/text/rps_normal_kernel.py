"""RedPajama-V2's counts of a text in normal form: how different its words are, its repeated n-grams, and those on a list.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import math

import numpy as np

from corpus_forge.text.eight import eight, leading
from corpus_forge.text.gram_set import count_listed
from corpus_forge.text.grams import MAX_WORDS, new_space, put_word, with_room
from corpus_forge.text.hashing import ONE, ZERO, cleared, slot_of_hash
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.rps_counts import RpsCount
from corpus_forge.text.unique_grams import count_unique_grams
from corpus_forge.text.words import skip_ink, skip_space

COLUMNS = len(RpsCount)
WORDS, WORD_CHARS, LOREM_IPSUM = int(RpsCount.WORDS), int(RpsCount.WORD_CHARS), int(RpsCount.LOREM_IPSUM)
DIFFERENT_WORDS, ENTROPY = int(RpsCount.DIFFERENT_WORDS), int(RpsCount.ENTROPY)
FLAGGED_GRAMS = int(RpsCount.FLAGGED_GRAMS)
TOP, COVERED = int(RpsCount.TOP_2_GRAM), int(RpsCount.IN_5_GRAMS)
LOREM, IPSUM = (np.uint64(int.from_bytes(word, "little")) for word in (b"lorem", b"ipsum"))
FIVE, TRILLION = 5, 1e12


@inner
def has_five(data, start, end, word):
    """Are the five bytes from start on, of data[start:end], this word?"""
    return start + FIVE <= end and leading(eight(data, start), FIVE) == word


@called
def put_normal_words(data, start, end, classes, space, row):
    """Count words between white space and note them, as many as there is room for."""
    count = 0
    after_lorem = False
    i = skip_space(data, start, end, classes)
    while i < end:
        stop = skip_ink(data, i, end, classes)
        row[WORD_CHARS] += put_word(data, i, stop, count, space)
        row[LOREM_IPSUM] += after_lorem and has_five(data, i, stop, IPSUM)
        after_lorem = stop - FIVE >= i and has_five(data, stop - FIVE, stop, LOREM)
        count += 1
        i = skip_space(data, stop, end, classes)
    row[WORDS] = count


@called
def count_different(count, space, row):
    """How many of the first `count` words are different, and the entropy of their distribution."""
    mask = cleared(space.keys, count)
    different = 0
    for k in range(count):
        slot = slot_of_hash(space.keys, mask, space.words[k])
        is_new = space.keys[slot] == ZERO
        different += is_new
        space.keys[slot], space.tallies[slot] = space.words[k] + ONE, ONE if is_new else space.tallies[slot] + ONE
    row[DIFFERENT_WORDS] = different
    total = 0.0
    for slot in range(mask + 1):
        if space.keys[slot] != ZERO and space.tallies[slot] > ONE:
            tally = float(space.tallies[slot])
            total += tally * math.log(tally)
    if count:
        row[ENTROPY] = np.int64(round((math.log(float(count)) - total / count) * TRILLION))


def _compiled(sources):
    """The function that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def measure_normal(data, offsets, classes, flagged, out):
        """Counts of texts in normal form, data[offsets[i]:offsets[i + 1]], into int64[n, len(RpsCount)]."""
        ends = np.empty(0, np.int64)
        space = new_space(0, 16 if sources else 0)
        for i in range(len(offsets) - 1):
            start, end, row = offsets[i], offsets[i + 1], out[i]
            ends, space = with_room(ends, space, end - start, (False, True))
            put_normal_words(data, start, end, classes, space, row)
            count = min(row[WORDS], MAX_WORDS)
            count_different(count, space, row)
            row[FLAGGED_GRAMS] = count_listed(count, flagged, space.words)
            count_unique_grams(count, False, TOP, COVERED, space, row)

    return measure_normal


measure_normal = _compiled(source_number((*KERNELS, "gram_set", "rps_counts", "rps_normal_kernel", "unique_grams")))
