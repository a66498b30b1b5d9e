"""The phrases and marks that C4 looks for in a line.

Each phrase has one of four pairs of letters in it, once, that few other words have (`ok` of cookies, `va` of JavaScript and
privacy, `ms` of terms, `ps` of ipsum). Bitmaps say where such a pair is in 64 bytes, and only there phrases are compared, each
as far before the pair as its own pair lies: a text of English has one such place in 375 bytes.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bitmaps import BYTES, ONE, between, first_bit, in_any_case, ones, up_to
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.line_counts import END_MARKS, POLICY_PHRASES, LineCount

LOREM_IPSUM, JAVASCRIPT, BRACES = int(LineCount.LOREM_IPSUM), int(LineCount.JAVASCRIPT), int(LineCount.BRACES)
POLICY, ENDED, ENDED_STRICTLY = int(LineCount.POLICY), int(LineCount.ENDED), int(LineCount.ENDED_STRICTLY)
PHRASES = ("lorem ipsum", "javascript", *POLICY_PHRASES)
PAIRS = ("ok", "va", "ms", "ps")
STOP, APOSTROPHE, BRACE = (ord(mark) for mark in ".'{")
ENDS = tuple(END_MARKS.encode())
LETTER_A, LETTER_K, LETTER_M, LETTER_O, LETTER_P, LETTER_S, LETTER_V = (ord(letter) for letter in "akmopsv")
CONTENT = np.frombuffer("".join(PHRASES).encode(), np.uint8)
STARTS = np.cumsum([0, *map(len, PHRASES)])
BEFORE_PAIR = np.array([phrase.find(pair) for phrase in PHRASES for pair in PAIRS if pair in phrase])
if len(BEFORE_PAIR) != len(PHRASES) or any(phrase.count(pair) > 1 for phrase in PHRASES for pair in PAIRS):
    raise ValueError("a phrase is found at one pair, once")


@inner
def pairs(data, i):
    """At which of data[i:i + 64] one of the pairs begins, letters in any case; the last may end one byte later."""
    cookies = in_any_case(data, i, LETTER_O) & in_any_case(data, i + 1, LETTER_K)
    privacy = in_any_case(data, i, LETTER_V) & in_any_case(data, i + 1, LETTER_A)
    terms = (in_any_case(data, i, LETTER_M) | in_any_case(data, i, LETTER_P)) & in_any_case(data, i + 1, LETTER_S)
    return cookies | privacy | terms


@inner
def is_phrase(data, i, end, number, content, starts):
    """Does data[i:end] begin with content[starts[number]:starts[number + 1]], ASCII letters in any case?"""
    first, size = starts[number], starts[number + 1] - starts[number]
    if i + size > end:
        return False
    for k in range(size):
        byte = data[i + k]
        if byte != content[first + k] and not (65 <= byte <= 90 and byte + 32 == content[first + k]):
            return False
    return True


@called
def count_at_pair(data, place, start, end, row):
    """Count the phrase of data[start:end] whose pair is at `place`, if one is there."""
    for number in range(len(PHRASES)):
        i = place - BEFORE_PAIR[number]
        if i >= start and is_phrase(data, i, end, number, CONTENT, STARTS):
            if number == 0:
                row[LOREM_IPSUM] = 1
            elif number == 1:
                row[JAVASCRIPT] = 1
            else:
                row[POLICY] += 1


@called
def count_phrases(data, start, end, row):
    """Phrases and marks that C4 looks for."""
    for i in range(start, end, BYTES):
        row[BRACES] += ones(up_to(between(data, i, BRACE, BRACE), end - i))
        found = up_to(pairs(data, i), end - i)
        while found:
            count_at_pair(data, i + first_bit(found), start, end, row)
            found &= found - ONE
    if end > start:
        three_stops = end - start > 2 and data[end - 1] == STOP and data[end - 2] == STOP and data[end - 3] == STOP
        row[ENDED] = data[end - 1] in ENDS and not three_stops
        row[ENDED_STRICTLY] = row[ENDED] and data[end - 1] != APOSTROPHE
