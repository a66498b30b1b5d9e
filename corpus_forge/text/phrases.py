"""The phrases and marks that C4 looks for in a line.

Every phrase has ten bytes or more, so that three bytes at every eighth place of a line are enough to see that none begins
before (sampling, as in Wu and Manber 1994, A fast algorithm for multi-pattern searching): one look-up for eight bytes. Where
the three are in the beginning of a phrase, all phrases are looked for at once in the bytes around: bit b of a state says that
the bytes so far end in the first `b mod 8 + 1` bytes of phrase `b / 8` (Baeza-Yates and Gonnet 1992, A new approach to text
searching), and the whole phrase is compared behind its first eight bytes.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import ONES, eight, equal, leading, marked
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.line_counts import END_MARKS, POLICY_PHRASES, LineCount
from corpus_forge.text.tables import SCATTER

LOREM_IPSUM, JAVASCRIPT, BRACES = int(LineCount.LOREM_IPSUM), int(LineCount.JAVASCRIPT), int(LineCount.BRACES)
POLICY, ENDED, ENDED_STRICTLY = int(LineCount.POLICY), int(LineCount.ENDED), int(LineCount.ENDED_STRICTLY)
PHRASES = ("lorem ipsum", "javascript", *POLICY_PHRASES)
EIGHT = 8
STOP, APOSTROPHE, EIGHT_BRACES = ord("."), ord("'"), ONES * np.uint64(ord("{"))
ENDS = tuple(END_MARKS.encode())
NOTHING, ONE = np.uint64(0), np.uint64(1)


def _steps() -> np.ndarray:
    """uint64[256]: in which places of a phrase's beginning a byte stands, letters in any case."""
    steps = np.zeros(256, np.uint64)
    for number, phrase in enumerate(PHRASES):
        for place, byte in enumerate(phrase[:EIGHT].encode()):
            for each in {byte, ord(chr(byte).upper())}:
                steps[each] |= np.uint64(1 << (EIGHT * number + place))
    return steps


STEPS = _steps()
ENDINGS = tuple(np.frombuffer(phrase[EIGHT:].encode(), np.uint8) for phrase in PHRASES)
TAILS = np.concatenate(ENDINGS)
TAIL_STARTS = np.cumsum([0, *map(len, ENDINGS)])
FIRSTS = np.uint64(sum(1 << EIGHT * number for number in range(len(PHRASES))))
LASTS = np.uint64(sum(1 << (EIGHT * number + EIGHT - 1) for number in range(len(PHRASES))))


THREE, TO_LOWER = np.uint64((1 << 24) - 1), np.uint64(0x202020)
SCATTERED, SAMPLE_BITS = np.uint64(SCATTER), 12
SAMPLE_SHIFT, SIX, LOW_SIX = np.uint64(64 - SAMPLE_BITS), np.uint64(6), np.uint64(63)


def _samples() -> np.ndarray:
    """uint64[64]: a bit for the hash of each three bytes that begin at one of the first eight places of a phrase."""
    bits = np.zeros(1 << SAMPLE_BITS, np.uint8)
    for phrase in PHRASES:
        for place in range(EIGHT):
            three = int.from_bytes(phrase[place : place + 3].encode(), "little") | int(TO_LOWER)
            bits[(three * SCATTER % (1 << 64)) >> int(SAMPLE_SHIFT)] = 1
    return np.packbits(bits, bitorder="little").view(np.uint64)


SAMPLES = _samples()


@inner
def is_sample(value):
    """May the first three of eight bytes be in the beginning of a phrase, letters in any case?"""
    bit = ((value & THREE) | TO_LOWER) * SCATTERED >> SAMPLE_SHIFT
    return SAMPLES[bit >> SIX] >> (bit & LOW_SIX) & ONE != NOTHING


@inner
def is_tail(data, i, end, number):
    """Does data[i:end] begin with the rest of that phrase, ASCII letters in any case?"""
    first, size = TAIL_STARTS[number], TAIL_STARTS[number + 1] - TAIL_STARTS[number]
    if i + size > end:
        return False
    for k in range(size):
        byte = data[i + k]
        if byte != TAILS[first + k] and not (65 <= byte <= 90 and byte + 32 == TAILS[first + k]):
            return False
    return True


@inner
def note_phrases(data, i, end, found, row):
    """Count the phrases whose beginnings end before i and that go on there."""
    for number in range(len(PHRASES)):
        if found >> np.uint64(EIGHT * number + EIGHT - 1) & ONE and is_tail(data, i, end, number):
            if number == 0:
                row[LOREM_IPSUM] = 1
            elif number == 1:
                row[JAVASCRIPT] = 1
            else:
                row[POLICY] += 1


@called
def count_beginnings(data, start, end, stop, row):
    """Count the phrases of data[start:stop] whose first eight bytes end before `end`."""
    state = NOTHING
    for i in range(start, end):
        state = ((state << ONE) | FIRSTS) & STEPS[data[i]]
        if state & LASTS:
            note_phrases(data, i + 1, stop, state & LASTS, row)


@called
def count_phrases(data, start, end, row):
    """Phrases and marks that C4 looks for."""
    i = start
    while i < end:
        value = eight(data, i)
        if is_sample(value):
            # The phrases that hold these three bytes begin at one of the eight places up to here.
            count_beginnings(data, max(i - EIGHT + 1, start), min(i + EIGHT, end), end, row)
        row[BRACES] += marked(equal(leading(value, end - i), EIGHT_BRACES))
        i += EIGHT
    if end > start:
        three_stops = end - start > 2 and data[end - 1] == STOP and data[end - 2] == STOP and data[end - 3] == STOP
        row[ENDED] = data[end - 1] in ENDS and not three_stops
        row[ENDED_STRICTLY] = row[ENDED] and data[end - 1] != APOSTROPHE
