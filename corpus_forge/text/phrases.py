"""The phrases and marks that C4 looks for in a line.

All phrases are looked for at once: bit b of a state says that the bytes so far end in the first `b mod 8 + 1` bytes of phrase
`b / 8`, one shift and one look-up a byte (Baeza-Yates and Gonnet 1992, A new approach to text searching). The whole
phrase is compared only behind its first eight bytes, so that no letter of ordinary text costs a branch.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import ONES, eight, equal, leading, marked
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.line_counts import END_MARKS, POLICY_PHRASES, LineCount

LOREM_IPSUM, JAVASCRIPT, BRACES = int(LineCount.LOREM_IPSUM), int(LineCount.JAVASCRIPT), int(LineCount.BRACES)
POLICY, ENDED = int(LineCount.POLICY), int(LineCount.ENDED)
PHRASES = ("lorem ipsum", "javascript", *POLICY_PHRASES)
EIGHT = 8
STOP, EIGHT_BRACES = ord("."), ONES * np.uint64(ord("{"))
ENDS = tuple(END_MARKS.encode())
NOTHING, ALL_BITS = np.uint64(0), np.uint64((1 << 64) - 1)


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
        if found >> np.uint64(EIGHT * number + EIGHT - 1) & np.uint64(1) and is_tail(data, i, end, number):
            if number == 0:
                row[LOREM_IPSUM] = 1
            elif number == 1:
                row[JAVASCRIPT] = 1
            else:
                row[POLICY] += 1


@called
def count_phrases(data, start, end, row):
    """Phrases and marks that C4 looks for."""
    state = NOTHING
    for i in range(start, end):
        state = ((state << np.uint64(1)) | FIRSTS) & STEPS[data[i]]
        if state & LASTS:
            note_phrases(data, i + 1, end, state & LASTS, row)
    i = start
    while i < end:
        row[BRACES] += marked(equal(leading(eight(data, i), end - i), EIGHT_BRACES))
        i += EIGHT
    if end > start:
        three_stops = end - start > 2 and data[end - 1] == STOP and data[end - 2] == STOP and data[end - 3] == STOP
        row[ENDED] = data[end - 1] in ENDS and not three_stops
