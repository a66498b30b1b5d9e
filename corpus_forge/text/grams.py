"""Repeated n-grams of words: how many characters lie in the most frequent one, and how many in copies.

Two n-grams are equal when they are word by word. Every word is hashed once, and only where an n-gram occurs more than once, and
so does the next one, is it made longer by a word: no longer one is repeated elsewhere. That makes lengths 3 to 10 together
cheaper than length 2. Only the first MAX_WORDS words are looked at, which bounds memory at some 150 MB: more than 20 times what
Gopher's rules let pass. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from corpus_forge.text.counts import Count
from corpus_forge.text.hashing import BASE, HALF, ONE, ZERO, cleared, hash_bytes, joined, slot_of_hash
from corpus_forge.text.kernel import called, inner

MAX_WORDS = 1 << 21
LAST_PLACE, ONCE, TWICE = np.uint64((1 << 32) - 1), np.uint64(1 << 32), np.uint64(2 << 32)
SHORTEST_TOP, LONGEST_TOP, SHORTEST_COPY, LONGEST_COPY = 2, 4, 5, 10
TOP_GRAMS, LATER_GRAMS = int(Count.TOP_2_GRAM), int(Count.LATER_5_GRAMS)
SPLIT_WORDS, SPLIT_CHARS, SPLIT_TOP = int(Count.SPLIT_WORDS), int(Count.SPLIT_CHARS), int(Count.SPLIT_TOP_2_GRAM)
SPLIT_ALL, SPLIT_OF = int(Count.SPLIT_ALL_5_GRAMS), int(Count.SPLIT_OF_5_GRAMS)


class Space(NamedTuple):
    """What n-grams are counted in; kept from one document to the next.

    words, grams: uint64[m], hash of each word, and of the n-gram that begins with it. chars: int64[m + 1], characters before
    each word. places, slots: int32[m], words that begin an n-gram in question, ascending, and its slot. keys: uint64[s], a set
    of hashes; tallies: uint64[s], how often an entry occurs times 2^32, plus 2^32 - 1 less where it is first: the largest
    tally is the most frequent n-gram, and the first of several.
    """

    words: np.ndarray
    grams: np.ndarray
    chars: np.ndarray
    places: np.ndarray
    slots: np.ndarray
    keys: np.ndarray
    tallies: np.ndarray


@njit(nogil=True)
def new_space(words, entries):
    """Space for so many words, and a set for so many entries."""
    slots = 16
    while slots < 2 * entries:
        slots *= 2
    number, place = np.uint64, np.int32
    return Space(
        np.empty(words, number),
        np.empty(words, number),
        np.zeros(words + 1, np.int64),
        np.empty(words, place),
        np.empty(words, place),
        np.empty(slots, number),
        np.empty(slots, number),
    )


@njit(nogil=True)
def with_room(ends, space, size, wanted):
    """`ends` and space with room for a text of so many bytes, larger ones where these are too small."""
    pieces, grams = wanted
    if pieces and len(ends) < size:
        ends = np.empty(size, np.int64)
    if grams and len(space.words) < min(size, MAX_WORDS):
        space = new_space(min(size, MAX_WORDS), min(size, MAX_WORDS))
    return ends, space


@njit(nogil=True)
def with_slots(space, entries):
    """Space with a set for so many entries."""
    return space if len(space.keys) >= 2 * entries else new_space(len(space.words), entries)


@inner
def put_word(data, start, end, k, space):
    """Note data[start:end] as word k, if there is room for it; its characters."""
    value, chars = hash_bytes(data, start, end)
    if k < len(space.words):
        space.words[k] = value
        space.chars[k + 1] = space.chars[k] + chars
    return chars


@inner
def noted(i, slot, space):
    """Count the n-gram at word i, of which `slot` is the slot; its tally. New or not is a choice of values, no branch."""
    before, first = space.tallies[slot], LAST_PLACE - np.uint64(i)
    tally = (first if space.keys[slot] == ZERO else before) + ONCE
    space.keys[slot], space.tallies[slot] = space.grams[i] + ONE, tally
    return tally


@called
def tally_pairs(count, space):
    """Count all 2-grams of so many words; the largest tally. slots[i] is that of the 2-gram at word i."""
    mask = cleared(space.keys, count)
    best = ZERO
    for i in range(count - 1):
        space.grams[i] = joined(space.words[i], BASE, space.words[i + 1])
        slot = slot_of_hash(space.keys, mask, space.grams[i])
        space.slots[i], space.places[i] = slot, i
        best = max(best, noted(i, slot, space))
    return best


@called
def tally_longer(places, n, space):
    """Make n-grams of the (n - 1)-grams in question and count them; the largest tally."""
    mask = cleared(space.keys, places)
    best = ZERO
    for p in range(places):
        i = space.places[p]
        space.grams[i] = joined(space.grams[i], BASE, space.words[i + n - 1])
        slot = slot_of_hash(space.keys, mask, space.grams[i])
        space.slots[p] = slot
        best = max(best, noted(i, slot, space))
    return best


@inner
def keep_repeated(places, space):
    """Put n-grams that occur once out of question; how many are left."""
    kept = 0
    for p in range(places):
        slot = space.slots[p]
        space.places[kept], space.slots[kept] = space.places[p], slot
        kept += space.tallies[slot] >= TWICE
    return kept


@inner
def keep_followed(places, space):
    """Put n-grams out of question that none in question follows: what they begin repeats no longer; how many are left."""
    kept = 0
    for p in range(places):
        place = space.places[p]
        space.places[kept], space.slots[kept] = place, space.slots[p]
        kept += p + 1 < places and space.places[p + 1] == place + 1
    return kept


@inner
def later_copies(places, n, space):
    """Characters of n-grams that came before, without overlap: after a copy, n words are passed over."""
    chars = free = 0
    for p in range(places):
        i, slot = space.places[p], space.slots[p]
        if i < free:
            continue
        if space.tallies[slot] != ZERO:
            space.tallies[slot] = ZERO
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


@inner
def tally_repeated(places, n, count, space):
    """Of the first `count` words, n-grams that begin where (n - 1)-grams repeat: how many repeat, and the most frequent."""
    if n == SHORTEST_TOP:
        best = tally_pairs(count, space)
    else:
        places = keep_followed(places, space)
        best = tally_longer(places, n, space)
    return keep_repeated(places, space), best


@called
def count_grams(count, spaced, space, row):
    """Top n-grams, and copies of longer ones, of the first `count` words that were put into the space.

    spaced: of words that tile the text, a space between the words of a top n-gram and second and later copies; else of words
    between white space, no spaces and all copies.
    """
    if not spaced:
        row[SPLIT_WORDS], row[SPLIT_CHARS] = count, space.chars[count]
    places = count - 1
    for n in range(SHORTEST_TOP, min(LONGEST_COPY, count) + 1):
        places, best = tally_repeated(places, n, count, space)
        if n <= LONGEST_TOP:
            # Those that occur once are out of question, and the first of them is here.
            first = np.int64(LAST_PLACE - (best & LAST_PLACE)) if best >= TWICE else 0
            chars = space.chars[first + n] - space.chars[first] + (n - 1 if spaced else 0)
            row[(TOP_GRAMS if spaced else SPLIT_TOP) + n - SHORTEST_TOP] = max(np.int64(best >> HALF), 1) * chars
        elif spaced:
            row[LATER_GRAMS + n - SHORTEST_COPY] = later_copies(places, n, space)
        else:
            row[SPLIT_ALL + n - SHORTEST_COPY] = chars_in_question(places, n, space)
            row[SPLIT_OF + n - SHORTEST_COPY] = chars_of_all(count, n, space)
