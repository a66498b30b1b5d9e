"""Words between white space, as dolma counts them: symbols, letters, stop words and the median length.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.affixes import is_ellipsis
from corpus_forge.text.classes import LETTER
from corpus_forge.text.counts import Count
from corpus_forge.text.eight import ONES, eight, find_byte, leading
from corpus_forge.text.english import STOP_WORDS as ENGLISH_STOP_WORDS
from corpus_forge.text.grams import put_word
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.tables import PACKED_LENGTH, SCATTER, STOP_SLOTS_BITS
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.words import skip_ink, skip_space

SYMBOLS, LETTERS = int(Count.SPLIT_SYMBOL_WORDS), int(Count.SPLIT_LETTER_WORDS)
STOP_WORDS, MEDIAN_TWICE = int(Count.SPLIT_STOP_WORDS), int(Count.SPLIT_MEDIAN_TWICE)
LONGEST_STOP_WORD = max(len(word) for word in ENGLISH_STOP_WORDS)
SCATTERED, STOP_SHIFT, LENGTH_SHIFT = np.uint64(SCATTER), np.uint64(64 - STOP_SLOTS_BITS), np.uint64(PACKED_LENGTH)
HASHES, ELLIPSIS_STARTS = ONES * np.uint64(ord("#")), ONES * np.uint64(0xE2)
LONGEST_LENGTH = 255
"""Longer words are as long as this to the median."""


@inner
def stop_word_bit(data, start, end, stop_words):
    """1 << k where data[start:end] is the stop word at slot k, else 0: the same work for any word, no branch to guess."""
    size = min(max(end - start, 1), LONGEST_STOP_WORD + 1)
    value = leading(eight(data, start), size) | (np.uint64(size) << LENGTH_SHIFT)
    slot = value * SCATTERED >> STOP_SHIFT
    return 1 << np.int64(slot) if stop_words[slot] == np.int64(value) else 0


@inner
def has_letter(data, start, end, classes):
    """Is a letter in data[start:end]? Mostly the first character is one."""
    i = start
    while i < end:
        if classes[code_point(data, i, end)] & LETTER:
            return True
        i += width(data, i, end)
    return False


@inner
def has_symbol(data, start, end):
    """Is `#` or `…` in data[start:end]?"""
    if find_byte(data, start, end, HASHES) < end:
        return True
    i = find_byte(data, start, end, ELLIPSIS_STARTS)
    while i < end:
        if is_ellipsis(data, i, start, end):
            return True
        i = find_byte(data, i + 1, end, ELLIPSIS_STARTS)
    return False


@inner
def count_split_word(data, start, end, tables, row):
    """Count one word."""
    row[SYMBOLS] += has_symbol(data, start, end)
    row[LETTERS] += has_letter(data, start, end, tables.classes)
    row[STOP_WORDS] += stop_word_bit(data, start, end, tables.stop_words) != 0


@called
def count_split_words(data, start, end, tables, lengths, space, row):
    """Count the words of data[start:end] that fit the space, and note them there; how many.

    `lengths`: int64[LONGEST_LENGTH + 1] of scratch.
    """
    lengths[:] = 0
    count = 0
    i = skip_space(data, start, end, tables.classes)
    while i < end and count < len(space.words):
        stop = skip_ink(data, i, end, tables.classes)
        chars = put_word(data, i, stop, count, space)
        count_split_word(data, i, stop, tables, row)
        lengths[min(chars, LONGEST_LENGTH)] += 1
        count += 1
        i = skip_space(data, stop, end, tables.classes)
    seen = 0
    # The two words in the middle, one and the same where their number is odd.
    low, high = (count + 1) // 2, count // 2 + 1
    for length in range(LONGEST_LENGTH + 1):
        before = seen
        seen += lengths[length]
        row[MEDIAN_TWICE] += length * ((before < low <= seen) + (before < high <= seen))
    return count
