"""DCLM's counts: fastText's words, lines without the white space around them, and n-grams of Unicode's words.

A pass of its own, so that nobody pays for it who does not ask. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.affixes import is_ellipsis
from corpus_forge.text.dclm_counts import DclmCount
from corpus_forge.text.grams import MAX_WORDS, new_space, put_word, with_room, with_slots
from corpus_forge.text.hashing import cleared
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.letters import ALPHANUMERIC
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.segments import MAX_SEGMENTS, Seen, count_runs, count_segment, next_run, stripped
from corpus_forge.text.split import LONGEST_STOP_WORD, stop_word_bit
from corpus_forge.text.unique_grams import count_unique_grams
from corpus_forge.text.utf8 import code_point
from corpus_forge.text.word_breaks import cut_at_breaks
from corpus_forge.text.words import skip_ink, skip_space

COLUMNS = len(DclmCount)
TOKENS, SPACED_ELLIPSES, STOP_WORDS = int(DclmCount.TOKENS), int(DclmCount.SPACED_ELLIPSES), int(DclmCount.STOP_WORDS)
BULLET_LINES, ELLIPSIS_LINES = int(DclmCount.BULLET_LINES), int(DclmCount.ELLIPSIS_LINES)
LINES, PARAGRAPHS, CHARS_OF_ALL = int(DclmCount.LINES), int(DclmCount.PARAGRAPHS), 5
WORDS, WORD_CHARS, TOP, COVERED = (
    int(each) for each in (DclmCount.WORDS, DclmCount.WORD_CHARS, DclmCount.TOP_2_GRAM, DclmCount.IN_5_GRAMS)
)
STOP, BLANK = ord("."), ord(" ")
BULLETS = tuple(ord(mark) for mark in "●•*-")
FASTTEXT_SPACES = (0, 9, 10, 11, 12, 13, 32)
"""What `Dictionary::readWord` of fastText ends a word at; other white space is part of it."""


@called
def count_tokens(data, start, end, letters, row):
    """Words of fastText's tokenizer that begin with a letter or a number."""
    within = False
    for i in range(start, end):
        byte = data[i]
        if byte <= 32 and byte in FASTTEXT_SPACES:
            within = False
        elif not within:
            within = True
            row[TOKENS] += letters[code_point(data, i, end)] & ALPHANUMERIC != 0


@inner
def is_spaced_ellipsis(data, i, end):
    """Does data[i:end] begin with `. . .`?"""
    if i + 5 > end or data[i] != STOP or data[i + 1] != BLANK or data[i + 2] != STOP:
        return False
    return data[i + 3] == BLANK and data[i + 4] == STOP


@called
def count_spaced_ellipses(data, start, end, row):
    """`. . .` of data[start:end], without overlap."""
    i = start
    while i + 5 <= end:
        found = is_spaced_ellipsis(data, i, end)
        row[SPACED_ELLIPSES] += found
        i += 5 if found else 1


@called
def count_stop_words(data, start, end, tables, lowered, row):
    """Stop words between white space, ASCII letters in any case; `lowered`: uint8[16] of scratch."""
    i = skip_space(data, start, end, tables.classes)
    while i < end:
        stop = skip_ink(data, i, end, tables.classes)
        if stop - i <= LONGEST_STOP_WORD:
            for k in range(stop - i):
                lowered[k] = data[i + k] | (0x20 if 65 <= data[i + k] <= 90 else 0)
            row[STOP_WORDS] += stop_word_bit(lowered, 0, stop - i, tables.stop_words) != 0
        i = skip_space(data, stop, end, tables.classes)


@inner
def note_line(data, start, end, row):
    """Count the marks at the ends of a line that is not blank."""
    row[BULLET_LINES] += code_point(data, start, end) in BULLETS
    three_stops = end - start > 2 and data[end - 1] == STOP and data[end - 2] == STOP and data[end - 3] == STOP
    spaced = end - start > 4 and is_spaced_ellipsis(data, end - 5, end)
    row[ELLIPSIS_LINES] += three_stops or spaced or is_ellipsis(data, end - 3, start, end)


@called
def count_stripped(data, span, kind, classes, seen, row):
    """What `least` or more newlines part, without white space around it, blank ones left out: as segments of that kind.

    `span`: start, end and `least`.
    """
    start, end, least = span
    while True:
        stop, following = next_run(data, start, end, least)
        left, right = stripped(data, start, stop, classes)
        if left < right:
            chars, _ = count_segment(data, left, right, seen, row, kind)
            row[kind + CHARS_OF_ALL] += chars
        if stop == following:
            return
        start = following


@called
def count_line_marks(data, start, end, classes, row):
    """Lines without white space around them that begin with a bullet or end in an ellipsis, and how many lines there are."""
    while True:
        stop, following = next_run(data, start, end, 1)
        left, right = stripped(data, start, stop, classes)
        if left < right:
            row[LINES] += 1
            note_line(data, left, right, row)
        if stop == following:
            return
        start = following


@called
def put_words(data, span, tables, letters, ends, space, row):
    """Note Unicode's words that begin with a letter or a number, as many as there is room for; how many."""
    start, end = span
    count = 0
    i = skip_space(data, start, end, tables.classes)
    while i < end and count < len(space.words):
        stop = skip_ink(data, i, end, tables.classes)
        for k in range(cut_at_breaks(data, i, stop, ends, tables.breaks)):
            if letters[code_point(data, i, ends[k])] & ALPHANUMERIC and count < len(space.words):
                row[WORD_CHARS] += put_word(data, i, ends[k], count, space)
                count += 1
            i = ends[k]
        i = skip_space(data, stop, end, tables.classes)
    row[WORDS] = count
    return count


def _compiled(sources):
    """The function that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def measure_dclm(data, offsets, tables, letters, loops):
        """int64[n, len(DclmCount)] of the texts data[offsets[i]:offsets[i + 1]]; `loops`: bool[3], which of LOOPS to run."""
        out = np.zeros((len(offsets) - 1, COLUMNS), np.int64)
        quality, segments, grams = loops
        ends = np.empty(4096 if sources else 0, np.int64)
        lowered = np.zeros(16, np.uint8)
        space = new_space(0, 16)
        for i in range(len(offsets) - 1):
            start, end, row = offsets[i], offsets[i + 1], out[i]
            if quality:
                count_tokens(data, start, end, letters, row)
                count_spaced_ellipses(data, start, end, row)
                count_stop_words(data, start, end, tables, lowered, row)
                count_line_marks(data, start, end, tables.classes, row)
            if segments:
                entries = min(count_runs(data, start, end), MAX_SEGMENTS)
                space = with_slots(space, entries)
                row[LINES] = 0
                seen = Seen(space.keys, space.tallies, cleared(space.keys, entries))
                count_stripped(data, (start, end, 1), LINES, tables.classes, seen, row)
                seen = Seen(space.keys, space.tallies, cleared(space.keys, entries))
                count_stripped(data, (start, end, 2), PARAGRAPHS, tables.classes, seen, row)
            if grams:
                ends, space = with_room(ends, space, end - start, (True, True))
                count = put_words(data, (start, end), tables, letters, ends, space, row)
                count_unique_grams(min(count, MAX_WORDS), True, TOP, COVERED, space, row)
        return out

    return measure_dclm


measure_dclm = _compiled(source_number((*KERNELS, "dclm_counts", "dclm_kernel", "letters", "letter_ranges", "unique_grams")))
