"""NeMo Curator's counts: kinds of characters, words between white space, lines, paragraphs and n-grams.

A pass of its own, so that nobody pays for it who does not ask. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import count_chars
from corpus_forge.text.grams import LONGEST_TOP, new_space, put_word, with_room, with_slots
from corpus_forge.text.hashing import cleared
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.nemo_counts import BRACKETS as BRACKET_MARKS
from corpus_forge.text.nemo_counts import BULLETS, ELLIPSES, NemoCount
from corpus_forge.text.nemo_grams import count_nemo_grams
from corpus_forge.text.nemo_paragraphs import count_boilerplate, count_doubled
from corpus_forge.text.nemo_urls import url_end
from corpus_forge.text.segments import MAX_SEGMENTS, Seen, count_runs, count_segment, next_run, stripped
from corpus_forge.text.split import stop_word_bit
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.words import skip_ink, skip_space

COLUMNS = len(NemoCount)
PLAIN_CHARS, DIGITS, BLANKS = int(NemoCount.PLAIN_CHARS), int(NemoCount.DIGITS), int(NemoCount.BLANKS)
BRACKETS, URL_CHARS = int(NemoCount.BRACKETS), int(NemoCount.URL_CHARS)
WORDS, WORD_CHARS, SYMBOL_WORDS = int(NemoCount.WORDS), int(NemoCount.WORD_CHARS), int(NemoCount.SYMBOL_WORDS)
ALPHABETIC_WORDS, COMMON_WORDS = int(NemoCount.ALPHABETIC_WORDS), int(NemoCount.COMMON_WORDS)
LONGEST_WORD = int(NemoCount.LONGEST_WORD)
LINES, LINE_CHARS, LINES_LATER = int(NemoCount.LINES), int(NemoCount.LINE_CHARS), int(NemoCount.LINES_LATER)
LINES_LATER_CHARS, ENDED_LINES = int(NemoCount.LINES_LATER_CHARS), int(NemoCount.ENDED_LINES)
ELLIPSIS_LINES, BULLET_LINES = int(NemoCount.ELLIPSIS_LINES), int(NemoCount.BULLET_LINES)
CHARS = int(NemoCount.CHARS)
HASH, H = ord("#"), ord("h")
END_MARKS = tuple(ord(mark) for mark in ".?!\"'")
BULLET_POINTS = tuple(ord(mark) for mark in BULLETS)
MARKS = np.frombuffer("".join(ELLIPSES).encode(), np.uint8)
MARK_STARTS = np.cumsum([0, *(len(mark.encode()) for mark in ELLIPSES)])
MARK_ENDS = np.zeros(256, np.bool_)
"""Bytes that an ellipsis can end in, letters in any case."""
MARK_ENDS[[mark.encode()[-1] for mark in (*ELLIPSES, *(mark.upper() for mark in ELLIPSES))]] = True
PLAIN, DIGIT, BLANK, BRACKET = 1, 2, 4, 8


def _kinds() -> np.ndarray:
    """uint8[128]: what an ASCII character counts as."""
    kinds = np.zeros(128, np.uint8)
    for flag, marks in ((DIGIT, "0123456789"), (BLANK, "\t\n\r\b "), (BRACKET, BRACKET_MARKS), (PLAIN, "\n?!,.")):
        kinds[[ord(mark) for mark in marks if mark.isascii()]] |= flag
    kinds[[code for code in range(128) if chr(code).isalnum()]] |= PLAIN
    return kinds


KINDS = _kinds()
WIDE_BRACKETS = tuple(ord(mark) for mark in BRACKET_MARKS if not mark.isascii())


@called
def count_characters(data, start, end, row):
    """Characters by kind, and those of URLs."""
    beyond = start  # behind the last URL
    i = start
    while i < end:
        byte = data[i]
        if byte >= 0x80:
            row[BRACKETS] += code_point(data, i, end) in WIDE_BRACKETS
            i += width(data, i, end)
            continue
        kind = KINDS[byte]
        row[PLAIN_CHARS] += kind & PLAIN
        row[DIGITS] += (kind & DIGIT) >> 1
        row[BLANKS] += (kind & BLANK) >> 2
        row[BRACKETS] += (kind & BRACKET) >> 3
        if byte == H and i >= beyond:
            stop = url_end(data, i, end)
            row[URL_CHARS] += stop - i
            beyond = max(beyond, stop)
        i += 1


@inner
def ends_in_mark(data, start, end, whole):
    """Does data[start:end] end in an ellipsis, ASCII letters in any case; or, `whole`, is it one as it stands?"""
    if start == end or not MARK_ENDS[data[end - 1]]:
        return False
    for mark in range(len(MARK_STARTS) - 1):
        first, size = MARK_STARTS[mark], MARK_STARTS[mark + 1] - MARK_STARTS[mark]
        if size > end - start or (whole and size != end - start):
            continue
        same = True
        for k in range(size):
            byte = data[end - size + k]
            lower = byte | 0x20 if not whole and 65 <= byte <= 90 else byte
            same = same and lower == MARKS[first + k]
        if same:
            return True
    return False


@inner
def is_symbols(data, start, end, chars):
    """Is a word an ellipsis, or are there more runs of `#` than half its characters? Only if it begins and ends with one."""
    if data[start] != HASH:
        return ends_in_mark(data, start, end, True)
    runs = 0
    for i in range(start, end):
        runs += data[i] == HASH and (i == start or data[i - 1] != HASH)
    return 2 * runs > chars


@inner
def has_alphabetic(data, start, end, alphabetic):
    """Is a character of data[start:end] alphabetic? Mostly the first one is."""
    i = start
    while i < end:
        if alphabetic[code_point(data, i, end)]:
            return True
        i += width(data, i, end)
    return False


@called
def count_nemo_words(data, start, end, tables, alphabetic, space, row):
    """Words between white space; those that fit the space are noted there, and how many that are is the answer."""
    i = skip_space(data, start, end, tables.classes)
    while i < end:
        stop = skip_ink(data, i, end, tables.classes)
        chars = put_word(data, i, stop, row[WORDS], space) if row[WORDS] < len(space.words) else count_chars(data, i, stop)
        row[WORDS] += 1
        row[WORD_CHARS] += chars
        row[LONGEST_WORD] = max(row[LONGEST_WORD], chars)
        row[SYMBOL_WORDS] += is_symbols(data, i, stop, chars)
        row[ALPHABETIC_WORDS] += has_alphabetic(data, i, stop, alphabetic)
        row[COMMON_WORDS] += stop_word_bit(data, i, stop, tables.stop_words) != 0
        i = skip_space(data, stop, end, tables.classes)
    return min(row[WORDS], len(space.words))


@called
def count_nemo_lines(data, start, end, classes, seen, copies, row):
    """Lines that are not blank. `copies`: int64[5] of scratch, columns as in segments.py."""
    copies[:] = 0
    while True:
        stop, following = next_run(data, start, end, 1)
        left, right = stripped(data, start, stop, classes)
        if left < right:
            row[LINE_CHARS] += count_segment(data, start, stop, seen, copies, 0)[0]
            row[ENDED_LINES] += data[right - 1] in END_MARKS
            row[ELLIPSIS_LINES] += ends_in_mark(data, left, right, False)
            row[BULLET_LINES] += code_point(data, left, right) in BULLET_POINTS
        if stop == following:
            break
        start = following
    row[LINES], row[LINES_LATER], row[LINES_LATER_CHARS] = copies[0], copies[1], copies[2]


def _compiled(sources):
    """The function that Python calls; see measure.py for what it closes over."""

    @kernel
    def measure_nemo(data, offsets, tables, alphabetic, loops):
        """int64[n, len(NemoCount)] of the texts data[offsets[i]:offsets[i + 1]]; `loops`: bool[5], which of LOOPS to run."""
        out = np.zeros((len(offsets) - 1, COLUMNS), np.int64)
        characters, words, lines, paragraphs, grams = loops
        space = new_space(0, 16)
        copies = np.zeros(5 if sources else 0, np.int64)
        ends, bounds = np.empty(0, np.int64), np.empty((LONGEST_TOP, 2), np.int64)
        for i in range(len(offsets) - 1):
            start, end = offsets[i], offsets[i + 1]
            out[i, CHARS] = count_chars(data, start, end)
            if characters:
                count_characters(data, start, end, out[i])
            if words or grams:
                ends, space = with_room(ends, space, end - start, (False, grams))
                count = count_nemo_words(data, start, end, tables, alphabetic, space, out[i])
                if grams:
                    count_nemo_grams(data, (start, end), count, tables.classes, (space, bounds), out[i])
            if lines or paragraphs:
                runs = min(count_runs(data, start, end) + 1, MAX_SEGMENTS)
                space = with_slots(space, runs)
                seen = Seen(space.keys, space.tallies, cleared(space.keys, runs))
                if lines:
                    count_nemo_lines(data, start, end, tables.classes, seen, copies, out[i])
                if paragraphs:
                    seen = Seen(space.keys, space.tallies, cleared(space.keys, runs))
                    count_doubled(data, start, end, seen, out[i])
                    count_boilerplate(data, start, end, out[i])
        return out

    return measure_nemo


NEMO = ("nemo_counts", "nemo_grams", "nemo_kernel", "nemo_paragraphs", "nemo_urls", "phrases")
measure_nemo = _compiled(source_number((*KERNELS, *NEMO)))
