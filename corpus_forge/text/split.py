"""Words between white space, as dolma counts them: symbols, letters, stop words and the median length.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.affixes import is_ellipsis
from corpus_forge.text.classes import LETTER
from corpus_forge.text.counts import Count
from corpus_forge.text.english import STOP_WORDS as ENGLISH_STOP_WORDS
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.utf8 import code_point, width

SYMBOLS, LETTERS = int(Count.SPLIT_SYMBOL_WORDS), int(Count.SPLIT_LETTER_WORDS)
STOP_WORDS, MEDIAN_TWICE = int(Count.SPLIT_STOP_WORDS), int(Count.SPLIT_MEDIAN_TWICE)
LONGEST_STOP_WORD = max(len(word) for word in ENGLISH_STOP_WORDS)
HASH, LAST_OF_ELLIPSIS = ord("#"), 0xA6
LONGEST_LENGTH = 255
"""Longer words are as long as this to the median."""


@inner
def stop_word_bit(data, start, end, stop_words):
    """1 << k where data[start:end] is stop word k, else 0."""
    if end - start > LONGEST_STOP_WORD:
        return 0
    value = 0
    for i in range(end - 1, start - 1, -1):
        value = (value << 8) | int(data[i])
    for k in range(len(stop_words)):
        if stop_words[k] == value:
            return 1 << k
    return 0


@called
def count_split_word(data, start, end, tables, row):
    """Count one word; its characters."""
    chars = 0
    symbol = letter = False
    i = start
    while i < end:
        symbol = symbol or data[i] == HASH or (data[i] == 0xE2 and is_ellipsis(data, i, start, end))
        letter = letter or tables.classes[code_point(data, i, end)] & LETTER != 0
        chars += 1
        i += width(data, i, end)
    row[SYMBOLS] += symbol
    row[LETTERS] += letter
    row[STOP_WORDS] += stop_word_bit(data, start, end, tables.stop_words) != 0
    return chars


@called
def count_split_words(data, bounds, count, tables, lengths, row):
    """Count the words data[bounds[k, 0]:bounds[k, 1]]. `lengths`: int64[LONGEST_LENGTH + 1] of scratch."""
    lengths[:] = 0
    for k in range(count):
        chars = count_split_word(data, bounds[k, 0], bounds[k, 1], tables, row)
        lengths[min(chars, LONGEST_LENGTH)] += 1
    seen = 0
    # The two words in the middle, one and the same where their number is odd.
    low, high = (count + 1) // 2, count // 2 + 1
    for length in range(LONGEST_LENGTH + 1):
        before = seen
        seen += lengths[length]
        row[MEDIAN_TWICE] += length * ((before < low <= seen) + (before < high <= seen))
