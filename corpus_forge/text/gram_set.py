"""A set of sequences of words, and how many of a text's are in it: one look-up a word where no entry begins.

The set holds the beginnings of its entries too, so that a sequence is made longer only while an entry goes on with it: at most
as many steps a word as the longest entry has words, and nearly always one. Hashes stand for words (hashing.py); n-grams have
those of grams.py. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.text.hashing import BASE, ONE, ZERO, hash_bytes, joined, slot_of_hash
from corpus_forge.text.kernel import inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.measure import KERNELS

ENTRY, GOES_ON = 1, 2


class GramSet(NamedTuple):
    """keys: uint64[slots], a power of two: the set of hashing.py. kinds: uint8[slots]: ENTRY, GOES_ON, both, or 0 of none."""

    keys: np.ndarray
    kinds: np.ndarray


@inner
def count_listed(count, grams, words):
    """How many sequences of the words of these hashes, the first `count`, are entries; each place and each length counts."""
    mask = len(grams.keys) - 1
    found = 0
    for i in range(count):
        value, stop = words[i], i + 1
        kind = grams.kinds[slot_of_hash(grams.keys, mask, value)]
        while kind:
            found += kind & ENTRY
            if not kind & GOES_ON or stop == count:
                break
            value, stop = joined(value, BASE, words[stop]), stop + 1
            kind = grams.kinds[slot_of_hash(grams.keys, mask, value)]
    return found


def _compiled(sources):
    """The function that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def gram_set(data, offsets, last):
        """The set of entries whose words are data[offsets[i]:offsets[i + 1]], one after another; last[i]: ends its entry."""
        slots = 16 if sources else 0
        while slots < 8 * len(last):
            slots *= 2
        keys, kinds = np.zeros(slots, np.uint64), np.zeros(slots, np.uint8)
        value, begins = ZERO, True
        for i in range(len(last)):
            word, _ = hash_bytes(data, offsets[i], offsets[i + 1])
            value = word if begins else joined(value, BASE, word)
            slot = slot_of_hash(keys, slots - 1, value)
            keys[slot] = value + ONE
            kinds[slot] |= ENTRY if last[i] else GOES_ON
            begins = last[i]
        return GramSet(keys, kinds)

    return gram_set


gram_set = _compiled(source_number((*KERNELS, "gram_set")))
