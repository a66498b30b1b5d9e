"""Words as Data-Juicer refines them: parted by spaces, tabs and newlines, in lower case, special characters cut off both ends.

A word is hashed letter by letter, so that no lower-case copy of a text is made; the cost is a multiplication a character.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import trailing_zeros
from corpus_forge.text.grams import LONGEST_COPY, SHORTEST_TOP, keep_repeated, tally_longer, tally_pairs
from corpus_forge.text.hashing import BASE, ONE, PRIME, ZERO, joined, slot_of_hash
from corpus_forge.text.juicer_counts import GRAM, LISTED, JuicerCount
from corpus_forge.text.juicer_table import LOWER_CASE, LOWER_SPECIAL, SPECIAL
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.utf8 import code_point, width

WORDS, REFINED_WORDS = int(JuicerCount.WORDS), int(JuicerCount.REFINED_WORDS)
WORD_GRAMS, COPIED_WORD_GRAMS = int(JuicerCount.WORD_GRAMS), int(JuicerCount.COPIED_WORD_GRAMS)
SEPARATORS = tuple(b" \t\n")
if GRAM != LONGEST_COPY:
    raise AssertionError("n-grams of words are made on the sets of grams.py, whose longest ones these are")


def hash_word(word: str) -> int:
    """Hash of a word as it stands: what `read_word` gives for a text of it in lower case."""
    value, base, prime = 1, int(BASE), int(PRIME)
    for char in word:
        value = (value * base + ord(char) + 1) % prime
    return value


@kernel
def filled(hashes, bits):
    """The set of these hashes, and the bits of each where it lies in it."""
    slots = 16
    while slots < 4 * len(hashes):
        slots *= 2
    keys, values = np.zeros(slots, np.uint64), np.zeros(slots, np.uint64)
    for k in range(len(hashes)):
        slot = slot_of_hash(keys, slots - 1, hashes[k])
        keys[slot], values[slot] = hashes[k] + ONE, bits[k]
    return keys, values


@inner
def read_word(data, i, end, table):
    """Where the word that begins at i ends; the hash of what is left of it; is there any, and any before lower case?"""
    value, kept = ONE, ONE
    plain = refined = False
    while i < end and data[i] not in SEPARATORS:
        entry = table[code_point(data, i, end)]
        i += width(data, i, end)
        plain = plain or not entry & SPECIAL
        if refined or not entry & LOWER_SPECIAL:
            value = joined(value, BASE, np.uint64(entry & LOWER_CASE) + ONE)
        if not entry & LOWER_SPECIAL:
            refined, kept = True, value
    return i, kept, refined, plain


@inner
def count_listed(value, lists, wanted, row):
    """Count the word on each of the lists that are wanted, a bit each."""
    bits = lists.bits[slot_of_hash(lists.keys, len(lists.keys) - 1, value)] & wanted
    while bits != ZERO:
        row[LISTED + trailing_zeros(bits)] += 1  # type: ignore[call-arg]
        bits &= bits - ONE


@called
def count_juicer_words(data, text, table, listed, space, row):
    """Words; the refined ones that fit the space are noted there, and how many that are is the answer.

    text: (start, end). listed: the lists, and which of them are wanted, a bit each.
    """
    (i, end), (lists, wanted) = text, listed
    while i < end:
        if data[i] in SEPARATORS:
            i += 1
            continue
        i, value, refined, plain = read_word(data, i, end, table)
        row[WORDS] += plain
        if not refined:
            continue
        if row[REFINED_WORDS] < len(space.words):
            space.words[row[REFINED_WORDS]] = value
        row[REFINED_WORDS] += 1
        count_listed(value, lists, wanted, row)
    return min(row[REFINED_WORDS], len(space.words))


@called
def count_word_grams(count, space, row):
    """10-grams of the first `count` refined words, which were put into the space, and those that occur more than once."""
    row[WORD_GRAMS] = max(count - GRAM + 1, 0)
    if count < GRAM:
        return
    places = count - 1
    for n in range(SHORTEST_TOP, GRAM + 1):
        while places > 0 and space.places[places - 1] + n > count and n > SHORTEST_TOP:
            places -= 1
        if n == SHORTEST_TOP:
            tally_pairs(count, space)
        else:
            tally_longer(places, n, space)
        places = keep_repeated(places, space)
    row[COPIED_WORD_GRAMS] = places
