"""Repeated n-grams as NeMo Curator counts them, of words between white space, on the sets of grams.py.

A top n-gram counts with all characters that `text.replace(" ".join(ngram), "")` takes out: wherever it stands with single
spaces, inside words too. It is looked for by its first eight bytes, and where that compares too much, by a rolling polynomial
modulo 2^64, so that the time is linear in the text whatever the words. Of several most frequent n-grams NeMo takes one by the
order of a set, which changes with PYTHONHASHSEED; here it is the first.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import ONES, eight, equal, first_byte
from corpus_forge.text.grams import (
    LAST_PLACE,
    LONGEST_COPY,
    LONGEST_TOP,
    SHORTEST_COPY,
    SHORTEST_TOP,
    TWICE,
    tally_repeated,
)
from corpus_forge.text.hashing import ZERO
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.nemo_counts import NemoCount
from corpus_forge.text.words import skip_ink, skip_space

TOP, COPIED = int(NemoCount.TOP_2_GRAM), int(NemoCount.COPIED_5_GRAMS)
BASE, BLANK = np.uint64(0x9E3779B97F4A7C15), ord(" ")
BYTE, EIGHT = np.uint64(0xFF), 8
PATIENCE = 4
"""Bytes compared in vain, of one of the text, before the search changes to one that compares none."""


@called
def find_words(data, start, end, first, n, classes, bounds):
    """Where words first to first + n of data[start:end] begin and end, into `bounds`."""
    i = start
    for k in range(first + n):
        i = skip_space(data, i, end, classes)
        stop = skip_ink(data, i, end, classes)
        if k >= first:
            bounds[k - first, 0], bounds[k - first, 1] = i, stop
        i = stop


@inner
def is_gram(data, i, n, bounds):
    """Do the n words of `bounds` stand at i, a space between two? There is room for them."""
    for k in range(n):
        if k:
            if data[i] != BLANK:
                return False
            i += 1
        for j in range(bounds[k, 0], bounds[k, 1]):
            if data[i] != data[j]:
                return False
            i += 1
    return True


@inner
def hash_gram(data, n, bounds):
    """Hash of the n words with a space between two, its bytes, and BASE to the power of these."""
    value, size, power = ZERO, 0, np.uint64(1)
    for k in range(n):
        for j in range(bounds[k, 0] - (k > 0), bounds[k, 1]):
            byte = data[j] if j >= bounds[k, 0] else BLANK
            value = value * BASE + np.uint64(byte)
            power *= BASE
            size += 1
    return value, size, power


@called
def roll_occurrences(data, start, end, n, bounds):
    """How often the n words of `bounds` stand in data[start:end] with single spaces, without overlap, whatever they are."""
    wanted, size, power = hash_gram(data, n, bounds)
    count, first, value = 0, start, ZERO
    for i in range(start, end):
        value = value * BASE + np.uint64(data[i])
        if i - first >= size:
            value -= power * np.uint64(data[i - size])
        if value == wanted and i - first >= size - 1 and is_gram(data, i + 1 - size, n, bounds):
            count += 1
            first, value = i + 1, ZERO
    return count


@inner
def beginning(data, n, bounds):
    """Bytes of the n words with a space between two; the first eight of them, and which bits of a uint64 these are."""
    value, mask, size = ZERO, ZERO, 0
    for k in range(n):
        for j in range(bounds[k, 0] - (k > 0), bounds[k, 1]):
            byte = data[j] if j >= bounds[k, 0] else BLANK
            if size < EIGHT:
                value |= np.uint64(byte) << np.uint64(8 * size)
                mask |= BYTE << np.uint64(8 * size)
            size += 1
    return size, value, mask


@called
def count_occurrences(data, start, end, n, bounds):
    """The same by their first eight bytes: three times as fast, until too many places begin alike and are not the same."""
    size, wanted, mask = beginning(data, n, bounds)
    count, i, patience, firsts = 0, start, PATIENCE * (end - start), ONES * (wanted & BYTE)
    while i + size <= end:
        at = first_byte(equal(eight(data, i), firsts))
        i += at
        if at == EIGHT or i + size > end:
            continue
        if eight(data, i) & mask != wanted:
            i += 1
        elif size <= EIGHT or is_gram(data, i, n, bounds):
            count += 1
            i += size
        elif patience < size:
            return count + roll_occurrences(data, i, end, n, bounds)
        else:
            patience -= size
            i += 1
    return count


@inner
def copied_characters(places, n, space):
    """Characters of second and later copies: words once, and the spaces between those that come together."""
    chars = free = 0
    for p in range(places):
        i, slot = space.places[p], space.slots[p]
        if space.tallies[slot] != ZERO:
            space.tallies[slot] = ZERO
            continue
        known = max(free - i, 0)
        chars += space.chars[i + n] - space.chars[i + known] + min(n - known, n - 1)
        free = i + n
    return chars


@called
def count_nemo_grams(data, text, count, classes, scratch, row):
    """Top and copied n-grams of the first `count` words, which were put into the space.

    text: (start, end). scratch: the space, and int64[LONGEST_TOP, 2].
    """
    (start, end), (space, bounds) = text, scratch
    places = count - 1
    for n in range(SHORTEST_TOP, min(LONGEST_COPY, count) + 1):
        places, best = tally_repeated(places, n, count, space)
        if n >= SHORTEST_COPY:
            row[COPIED + n - SHORTEST_COPY] = copied_characters(places, n, space)
        if n > LONGEST_TOP:
            continue
        first = np.int64(LAST_PLACE - (best & LAST_PLACE)) if best >= TWICE else 0
        find_words(data, start, end, first, n, classes, bounds)
        chars = space.chars[first + n] - space.chars[first] + n - 1
        row[TOP + n - SHORTEST_TOP] = chars * count_occurrences(data, start, end, n, bounds)
