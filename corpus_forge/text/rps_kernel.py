"""RedPajama-V2's counts of a text as it is: words of NLTK's WordPunctTokenizer, sentences by a pattern, lines with newlines.

A pass of its own, so that nobody pays for it who does not ask. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.text.affixes import is_ellipsis
from corpus_forge.text.classes import SPACE
from corpus_forge.text.eight import ONES, find_byte
from corpus_forge.text.hashing import ONE, ZERO, hash_bytes, slot_of_hash
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.letters import ALPHANUMERIC, LATIN, OTHER_CASE, UPPERCASE
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.rps_counts import RpsCount
from corpus_forge.text.segments import EIGHT_NEWLINES, stripped
from corpus_forge.text.utf8 import code_point, width

COLUMNS = len(RpsCount)
LINES, BULLET_LINES, ELLIPSIS_LINES = int(RpsCount.LINES), int(RpsCount.BULLET_LINES), int(RpsCount.ELLIPSIS_LINES)
BRACES, SENTENCES, PIECES = int(RpsCount.BRACES), int(RpsCount.SENTENCES), int(RpsCount.PIECES)
LATIN_PIECES, UPPERCASE_PIECES = int(RpsCount.LATIN_PIECES), int(RpsCount.UPPERCASE_PIECES)
STOP_PIECES, CCNET_LINES = int(RpsCount.STOP_PIECES), int(RpsCount.CCNET_LINES)
BULLETS = tuple(ord(mark) for mark in "•‣▶◀◦■□▪▫–")
UNDERSCORE, NEWLINE = ord("_"), ord("\n")
SENTENCE_MARKS = tuple(ord(mark) for mark in ".!?")
OPENING, CLOSING = (ONES * np.uint64(ord(mark)) for mark in "{}")
NOTHING, WORD, MARKS = range(3)


class WordSet(NamedTuple):
    """A set of hashes of words: keys: uint64[slots], and slots - 1, where slots is a power of two."""

    keys: np.ndarray
    mask: int


@inner
def is_word_character(point, letters):
    r"""`\w`."""
    return letters[point] & ALPHANUMERIC != 0 or point == UNDERSCORE


@inner
def note_piece(data, start, end, seen, stop_words, row):
    """Count one piece, of which `seen` has the flags of all characters."""
    row[PIECES] += 1
    row[LATIN_PIECES] += seen & LATIN != 0
    row[UPPERCASE_PIECES] += seen & UPPERCASE != 0 and not seen & OTHER_CASE
    value, _ = hash_bytes(data, start, end)
    row[STOP_PIECES] += stop_words.keys[slot_of_hash(stop_words.keys, stop_words.mask, value)] != ZERO


@called
def count_pieces(data, start, end, letters, classes, stop_words, row):
    r"""Pieces by `\w+|[^\w\s]+`."""
    begin, last, seen = start, NOTHING, 0
    i = start
    while i < end:
        point = code_point(data, i, end)
        kind = WORD if is_word_character(point, letters) else NOTHING if classes[point] & SPACE else MARKS
        if kind != last:
            if last != NOTHING:
                note_piece(data, begin, i, seen, stop_words, row)
            begin, last, seen = i, kind, 0
        seen |= letters[point]
        i += width(data, i, end)
    if last != NOTHING:
        note_piece(data, begin, end, seen, stop_words, row)


@called
def count_sentences(data, start, end, letters, row):
    r"""Matches of `\b[^.!?]+[.!?]*`, none of which overlap."""
    before = False
    i = start
    while i < end:
        here = is_word_character(code_point(data, i, end), letters)
        if here != before and data[i] not in SENTENCE_MARKS:
            row[SENTENCES] += 1
            while i < end and data[i] not in SENTENCE_MARKS:
                here = is_word_character(code_point(data, i, end), letters)
                i += width(data, i, end)
            while i < end and data[i] in SENTENCE_MARKS:
                here = False
                i += 1
        else:
            i += width(data, i, end)
        before = here


@inner
def ends_in_ellipsis(data, start, end):
    """Does data[start:end] end in `...` or `…`?"""
    if end - start < 3:
        return False
    return data[end - 1] == data[end - 2] == data[end - 3] == SENTENCE_MARKS[0] or is_ellipsis(data, end - 3, start, end)


@called
def count_line_marks(data, start, end, classes, row):
    """Lines that newlines end, and marks at the ends of lines, white space aside."""
    ends_open = start < end and data[end - 1] == NEWLINE
    while start < end:
        stop = find_byte(data, start, end, EIGHT_NEWLINES)
        left, right = stripped(data, start, stop, classes)
        row[LINES] += 1
        if left < right:
            row[BULLET_LINES] += code_point(data, left, right) in BULLETS
            row[ELLIPSIS_LINES] += ends_in_ellipsis(data, left, right)
        start = stop + 1
    row[CCNET_LINES] = row[LINES] + ends_open


@inner
def count_byte(data, start, end, wanted):
    """How often a byte occurs; `wanted`: the byte times ONES."""
    found = 0
    i = find_byte(data, start, end, wanted)
    while i < end:
        found += 1
        i = find_byte(data, i + 1, end, wanted)
    return found


def _compiled(sources):
    """The functions that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def word_set(data, offsets):
        """The set of the words data[offsets[i]:offsets[i + 1]]."""
        slots = 16 if sources else 0
        while slots < 8 * len(offsets):
            slots *= 2
        keys = np.zeros(slots, np.uint64)
        for i in range(len(offsets) - 1):
            value, _ = hash_bytes(data, offsets[i], offsets[i + 1])
            keys[slot_of_hash(keys, slots - 1, value)] = value + ONE
        return WordSet(keys, slots - 1)

    @kernel
    def measure_rps(data, offsets, classes, letters, stop_words):
        """int64[n, len(RpsCount)] of the texts data[offsets[i]:offsets[i + 1]]: those of a text as it is."""
        out = np.zeros((len(offsets) - 1 if sources else 0, COLUMNS), np.int64)
        for i in range(len(offsets) - 1):
            start, end, row = offsets[i], offsets[i + 1], out[i]
            count_pieces(data, start, end, letters, classes, stop_words, row)
            count_sentences(data, start, end, letters, row)
            count_line_marks(data, start, end, classes, row)
            row[BRACES] = count_byte(data, start, end, OPENING) + count_byte(data, start, end, CLOSING)
        return out

    return word_set, measure_rps


word_set, measure_rps = _compiled(source_number((*KERNELS, "letters", "letter_ranges", "rps_counts", "rps_kernel")))
