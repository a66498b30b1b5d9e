"""Paragraphs as NeMo Curator parts them, at each two newlines, and phrases of policies in them.

Phrases are looked for as in phrases.py, by one shift and one look-up a byte; here by their first six bytes, of which there are
ten. ASCII letters count in any case. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import find_byte
from corpus_forge.text.kernel import called
from corpus_forge.text.nemo_counts import PHRASES, NemoCount
from corpus_forge.text.phrases import is_phrase
from corpus_forge.text.segments import EIGHT_NEWLINES, count_segment

PARAGRAPHS, PARAGRAPH_CHARS = int(NemoCount.PARAGRAPHS), int(NemoCount.PARAGRAPH_CHARS)
BOILERPLATE, LOREM_IPSUM = int(NemoCount.BOILERPLATE), int(NemoCount.LOREM_IPSUM)
NEWLINE = ord("\n")
BYTES = 6
BEGINNINGS = tuple(dict.fromkeys(phrase[:BYTES] for phrase in PHRASES))
NOTHING, ONE = np.uint64(0), np.uint64(1)


AT_NEWLINE = np.uint64(1 << 63)
"""Stands for a newline, so that one question a byte is enough."""


def _steps() -> np.ndarray:
    """uint64[256]: in which places of a phrase's beginning a byte stands, letters in any case."""
    steps = np.zeros(256, np.uint64)
    for number, beginning in enumerate(BEGINNINGS):
        for place, byte in enumerate(beginning.encode()):
            for each in {byte, ord(chr(byte).upper())}:
                steps[each] |= np.uint64(1 << (BYTES * number + place))
    steps[NEWLINE] |= AT_NEWLINE
    return steps


STEPS = _steps()
FIRSTS = np.uint64(sum(1 << BYTES * number for number in range(len(BEGINNINGS)))) | AT_NEWLINE
LASTS = np.uint64(sum(1 << (BYTES * number + BYTES - 1) for number in range(len(BEGINNINGS)))) | AT_NEWLINE
PHRASE_BYTES = np.frombuffer("".join(PHRASES).encode(), np.uint8)
PHRASE_STARTS = np.cumsum([0, *map(len, PHRASES)])


@called
def count_doubled(data, start, end, seen, row):
    """What each two newlines part, as `str.split` does."""
    first, i = start, find_byte(data, start, end, EIGHT_NEWLINES)
    while i + 1 < end:
        if data[i + 1] == NEWLINE:
            row[PARAGRAPH_CHARS] += count_segment(data, first, i, seen, row, PARAGRAPHS)[0]
            first = i + 2
        i = find_byte(data, max(i + 1, first), end, EIGHT_NEWLINES)
    row[PARAGRAPH_CHARS] += count_segment(data, first, end, seen, row, PARAGRAPHS)[0]


@called
def phrase_at(data, i, end):
    """The number of the first phrase that begins at i, or -1."""
    for number in range(len(PHRASE_STARTS) - 1):
        if is_phrase(data, i, end, number, PHRASE_BYTES, PHRASE_STARTS):
            return number
    return -1


@called
def count_boilerplate(data, start, end, row):
    """Paragraphs with a phrase of a policy, and whether the text has `lorem ipsum`."""
    state, found, i = NOTHING, False, start
    while i < end:
        state = ((state << ONE) | FIRSTS) & STEPS[data[i]]
        i += 1
        if not state & LASTS:
            continue
        if data[i - 1] != NEWLINE:
            number = phrase_at(data, i - BYTES, end)
            found = found or number > 0
            row[LOREM_IPSUM] = row[LOREM_IPSUM] or number == 0
        elif i < end and data[i] == NEWLINE:
            row[BOILERPLATE] += found
            found = False
            i += 1
    row[BOILERPLATE] += found
