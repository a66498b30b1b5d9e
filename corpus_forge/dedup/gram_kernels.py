"""N-grams of evaluation items looked up in documents: the kernels. Imports numba: import this module inside functions only.

A document's n-grams are hashed in one rolling pass. A bit table of 16 bits an n-gram answers for nearly all of them without
a look at the sorted hashes. Where a hash is there, the words are folded again and compared byte by byte with those of
the item, so that a collision, by chance or on purpose, is never a find; that costs n words for each find and nothing else.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.units import SPACE, mix, read_word, skip_separators
from corpus_forge.text.kernel import inner, kernel
from corpus_forge.text.kernel_sources import source_number

ROLL = np.uint64(0x9E3779B97F4A7C15)
SIX, LOW_SIX, ONE, ZERO = np.uint64(6), np.uint64(63), np.uint64(1), np.uint64(0)
BITS_A_GRAM = 16
INLINED = ("dedup/gram_kernels", "dedup/units", "eight", "kernel", "utf8")


@inner
def power_of(n):
    """What the oldest unit of n has been multiplied with when it leaves."""
    power = ONE
    for _ in range(n):
        power *= ROLL
    return power


@inner
def may_hold(bits, value):
    """Whether the bit of a hash is set; bits: uint64[m], m a power of two."""
    place = value & np.uint64(len(bits) * 64 - 1)
    return bits[place >> SIX] >> (place & LOW_SIX) & ONE != ZERO


@inner
def first_not_below(keys, value):
    """Index of the first of uint64[g] ascending keys that is not below the value."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def same_bytes(one, start, stop, other, begin, end):
    """Whether one[start:stop] equals other[begin:end]."""
    if stop - start != end - begin:
        return False
    k = 0
    while k < stop - start and one[start + k] == other[begin + k]:
        k += 1
    return k == stop - start


@inner
def fold_words(data, i, end, fold, n, folded):
    """Write n words from i on, joined by one space, to `folded`; where they end in it."""
    at = 0
    for k in range(n):
        i, _ = skip_separators(data, i, end, fold)
        if k:
            folded[at] = SPACE
            at += 1
        i, _, at = read_word(data, i, end, fold, folded, at)
    return at


@inner
def gram_at(value, folded, length, grams):
    """The n-gram of that hash whose bytes are folded[:length], or -1."""
    _, keys, starts, stops, blob = grams
    k = first_not_below(keys, value)
    while k < len(keys) and keys[k] == value:
        if same_bytes(folded, 0, length, blob, starts[k], stops[k]):
            return k
        k += 1
    return -1


def _compiled_count_words(sources):
    @kernel
    def count_words(data, offsets, fold, out):
        """out: int64[texts], words of each text."""
        nothing = np.empty(0 if sources else 1, np.uint8)
        for d in range(len(offsets) - 1):
            i, end, words = offsets[d], offsets[d + 1], 0
            while True:
                i, _ = skip_separators(data, i, end, fold)
                if i >= end:
                    break
                i, _, _ = read_word(data, i, end, fold, nothing, -1)
                words += 1
            out[d] = words

    return count_words


def _compiled_list_grams(sources):
    @kernel
    def list_grams(data, offsets, fold, n, blob, listed):
        """Write all words to `blob`; (hashes, starts, stops, texts) `listed`: each n-gram's hash, place in it, and text.

        Returns how many bytes were written.
        """
        hashes, starts, stops, texts = listed
        units, begins = np.zeros(n if sources else 0, np.uint64), np.zeros(n, np.int64)
        power, at, g = power_of(n), 0, 0
        for d in range(len(offsets) - 1):
            i, end, seen, rolling = offsets[d], offsets[d + 1], 0, ZERO
            units[:] = ZERO
            while True:
                i, _ = skip_separators(data, i, end, fold)
                if i >= end:
                    break
                if seen:
                    blob[at] = SPACE
                    at += 1
                slot = seen % n
                begins[slot] = at
                i, unit, at = read_word(data, i, end, fold, blob, at)
                rolling = rolling * ROLL + unit - units[slot] * power
                units[slot] = unit
                seen += 1
                if seen >= n:
                    hashes[g], starts[g], stops[g], texts[g] = mix(rolling), begins[seen % n], at, d
                    g += 1
        return at

    return list_grams


def _compiled_number_grams(sources):
    @kernel
    def number_grams(order, hashes, starts, stops, blob, numbers, heads):
        """Equal n-grams get equal numbers, ascending with the hash. order: by hash. Returns how many different ones there are.

        heads[number] is the first n-gram with that number. Different n-grams of one hash get neighbouring numbers.
        """
        count = first = 0 if sources else 1
        for k in range(len(order)):
            g = order[k]
            if k == 0 or hashes[g] != hashes[order[k - 1]]:
                first = count
            number = first
            while number < count and not same_bytes(
                blob, starts[g], stops[g], blob, starts[heads[number]], stops[heads[number]]
            ):
                number += 1
            if number == count:
                heads[count] = g
                count += 1
            numbers[g] = number
        return count

    return number_grams


def _compiled_find_grams(sources):
    @kernel
    def find_grams(data, offsets, fold, n, grams, hits):
        """Where texts have an n-gram of the index. hits: int64[room, 4] of (text, n-gram, first byte, byte after), in order.

        Returns how many there are; when that is more than there is room for, the rest was not written.
        """
        units, begins = np.zeros(n if sources else 0, np.uint64), np.zeros(n, np.int64)
        nothing, longest = np.empty(0, np.uint8), 0
        for d in range(len(offsets) - 1):
            longest = max(longest, offsets[d + 1] - offsets[d])
        folded = np.empty(2 * longest + n + 4, np.uint8)
        power, found, bits = power_of(n), 0, grams[0]
        for d in range(len(offsets) - 1):
            i, end, seen, rolling = offsets[d], offsets[d + 1], 0, ZERO
            units[:] = ZERO
            while True:
                i, _ = skip_separators(data, i, end, fold)
                if i >= end:
                    break
                slot = seen % n
                begins[slot] = i
                i, unit, _ = read_word(data, i, end, fold, nothing, -1)
                rolling = rolling * ROLL + unit - units[slot] * power
                units[slot] = unit
                seen += 1
                if seen < n:
                    continue
                value = mix(rolling)
                if not may_hold(bits, value):
                    continue
                begin = begins[seen % n]
                gram = gram_at(value, folded, fold_words(data, begin, end, fold, n, folded), grams)
                if gram < 0:
                    continue
                if found < len(hits):
                    hits[found, 0], hits[found, 1], hits[found, 2], hits[found, 3] = d, gram, begin, i
                found += 1
        return found

    return find_grams


_SOURCES = source_number(INLINED)
count_words = _compiled_count_words(_SOURCES)
list_grams = _compiled_list_grams(_SOURCES)
number_grams = _compiled_number_grams(_SOURCES)
find_grams = _compiled_find_grams(_SOURCES)
