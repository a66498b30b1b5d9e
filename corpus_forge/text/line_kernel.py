"""Lines of documents: where they are, what each counts, and a text put together from some of them.

A pass of its own beside measure.py: only rules that clean need it. Where citations are to be removed, lines are first
copied without them, and everything but their words is counted on the copy, as C4 does. Imports numba: import this module
inside functions only.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corpus_forge.text.classes import DIGIT, PUNCTUATION_MARK, SENTENCE_MARK
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.line_counts import CITATIONS, END_MARKS, POLICY_PHRASES, LineCount
from corpus_forge.text.lines import next_break
from corpus_forge.text.measure import CLOSING_MARKS, KERNELS
from corpus_forge.text.segments import stripped
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.words import cut, skip_inert, skip_ink, skip_space

WORDS, LONGEST_WORD, ENDED = int(LineCount.WORDS), int(LineCount.LONGEST_WORD), int(LineCount.ENDED)
LOREM_IPSUM, JAVASCRIPT, BRACES = int(LineCount.LOREM_IPSUM), int(LineCount.JAVASCRIPT), int(LineCount.BRACES)
POLICY, SENTENCES, COLUMNS = int(LineCount.POLICY), int(LineCount.SENTENCES), len(LineCount)
MAX_LINES = 1 << 22
"""Of a document; all behind the last one is part of it. Bounds memory at 200 MB beside the text."""
LOREM, SCRIPT = (np.frombuffer(phrase, np.uint8) for phrase in (b"lorem ipsum", b"javascript"))
OPEN, CLOSE, BRACE, STOP, RETURN, NEWLINE, BLANK = (ord(mark) for mark in "[]{.\r\n ")
ENDS = tuple(END_MARKS.encode())
EDIT, NEEDED = (np.frombuffer(mark.encode(), np.uint8) for mark in CITATIONS)
TERMS, PRIVACY, COOKIE, USES, USE_OF, USE = (np.frombuffer(phrase.encode(), np.uint8) for phrase in POLICY_PHRASES)


@inner
def is_here(data, i, end, phrase):
    """Does data[i:end] begin with the phrase, ASCII letters in any case? `phrase`: lower case."""
    if i + len(phrase) > end:
        return False
    for k in range(len(phrase)):
        byte = data[i + k]
        if byte != phrase[k] and not (65 <= byte <= 90 and byte + 32 == phrase[k]):
            return False
    return True


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


@called
def copy_line(data, start, end, marks, out, at):
    """Write data[start:end] to out[at:], without citations where `marks` is not empty; where that ends."""
    i = start
    while i < end:
        length = citation_length(data, i, end, marks) if data[i] == OPEN and len(marks) else 0
        if length:
            i += length
        else:
            out[at] = data[i]
            at += 1
            i += 1
    return at


@called
def count_line_words(data, start, end, classes, row):
    """Words between white space, and the longest."""
    i = start
    while i < end:
        stop = skip_ink(data, i, end, classes)
        chars = 0
        for k in range(i, stop):
            chars += (data[k] & 0xC0) != 0x80
        row[WORDS] += 1
        row[LONGEST_WORD] = max(row[LONGEST_WORD], chars)
        i = skip_space(data, stop, end, classes)


@called
def count_phrases(data, start, end, row):
    """Phrases and marks that C4 looks for."""
    for i in range(start, end):
        byte = data[i] | 0x20
        if data[i] == BRACE:
            row[BRACES] += 1
        elif byte == LOREM[0]:
            row[LOREM_IPSUM] |= is_here(data, i, end, LOREM)
        elif byte == SCRIPT[0]:
            row[JAVASCRIPT] |= is_here(data, i, end, SCRIPT)
        elif byte == TERMS[0]:
            row[POLICY] += is_here(data, i, end, TERMS)
        elif byte == PRIVACY[0]:
            row[POLICY] += is_here(data, i, end, PRIVACY)
        elif byte == COOKIE[0]:
            row[POLICY] += is_here(data, i, end, COOKIE)
        elif byte == USES[0]:
            row[POLICY] += is_here(data, i, end, USES) or is_here(data, i, end, USE_OF) or is_here(data, i, end, USE)
    if end > start:
        three_stops = end - start > 2 and data[end - 1] == STOP and data[end - 2] == STOP and data[end - 3] == STOP
        row[ENDED] = data[end - 1] in ENDS and not three_stops


@inner
def piece_kind(data, start, end, marks):
    """2 for a piece that ends a sentence, 1 for other pieces of punctuation alone, 0 for the rest."""
    first = marks[code_point(data, start, end)]
    if start + width(data, start, end) >= end and first & SENTENCE_MARK:
        return 2
    i = start
    while i < end:
        if not marks[code_point(data, i, end)] & PUNCTUATION_MARK:
            return 0
        i += width(data, i, end)
    return 1


@called
def count_sentences(data, start, end, tables, marks, ends):
    """Sentences of data[start:end]: one begins with the first piece behind a mark that is no punctuation.

    White space other than one blank is a piece too, as in spaCy, and begins one.
    """
    sentences = 0
    ended = False
    i = skip_space(data, start, end, tables.classes)
    while i < end:
        sentences = max(sentences, 1)
        inert = skip_inert(data, i, end, tables.classes)[0] if 97 <= (data[i] | 0x20) <= 122 else i
        stop = skip_ink(data, inert, end, tables.classes)
        begin = i
        if inert > i and (stop == inert or (stop == inert + 1 and data[inert] in CLOSING_MARKS)):
            # A word of letters, and at most one mark that is cut off: no need to cut it.
            sentences += ended
            ended = stop > inert and marks[data[inert]] & SENTENCE_MARK != 0
            begin = stop
        for k in range(cut(data, i, stop, ends, tables) if begin < stop else 0):
            kind = piece_kind(data, begin, ends[k], marks)
            if ended and kind == 0:
                sentences += 1
                ended = False
            elif kind == 2:
                ended = True
            begin = ends[k]
        i = skip_space(data, stop, end, tables.classes)
        if ended and i < end and not (i == stop + 1 and data[stop] == BLANK):
            sentences += 1
            ended = False
    return sentences


@called
def number_of_lines(data, start, end, classes):
    """Lines as `str.splitlines` cuts them, at most MAX_LINES."""
    lines = 0
    i = start
    while i < end and lines < MAX_LINES:
        i = behind_break(data, next_break(data, i, end, classes), end)
        lines += 1
    return lines


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
    def measure_lines(data, offsets, tables, marks, without_citations, sentences):
        """Lines of the texts data[offsets[i]:offsets[i + 1]].

        firsts: int64[n + 1], the first line of each text. bounds: int64[lines, 2], where each begins and ends in `copied`,
        uint8[...]. counts: int32[lines, len(LineCount)]; sentences only where they are asked for.
        """
        texts = len(offsets) - 1
        firsts = np.zeros(texts + 1, np.int64)
        for i in range(texts):
            firsts[i + 1] = firsts[i] + number_of_lines(data, offsets[i], offsets[i + 1], tables.classes)
        bounds = np.empty((firsts[texts], 2), np.int64)
        counts = np.zeros((firsts[texts], COLUMNS), np.int32)
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
                count_line_words(data, left, right, tables.classes, counts[line])
                bounds[line, 0] = at
                at = copy_line(data, left, right, marks if without_citations else marks[:0], copied, at)
                bounds[line, 1] = at
                count_phrases(copied, bounds[line, 0], at, counts[line])
                if sentences:
                    counts[line, SENTENCES] = count_sentences(copied, bounds[line, 0], at, tables, marks, ends)
                position = behind_break(data, stop, end)
                line += 1
        return firsts, bounds, counts, copied

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
                    for k in range(bounds[line, 0], bounds[line, 1]):
                        out[at] = copied[k]
                        at += 1
            left, right = stripped(out, start, at, classes)
            for k in range(left, right):
                out[start + k - left] = out[k]
            at = start + right - left
            offsets[i + 1] = at
        return out[:at], offsets

    return join_lines


SOURCES = source_number((*KERNELS, "line_counts", "line_kernel"))
measure_lines, join_lines = _compiled(SOURCES), _compiled_join(SOURCES)
