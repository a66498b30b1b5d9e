"""Lines of documents: where they are, what each counts, and a text put together from some of them.

A pass of its own beside measure.py: only rules that clean need it. Where citations are to be removed, lines are first
copied without them, and everything but their words is counted on the copy, as C4 does. Imports numba: import this module
inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bitmaps import BYTES, NONE, ONE, first_bit, ones, up_to
from corpus_forge.text.classes import DIGIT
from corpus_forge.text.eight import ONES, find_byte, moved
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.landmarks import LAST, breaks, count_chars, is_ascii, spaces
from corpus_forge.text.line_counts import CITATIONS, LineCount
from corpus_forge.text.lines import next_break
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.phrases import count_phrases
from corpus_forge.text.segments import stripped
from corpus_forge.text.sentences import count_sentences
from corpus_forge.text.utf8 import code_point, width

WORDS, LONGEST_WORD, SENTENCES = int(LineCount.WORDS), int(LineCount.LONGEST_WORD), int(LineCount.SENTENCES)
WORDS_LEFT = int(LineCount.WORDS_LEFT)
COLUMNS = len(LineCount)
MAX_LINES = 1 << 22
"""Of a document; all behind the last one is part of it. Bounds memory at 200 MB beside the text."""
CLOSE, RETURN, NEWLINE = (ord(mark) for mark in "]\r\n")
OPENS = ONES * np.uint64(ord("["))
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


@inner
def longest_ended(data, i, white, word, longest, plain):
    """Characters of the longest word and where the last one begins, behind the white space in data[i:i + 64].

    plain: all is ASCII. Only words with more bytes than the longest so far are counted in characters.
    """
    while white != NONE:
        at = i + first_bit(white)
        if at - word > longest:
            longest = at - word if plain else max(longest, count_chars(data, word, at))
        word = at + 1
        white &= white - ONE
    return longest, word


@called
def number_of_words(data, start, end):
    """Words between white space."""
    words, within, spilled = 0, NONE, NONE
    for i in range(start, end, BYTES):
        white, spilled = spaces(data, i, spilled)
        ink = up_to(~white, end - i)
        words += ones(ink & ~((ink << ONE) | within))
        within = ink >> LAST
    return words


@called
def longest_word(data, start, end):
    """Characters of the longest word between white space."""
    longest, word, spilled, plain = 0, start, NONE, is_ascii(data, start, end)
    for i in range(start, end, BYTES):
        white, spilled = spaces(data, i, spilled)
        longest, word = longest_ended(data, i, up_to(white, end - i), word, longest, plain)
    return max(longest, count_chars(data, word, end))


@called
def most_lines(data, start, end):
    """Breaks and one: no fewer than the lines of data[start:end], at most MAX_LINES."""
    lines = np.int64(1)
    i = start
    while i < end and lines < MAX_LINES:
        lines += ones(up_to(breaks(data, i), end - i))
        i += BYTES
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

    @kernel
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
                stop = end if last else next_break(data, position, end)
                left, right = stripped(data, position, stop, tables.classes)
                if words:
                    counts[line, WORDS] = number_of_words(data, left, right)
                    counts[line, LONGEST_WORD] = longest_word(data, left, right)
                bounds[line, 0] = at
                at = copy_line(data, left, right, marks if without_citations else marks[:0], copied, at)
                bounds[line, 1] = at
                if left_words:
                    cut = not words or at - bounds[line, 0] < right - left
                    left_ = number_of_words(copied, bounds[line, 0], at) if cut else counts[line, WORDS]
                    counts[line, WORDS_LEFT] = left_
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

    @kernel
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


SOURCES = source_number((*KERNELS, "line_counts", "line_kernel", "phrases", "sentences"))
measure_lines, join_lines = _compiled(SOURCES), _compiled_join(SOURCES)
