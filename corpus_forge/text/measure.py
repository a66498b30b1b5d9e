"""The fused pass: every text is walked once for lines and once for words while it is in the cache.

Two loops over the same few kilobytes are faster than one loop that does both, since each keeps its state in registers.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.affixes import find
from corpus_forge.text.classes import LETTER, SYMBOL
from corpus_forge.text.counts import Count
from corpus_forge.text.grams import count_grams, new_space, put_word, with_room, with_slots
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.lines import count_lines
from corpus_forge.text.segments import MAX_SEGMENTS, count_runs, count_segments
from corpus_forge.text.split import LONGEST_LENGTH, count_split_words, stop_word_bit
from corpus_forge.text.splitters import DEFAULT, UAX29
from corpus_forge.text.tables import IS_SPECIAL
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.word_breaks import cut_at_breaks
from corpus_forge.text.words import cut, skip_inert, skip_ink, skip_space

BYTES, PIECES, WORDS = int(Count.BYTES), int(Count.PIECES), int(Count.WORDS)
WORD_CHARS, LETTER_PIECES, STOP_WORDS = int(Count.WORD_CHARS), int(Count.LETTER_PIECES), int(Count.STOP_WORDS)
COLUMNS = len(Count)
STOP, NEWLINE = ord("."), ord("\n")
CLOSING_MARKS = tuple(ord(mark) for mark in ',;:!?)"')
"""What is cut off a word of letters without a second look: no special word ends in one of these after a letter."""
KERNELS = (
    *("affixes", "bitmaps", "classes", "counts", "eight", "english", "grams", "hashing", "kernel", "landmarks", "lines"),
    *("measure", "segments", "split", "splitters", "tables", "unicode_ranges", "urls", "utf8", "word_break_ranges"),
    *("word_breaks", "words"),
)
"""What a change of makes numba compile anew."""


@inner
def is_plain(data, start, inert, stop, tables):
    """Is data[start:stop] one inert run, up to `inert`, and at most one mark that no special word ends in?"""
    if inert == start or stop - inert > 1:
        return False
    if stop > inert and data[inert] not in CLOSING_MARKS:
        is_sentence_end = data[inert] == STOP and 97 <= data[inert - 1] <= 122
        if not is_sentence_end or find(data, start, stop, IS_SPECIAL, tables) >= 0:
            return False
    return find(data, start, inert, IS_SPECIAL, tables) < 0


@inner
def count_piece(data, start, end, classes, row):
    """Count a piece of any characters."""
    i, chars, letter, word = skip_inert(data, start, end, classes)
    while i < end:
        point = code_point(data, i, end)
        flags = classes[point]
        letter = letter or flags & LETTER != 0
        word = word or not flags & SYMBOL
        chars += 1
        i += 1 if point < 0x80 else width(data, i, end)
    row[PIECES] += 1
    row[LETTER_PIECES] += letter
    if word:
        row[WORDS] += 1
        row[WORD_CHARS] += chars


@called
def cut_words(data, start, end, ends, tables):
    """Write the ends of the words of data[start:end], which has no white space; how many there are."""
    if tables.splitter == DEFAULT:
        return cut(data, start, end, ends, tables)
    if tables.splitter == UAX29:
        return cut_at_breaks(data, start, end, ends, tables.breaks)
    ends[0] = end
    return 1


@inner
def is_one_word(data, start, inert, stop, chars, tables):
    """Is data[start:stop] the word up to `inert` and at most one mark, both by the splitter?"""
    if tables.splitter == DEFAULT:
        return is_plain(data, start, inert, stop, tables)
    is_ascii = inert > start and chars == inert - start
    if tables.splitter == UAX29:
        return is_ascii and (stop == inert or (stop == inert + 1 and data[inert] in CLOSING_MARKS))
    return is_ascii and stop == inert


@inner
def count_words(data, start, end, tables, ends, space, row):
    """Pieces, words and stop words of data[start:end]; `ends` has room for a piece a byte.

    Notes the first pieces for counting n-grams, as many as there is room for.
    """
    seen = 0
    i = skip_space(data, start, end, tables.classes)
    while i < end:
        inert, chars, letter, word = skip_inert(data, i, end, tables.classes)
        stop = inert if inert < end and data[inert] in (32, NEWLINE) else skip_ink(data, inert, end, tables.classes)
        if is_one_word(data, i, inert, stop, chars, tables):
            if len(space.words):
                put_word(data, i, inert, row[PIECES], space)
                if stop > inert:
                    put_word(data, inert, stop, row[PIECES] + 1, space)
            row[PIECES] += 1 + stop - inert
            row[WORDS] += word
            row[LETTER_PIECES] += letter
            row[WORD_CHARS] += chars if word else 0
            seen |= stop_word_bit(data, i, inert, tables.stop_words)
        else:
            for k in range(cut_words(data, i, stop, ends, tables)):
                if len(space.words):
                    put_word(data, i, ends[k], row[PIECES], space)
                count_piece(data, i, ends[k], tables.classes, row)
                seen |= stop_word_bit(data, i, ends[k], tables.stop_words)
                i = ends[k]
        i = skip_space(data, stop, end, tables.classes)
    while seen:
        row[STOP_WORDS] += seen & 1
        seen >>= 1


def _compiled(sources):
    """The two functions that Python calls.

    numba judges a cached function by the file of that function alone; a value it closes over is part of the key, so that a
    change in any kernel is never answered by an old binary.
    """

    @kernel
    def measure(data, offsets, tables, loops):
        """int64[n, len(Count)] of the texts data[offsets[i]:offsets[i + 1]]; `loops`: bool[5], which of LOOPS to run."""
        out = np.zeros((len(offsets) - 1, COLUMNS), np.int64)
        lines, words, segments, grams, split = loops
        ends = np.empty(4096 if sources else 0, np.int64)
        space = new_space(0, 16)
        lengths = np.zeros(LONGEST_LENGTH + 1, np.int64)
        for i in range(len(offsets) - 1):
            start, end = offsets[i], offsets[i + 1]
            out[i, BYTES] = end - start
            if lines:
                count_lines(data, start, end, tables.classes, out[i])
            ends, space = with_room(ends, space, end - start, (words or grams, grams or split))
            if words or grams:
                count_words(data, start, end, tables, ends, space, out[i])
            if grams:
                count_grams(min(out[i, PIECES], len(space.words)), True, space, out[i])
            if split:
                count_grams(count_split_words(data, start, end, tables, lengths, space, out[i]), False, space, out[i])
            if segments:
                runs = min(count_runs(data, start, end), MAX_SEGMENTS)
                space = with_slots(space, runs)
                count_segments(data, start, end, tables.classes, runs, space, out[i])
        return out

    @kernel
    def segment(data, start, end, tables):
        """int64[m, 2]: where each piece of data[start:end] begins and ends."""
        out = np.empty((end - start, 2), np.int64)
        ends = np.empty(end - start if sources else 0, np.int64)
        count = 0
        i = skip_space(data, start, end, tables.classes)
        while i < end:
            stop = skip_ink(data, i, end, tables.classes)
            for k in range(cut_words(data, i, stop, ends, tables)):
                out[count, 0], out[count, 1] = i, ends[k]
                i = ends[k]
                count += 1
            i = skip_space(data, stop, end, tables.classes)
        return out[:count]

    return measure, segment


measure, segment = _compiled(source_number(KERNELS))
