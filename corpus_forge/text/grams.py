"""Repeated n-grams of words: how many characters lie in the most frequent one, and how many in copies.

Two n-grams are equal when they are word by word. Every word is hashed once, and only where an n-gram occurs more than once
is it made longer by a word: no longer one is repeated elsewhere. That makes lengths 3 to 10 together cheaper than length 2.
Only the first MAX_WORDS words are looked at, which bounds memory at some 150 MB: more than 20 times what Gopher's rules let
pass. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.text.counts import Count
from corpus_forge.text.hashing import BASE, ONE, ZERO, cleared, hash_bytes, joined, slot_of_hash
from corpus_forge.text.kernel import called, inner

MAX_WORDS = 1 << 21
SHORTEST_TOP, LONGEST_TOP, SHORTEST_COPY, LONGEST_COPY = 2, 4, 5, 10
TOP_GRAMS, LATER_GRAMS = int(Count.TOP_2_GRAM), int(Count.LATER_5_GRAMS)
SPLIT_WORDS, SPLIT_CHARS, SPLIT_TOP = int(Count.SPLIT_WORDS), int(Count.SPLIT_CHARS), int(Count.SPLIT_TOP_2_GRAM)
SPLIT_ALL, SPLIT_OF = int(Count.SPLIT_ALL_5_GRAMS), int(Count.SPLIT_OF_5_GRAMS)


class Space(NamedTuple):
    """What n-grams are counted in; kept from one document to the next.

    words, grams: uint64[m], hash of each word, and of the n-gram that begins with it. chars: int64[m + 1], characters before
    each word. places, slots: int32[m], words that begin an n-gram in question, ascending, and its slot. keys: uint64[s], a set
    of hashes; firsts, counts: int32[s], where an entry occurs first, and how often.
    """

    words: np.ndarray
    grams: np.ndarray
    chars: np.ndarray
    places: np.ndarray
    slots: np.ndarray
    keys: np.ndarray
    firsts: np.ndarray
    counts: np.ndarray


@called
def begin(data, bounds, count, space):
    """Hash each word data[bounds[k, 0]:bounds[k, 1]]; all of them are in question. How many these are."""
    space.chars[0] = 0
    for k in range(count):
        value, chars = hash_bytes(data, bounds[k, 0], bounds[k, 1])
        space.words[k] = space.grams[k] = value
        space.chars[k + 1] = space.chars[k] + chars
        space.places[k] = k
    return count


@inner
def lengthen(places, count, n, space):
    """Make n-grams of the (n - 1)-grams in question; how many are left."""
    while places > 0 and space.places[places - 1] + n > count:
        places -= 1
    for p in range(places):
        i = space.places[p]
        space.grams[i] = joined(space.grams[i], BASE, space.words[i + n - 1])
    return places


@called
def tally(places, space):
    """Count the n-grams in question; count and place of the most frequent one, the first of several."""
    mask = cleared(space.keys, places)
    best = best_first = 0
    for p in range(places):
        i = space.places[p]
        slot = slot_of_hash(space.keys, mask, space.grams[i])
        if space.keys[slot] == ZERO:
            space.keys[slot] = space.grams[i] + ONE
            space.firsts[slot], space.counts[slot] = i, 0
        space.slots[p] = slot
        space.counts[slot] += 1
        seen, first = int(space.counts[slot]), int(space.firsts[slot])
        if seen > best or (seen == best and first < best_first):
            best, best_first = seen, first
    return best, best_first


@inner
def keep_repeated(places, space):
    """Put n-grams that occur once out of question; how many are left."""
    kept = 0
    for p in range(places):
        if space.counts[space.slots[p]] > 1:
            space.places[kept], space.slots[kept] = space.places[p], space.slots[p]
            kept += 1
    return kept


@inner
def later_copies(places, n, space):
    """Characters of n-grams that came before, without overlap: after a copy, n words are passed over."""
    chars = free = 0
    for p in range(places):
        i, slot = space.places[p], space.slots[p]
        if i < free:
            continue
        if space.counts[slot] > 0:
            space.counts[slot] = -1
        else:
            chars += space.chars[i + n] - space.chars[i]
            free = i + n
    return chars


@inner
def chars_of_all(count, n, space):
    """Characters of all n-grams; overlaps count again."""
    chars = 0
    for i in range(count - n + 1):
        chars += space.chars[i + n] - space.chars[i]
    return chars


@inner
def chars_in_question(places, n, space):
    """Characters of the n-grams in question; overlaps count again."""
    chars = 0
    for p in range(places):
        i = space.places[p]
        chars += space.chars[i + n] - space.chars[i]
    return chars


@called
def count_grams(data, bounds, count, spaced, space, row):
    """Top n-grams, and copies of longer ones.

    spaced: of words that tile the text, a space between the words of a top n-gram and second and later copies; else of words
    between white space, no spaces and all copies.
    """
    places = begin(data, bounds, count, space)
    if not spaced:
        row[SPLIT_WORDS], row[SPLIT_CHARS] = count, space.chars[count]
    for n in range(SHORTEST_TOP, min(LONGEST_COPY, count) + 1):
        places = lengthen(places, count, n, space)
        best, first = tally(places, space)
        places = keep_repeated(places, space)
        if n <= LONGEST_TOP:
            first = first if best > 1 else 0  # those that occur once are out of question, and the first of them is here
            chars = space.chars[first + n] - space.chars[first] + (n - 1 if spaced else 0)
            row[(TOP_GRAMS if spaced else SPLIT_TOP) + n - SHORTEST_TOP] = max(best, 1) * chars
        elif spaced:
            row[LATER_GRAMS + n - SHORTEST_COPY] = later_copies(places, n, space)
        else:
            row[SPLIT_ALL + n - SHORTEST_COPY] = chars_in_question(places, n, space)
            row[SPLIT_OF + n - SHORTEST_COPY] = chars_of_all(count, n, space)
