"""Sentences by the rules of spaCy's `sentencizer`: one begins with the first piece behind a mark that is no punctuation.

Where no sentence has ended, nothing can begin one before the next mark: a word is cut into pieces only around marks.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.bitmaps import BYTES, NONE, ONE, between, first_bit, up_to
from corpus_forge.text.classes import PUNCTUATION_MARK, SENTENCE_MARK, SPACE
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.landmarks import is_byte
from corpus_forge.text.measure import CLOSING_MARKS, is_plain
from corpus_forge.text.utf8 import code_point, flags_before, previous, width
from corpus_forge.text.words import cut, skip_inert, skip_ink, skip_space

BLANK = ord(" ")
STOP, QUESTION, EXCLAMATION = (ord(mark) for mark in ".?!")
"""The marks within ASCII that end a sentence."""


@inner
def may_end(data, i):
    """Mask of the bytes data[i:i + 64] that a mark which ends a sentence may begin with."""
    return is_byte(data, i, STOP) | is_byte(data, i, QUESTION) | is_byte(data, i, EXCLAMATION) | between(data, i, 0xC2, 0xFF)


@inner
def next_mark(data, i, end, marks):
    """Where the first character from i on that ends a sentence begins, or end."""
    while i < end:
        found = up_to(may_end(data, i), end - i)
        while found != NONE:
            at = i + first_bit(found)
            if marks[code_point(data, at, end)] & SENTENCE_MARK:
                return at
            found &= found - ONE
        i += BYTES
    return end


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


@inner
def ends_plainly(data, start, inert, tables):
    """Is what follows the letters data[start:inert], the last of a word, a mark that is cut off whatever they spell?"""
    return inert > start and (data[inert] in CLOSING_MARKS or is_plain(data, start, inert, inert + 1, tables))


@inner
def behind_word(data, start, stop, ended, tables, marks, ends):
    """Sentences that begin within data[start:stop], which has no white space, and whether one has ended behind it."""
    inert = skip_inert(data, start, stop, tables.classes)[0] if 97 <= (data[start] | 0x20) <= 122 else start
    sentences = 0
    begin = start
    if stop == inert or (stop == inert + 1 and ends_plainly(data, start, inert, tables)):
        # A word of letters, and at most one mark that is cut off: no need to cut it.
        sentences += ended
        ended = stop > inert and marks[data[inert]] & SENTENCE_MARK != 0
        begin = stop
    for k in range(cut(data, start, stop, ends, tables) if begin < stop else 0):
        kind = piece_kind(data, begin, ends[k], marks)
        if ended and kind == 0:
            sentences += 1
            ended = False
        elif kind == 2:
            ended = True
        begin = ends[k]
    return sentences, ended


@inner
def word_start(data, i, start, classes):
    """Where the stretch without white space begins that the character at i is in; not before start."""
    while i > start:
        if data[i - 1] < 0x80 and data[i - 1] > BLANK:
            i -= 1
        elif flags_before(classes, data, i, start) & SPACE:
            return i
        else:
            i = previous(data, i, start)
    return i


@called
def count_sentences(data, start, end, tables, marks, ends):
    """Sentences of data[start:end]. White space other than one blank is a piece too, as in spaCy, and begins one."""
    i = skip_space(data, start, end, tables.classes)
    sentences = 1 if i < end else 0
    ended = False
    while i < end:
        if not ended:
            mark = next_mark(data, i, end, marks)
            if mark == end:
                break
            i = word_start(data, mark, i, tables.classes)
        elif 97 <= (data[i] | 0x20) <= 122:
            # Whatever the word is cut into, its first piece begins a sentence; more may end in it, which its marks tell.
            sentences += 1
            ended = False
            continue
        stop = skip_ink(data, i, end, tables.classes)
        more, ended = behind_word(data, i, stop, ended, tables, marks, ends)
        sentences += more
        i = skip_space(data, stop, end, tables.classes)
        if ended and i < end and not (i == stop + 1 and data[stop] == BLANK):
            sentences += 1
            ended = False
    return sentences
