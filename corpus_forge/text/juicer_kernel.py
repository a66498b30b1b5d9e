"""Data-Juicer's counts: kinds of characters, lengths of lines, 10-grams of characters; words are counted in juicer_words.py.

Of 10-grams only those of the first MAX_CHARS characters are counted, which bounds memory at some 70 MB. Imports numba: import
this module inside functions only.
"""

from __future__ import annotations

import math

import numpy as np

from corpus_forge.text.grams import MAX_WORDS, new_space, with_room, with_slots
from corpus_forge.text.hashing import BASE, ONE, PRIME, ZERO, cleared, joined, product, reduced, slot_of_hash
from corpus_forge.text.juicer_counts import COLUMNS, GRAM, JuicerCount
from corpus_forge.text.juicer_table import ALPHANUMERIC, BREAK, SPECIAL
from corpus_forge.text.juicer_words import count_juicer_words, count_word_grams
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.utf8 import code_point, width

CHARS, ALPHANUMERICS, SPECIALS = int(JuicerCount.CHARS), int(JuicerCount.ALPHANUMERIC), int(JuicerCount.SPECIAL)
LINES, LONGEST_LINE = int(JuicerCount.LINES), int(JuicerCount.LONGEST_LINE)
CHAR_GRAMS, TOP_CHAR_GRAMS = int(JuicerCount.CHAR_GRAMS), int(JuicerCount.TOP_CHAR_GRAMS)
RETURN, NEWLINE = ord("\r"), ord("\n")
MAX_CHARS = MAX_WORDS
POWER = np.uint64(pow(int(BASE), GRAM, int(PRIME)))


@called
def count_juicer_characters(data, start, end, table, row):
    """Characters by kind, and lines as `str.splitlines` cuts them."""
    line, before, i = 0, 0, start
    while i < end:
        point = code_point(data, i, end)
        entry = table[point]
        i += width(data, i, end)
        row[CHARS] += 1
        row[ALPHANUMERICS] += entry & ALPHANUMERIC != 0
        row[SPECIALS] += entry & SPECIAL != 0
        if not entry & BREAK:
            line += 1
        elif not (point == NEWLINE and before == RETURN):
            row[LINES] += 1
            row[LONGEST_LINE] = max(row[LONGEST_LINE], line)
            line = 0
        before = point
    row[LINES] += line > 0
    row[LONGEST_LINE] = max(row[LONGEST_LINE], line)


@inner
def tally(value, mask, space):
    """Count an n-gram of that hash."""
    slot = slot_of_hash(space.keys, mask, value)
    space.tallies[slot] = ONE if space.keys[slot] == ZERO else space.tallies[slot] + ONE
    space.keys[slot] = value + ONE


@called
def tally_characters(data, start, end, mask, space):
    """Count all 10-grams of the first MAX_CHARS characters; how many there are."""
    value, chars, i, tail = ZERO, 0, start, start
    while i < end and chars < MAX_CHARS:
        value = joined(value, BASE, np.uint64(code_point(data, i, end) + 1))
        i += width(data, i, end)
        chars += 1
        if chars > GRAM:
            gone = product(np.uint64(code_point(data, tail, end) + 1), POWER)
            value = reduced(value + PRIME - gone)
            tail += width(data, tail, end)
        if chars >= GRAM:
            tally(value, mask, space)
    return max(chars - GRAM + 1, 0)


@inner
def at_least(tallies, count, least):
    """How many of the first `count` are that or more."""
    found = 0
    for k in range(count):
        found += tallies[k] >= least
    return found


@called
def sum_of_largest(tallies, count, most):
    """Sum of the `most` largest of the first `count`: by bisection for the least of them, which needs no sorting."""
    low = high = np.int64(1)
    for k in range(count):
        high = max(high, np.int64(tallies[k]))
    while low < high:
        middle = (low + high + 1) // 2
        if at_least(tallies, count, np.uint64(middle)) >= most:
            low = middle
        else:
            high = middle - 1
    total = np.int64(0)
    above = 0
    for k in range(count):
        if np.int64(tallies[k]) > low:
            total += np.int64(tallies[k])
            above += 1
    return total + (most - above) * low


@called
def count_char_grams(data, start, end, space, row):
    """10-grams of characters, and how often the most frequent ones occur: as many as the root of how many differ."""
    mask = cleared(space.keys, min(end - start, MAX_CHARS))
    row[CHAR_GRAMS] = tally_characters(data, start, end, mask, space)
    different = repeated = 0
    for slot in range(mask + 1):
        if space.keys[slot] != ZERO:
            different += 1
            if space.tallies[slot] > ONE:
                space.tallies[repeated] = space.tallies[slot]
                repeated += 1
    row[TOP_CHAR_GRAMS] = sum_of_largest(space.tallies, repeated, min(int(math.sqrt(different)), repeated))


def _compiled(sources):
    """The function that Python calls; see measure.py for what it closes over."""

    @kernel
    def measure_juicer(data, offsets, table, lists, wanted, loops):
        """int64[n, COLUMNS] of the texts data[offsets[i]:offsets[i + 1]].

        wanted: uint64, a bit each for lists of words; loops: bool[4], which of LOOPS to run.
        """
        out = np.zeros((len(offsets) - 1 if sources else 0, COLUMNS), np.int64)
        characters, char_grams, words, word_grams = loops
        space, ends = new_space(0, 16), np.empty(0, np.int64)
        for i in range(len(offsets) - 1):
            start, end = offsets[i], offsets[i + 1]
            if characters:
                count_juicer_characters(data, start, end, table, out[i])
            if char_grams:
                space = with_slots(space, min(end - start, MAX_CHARS))
                count_char_grams(data, start, end, space, out[i])
            if words or word_grams:
                ends, space = with_room(ends, space, end - start, (False, word_grams))
                count = count_juicer_words(data, (start, end), table, (lists, wanted), space, out[i])
                if word_grams:
                    count_word_grams(count, space, out[i])
        return out

    return measure_juicer


JUICER = ("juicer_counts", "juicer_kernel", "juicer_table", "juicer_words")
measure_juicer = _compiled(source_number((*KERNELS, *JUICER)))
