"""Repeated n-grams as DCLM and RedPajama-V2 count them: every character in a repeated n-gram once, whichever copy it is in.

The same sets and hashes as grams.py, with another sum: words covered by any n-gram that occurs twice, first copies too. A top
n-gram that occurs once counts nothing. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.grams import (
    LAST_PLACE,
    LONGEST_COPY,
    LONGEST_TOP,
    SHORTEST_COPY,
    SHORTEST_TOP,
    TWICE,
    tally_repeated,
)
from corpus_forge.text.hashing import HALF
from corpus_forge.text.kernel import called, inner


@inner
def longest_of_the_most_frequent(places, n, best, space):
    """Characters of the longest n-gram that occurs as often as the most frequent one."""
    longest = 0
    for p in range(places):
        if space.tallies[space.slots[p]] >> HALF == best >> HALF:
            i = space.places[p]
            longest = max(longest, space.chars[i + n] - space.chars[i])
    return longest


@inner
def covered_characters(places, n, space):
    """Characters of the words that lie in an n-gram in question, each once. Places ascend."""
    chars = free = 0
    for p in range(places):
        i = space.places[p]
        first = max(i, free)
        free = i + n
        chars += space.chars[free] - space.chars[first]
    return chars


@called
def count_unique_grams(count, longest, top, covered, space, row):
    """Characters of top 2- to 4-grams times their count into row[top:], covered ones of 5- to 10-grams into row[covered:].

    Of the first `count` words that were put into the space. longest: of several top n-grams the longest, else the first.
    """
    places = count - 1
    for n in range(SHORTEST_TOP, min(LONGEST_COPY, count) + 1):
        places, best = tally_repeated(places, n, count, space)
        if n >= SHORTEST_COPY:
            row[covered + n - SHORTEST_COPY] = covered_characters(places, n, space)
        if n > LONGEST_TOP or best < TWICE:
            continue
        first = np.int64(LAST_PLACE - (best & LAST_PLACE))
        chars = longest_of_the_most_frequent(places, n, best, space) if longest else space.chars[first + n] - space.chars[first]
        row[top + n - SHORTEST_TOP] = np.int64(best >> HALF) * chars
