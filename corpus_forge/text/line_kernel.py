"""Lines of documents: where they are, what each counts, and a text put together from some of them.

A pass of its own beside measure.py: only rules that clean need it. Where citations are to be removed, lines are first
copied without them, and everything but their words is counted on the copy, as C4 does. Imports numba: import this module
inside functions only.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corpus_forge.text.classes import DIGIT
from corpus_forge.text.eight import HIGH, ONES, count_chars, eight, equal, find_byte, leading, line_breaks, marked, moved
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.line_counts import CITATIONS, LineCount
from corpus_forge.text.lines import EIGHT_C2, EIGHT_E2, next_break
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.phrases import count_phrases
from corpus_forge.text.segments import stripped
from corpus_forge.text.sentences import count_sentences
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.words import skip_ink, skip_space

WORDS, LONGEST_WORD, SENTENCES = int(LineCount.WORDS), int(LineCount.LONGEST_WORD), int(LineCount.SENTENCES)
WORDS_LEFT = int(LineCount.WORDS_LEFT)
COLUMNS = len(LineCount)
MAX_LINES = 1 << 22
"""Of a document; all behind the last one is part of it. Bounds memory at 200 MB beside the text."""
CLOSE, RETURN, NEWLINE = (ord(mark) for mark in "]\r\n")
OPENS = ONES * np.uint64(ord("["))
NOTHING, BYTE, TWO_BYTES, SIX_BYTES, SEVEN_BYTES = (np.uint64(8 * bytes_) for bytes_ in (0, 1, 2, 6, 7))
LOW_SIX, NEXT_LINES, LINE_MARKS, PARAGRAPH_MARKS = (ONES * np.uint64(bits) for bits in (0x3F, 0x05, 0x28, 0x29))
EDIT, NEEDED = (np.frombuffer(mark.encode(), np.uint8) for mark in CITATIONS)


@inner
def is_exactly_here(data, i, end, phrase):
    """Does data[i:end] begin with the phrase, in its case?"""
    if i + len(phrase) > end:
        return False
    for k in range(len(phrase)):  # noqa: SIM110 - numba knows no all()
        if data[i + k] != phrase[k]:
            return False
    return True


@called
def citation_length(data, i, end, marks):
    """Bytes of a citation that begins with the bracket at i, 0 for none: `[12]`, `[]`, `[edit]`, `[citation needed]`."""
    j = i + 1
    while j < end and marks[code_point(data, j, end)] & DIGIT:
        j += width(data, j, end)
    if j < end and data[j] == CLOSE:
        return j + 1 - i
    if is_exactly_here(data, i, end, EDIT):
        return len(EDIT)
    return len(NEEDED) if is_exactly_here(data, i, end, NEEDED) else 0


@inner
def copied_bytes(data, start, end, out, at):
    """Write data[start:end] to out[at:]; where that ends."""
    moved(data, start, out, at, end - start)  # type: ignore[call-arg]
    return at + end - start


@called
def copy_line(data, start, end, marks, out, at):
    """Write data[start:end] to out[at:], without citations where `marks` is not empty; where that ends."""
    i = start
    while len(marks) and i < end:
        bracket = find_byte(data, i, end, OPENS)
        length = citation_length(data, bracket, end, marks) if bracket < end else 0
        kept = bracket if length or bracket == end else bracket + 1
        at = copied_bytes(data, i, kept, out, at)
        i = kept + length
    return copied_bytes(data, i, end, out, at)


@called
def count_line_words(data, start, end, classes, row):
    """Words between white space, and the longest."""
    i = start
    while i < end:
        stop = skip_ink(data, i, end, classes)
        chars = stop - i
        if chars > row[LONGEST_WORD]:
            chars = count_chars(data, i, stop)
        row[WORDS] += 1
        row[LONGEST_WORD] = max(row[LONGEST_WORD], chars)
        i = skip_space(data, stop, end, classes)


@called
def number_of_words(data, start, end, classes):
    """Words between white space."""
    words = 0
    i = skip_space(data, start, end, classes)
    while i < end:
        words += 1
        i = skip_space(data, skip_ink(data, i, end, classes), end, classes)
    return words


@called
def most_lines(data, start, end):
    """No fewer than the lines of data[start:end] and mostly no more, at most MAX_LINES: a glance at eight bytes at a time.

    U+0085 ends in C2 85, U+2028 and U+2029 in E2 80 A8 and A9, and what is read of broken UTF-8 in the same low bits.
    """
    lines = np.int64(end > start)
    before = NOTHING
    i = start
    while i < end and lines < MAX_LINES:
        value = leading(eight(data, i), end - i)
        lines += marked(line_breaks(value))
        if (value | before) & HIGH:
            low = value & LOW_SIX
            lines += marked(equal(low, NEXT_LINES) & equal((value << BYTE) | (before >> SEVEN_BYTES), EIGHT_C2))
            is_third = equal(low, LINE_MARKS) | equal(low, PARAGRAPH_MARKS)
            lines += marked(is_third & equal((value << TWO_BYTES) | (before >> SIX_BYTES), EIGHT_E2))
        before = value
        i += 8
    return min(lines, MAX_LINES)


@inner
def behind_break(data, i, end):
    """Where the line break at i ends."""
    if i >= end:
        return end
    is_pair = data[i] == RETURN and i + 1 < end and data[i + 1] == NEWLINE
    return i + 2 if is_pair else i + width(data, i, end)


def _compiled(sources):
    """The function that measures lines, compiled for this number of the kernels' sources."""

    @njit(cache=True, nogil=True)
    def measure_lines(data, offsets, tables, marks, without_citations, wanted):
        """Lines of the texts data[offsets[i]:offsets[i + 1]].

        firsts: int64[n + 1], the first line of each text. bounds: int64[lines, 2], where each begins and ends in `copied`,
        uint8[...]. counts: int32[lines, len(LineCount)]; `wanted`, bool[4], says which of GROUPS are counted.
        """
        words, phrases, sentences, left_words = wanted
        texts = len(offsets) - 1
        firsts = np.zeros(texts + 1, np.int64)
        most = 0
        for i in range(texts):
            most += most_lines(data, offsets[i], offsets[i + 1])
        bounds = np.empty((most, 2), np.int64)
        counts = np.zeros((most, COLUMNS), np.int32)
        copied = np.empty(offsets[texts] - offsets[0], np.uint8)
        ends = np.empty(64 if sources else 0, np.int64)
        line = at = 0
        for i in range(texts):
            position, end = offsets[i], offsets[i + 1]
            if len(ends) < end - position:
                ends = np.empty(end - position, np.int64)
            while position < end:
                last = line + 1 == firsts[i] + MAX_LINES
                stop = end if last else next_break(data, position, end, tables.classes)
                left, right = stripped(data, position, stop, tables.classes)
                if words:
                    count_line_words(data, left, right, tables.classes, counts[line])
                bounds[line, 0] = at
                at = copy_line(data, left, right, marks if without_citations else marks[:0], copied, at)
                bounds[line, 1] = at
                if left_words:
                    counts[line, WORDS_LEFT] = number_of_words(copied, bounds[line, 0], at, tables.classes)
                if phrases:
                    count_phrases(copied, bounds[line, 0], at, counts[line])
                if sentences:
                    counts[line, SENTENCES] = count_sentences(copied, bounds[line, 0], at, tables, marks, ends)
                position = behind_break(data, stop, end)
                line += 1
            firsts[i + 1] = line
        return firsts, bounds[:line], counts[:line], copied

    return measure_lines


def _compiled_join(sources):
    """The function that puts lines together, compiled for this number of the kernels' sources."""

    @njit(cache=True, nogil=True)
    def join_lines(copied, firsts, bounds, keep, classes):
        """Texts of the lines to keep, a newline between them, white space at the ends of a text removed: bytes and offsets."""
        out = np.empty(len(copied) + len(bounds), np.uint8)
        offsets = np.zeros(len(firsts) if sources else 0, np.int64)
        at = 0
        for i in range(len(firsts) - 1):
            start = at
            for line in range(firsts[i], firsts[i + 1]):
                if keep[line]:
                    if at > start:
                        out[at] = NEWLINE
                        at += 1
                    at = copied_bytes(copied, bounds[line, 0], bounds[line, 1], out, at)
            left, right = stripped(out, start, at, classes)
            at = copied_bytes(out, left, right, out, start) if left > start else right
            offsets[i + 1] = at
        return out[:at], offsets

    return join_lines


SOURCES = source_number((*KERNELS, "bitmaps", "line_counts", "line_kernel", "phrases", "sentences"))
measure_lines, join_lines = _compiled(SOURCES), _compiled_join(SOURCES)
