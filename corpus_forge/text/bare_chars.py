"""Characters of a bare line, the words that white space parts, and the longest of them, sixty-four bytes at a time.

What ASCII is, bitmaps say; only characters beyond it are looked at one by one, and only words with more bytes than the longest
so far are counted in characters. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bare_counts import BareCount
from corpus_forge.text.bitmaps import ALL, BYTES, NONE, ONE, between, first_bit, ones, up_to
from corpus_forge.text.eight import count_chars
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.letters import DIGIT, UPPERCASE, WHITE
from corpus_forge.text.utf8 import code_point, width

WORDS, LONGEST_WORD, CHARS = int(BareCount.WORDS), int(BareCount.LONGEST_WORD), int(BareCount.CHARS)
UPPERCASE_CHARS, DIGITS = int(BareCount.UPPERCASE), int(BareCount.DIGITS)


@inner
def ascii_white(data, i):
    """Which of data[i:i + 64] are the white space of ASCII."""
    return between(data, i, 32, 32) | between(data, i, 9, 13) | between(data, i, 28, 31)


@called
def count_beyond_ascii(data, i, firsts, end, letters, row):
    """Capitals and digits among the characters that begin at those of data[i:i + 64].

    Which bytes are of white space: bits of these 64 bytes, and of the 64 behind them.
    """
    white = spilt = NONE
    while firsts:
        at = first_bit(firsts)
        point, size = code_point(data, i + at, end), width(data, i + at, end)
        row[UPPERCASE_CHARS] += letters[point] & UPPERCASE != 0
        row[DIGITS] += letters[point] & DIGIT != 0
        if letters[point] & WHITE:
            white |= up_to(ALL, size) << np.uint64(at)
            spilt |= up_to(ALL, max(at + size - BYTES, 0))
        firsts &= firsts - ONE
    return white, spilt


@inner
def chars_of_word(data, start, end, longest, plain):
    """Characters of data[start:end], or its bytes where these are as many, or no more than `longest`."""
    return end - start if plain or end - start <= longest else count_chars(data, start, end)


@inner
def longest_ended(data, i, white, word, longest, plain):
    """Characters of the longest word and where the last one begins, behind the white space in data[i:i + 64]."""
    while white:
        at = i + first_bit(white)
        longest = max(longest, chars_of_word(data, word, at, longest, plain))
        word = at + 1
        white &= white - ONE
    return longest, word


@called
def count_bare_chars(data, start, end, letters, row):
    """Fill the columns of characters and of words."""
    words, longest, word, before, spilt = 0, 0, start, ONE, NONE
    chars, capitals, digits = end - start, 0, 0
    for i in range(start, end, BYTES):
        inside = up_to(ALL, end - i)
        white = ascii_white(data, i) & inside | spilt
        spilt = NONE
        beyond = between(data, i, 0x80, 0xFF) & inside
        if beyond:
            firsts = between(data, i, 0xC0, 0xFF) & inside
            chars -= ones(beyond & ~firsts)
            found, spilt = count_beyond_ascii(data, i, firsts, end, letters, row)
            white |= found
        capitals += ones(between(data, i, 65, 90) & inside)
        digits += ones(between(data, i, 48, 57) & inside)
        words += ones(~white & (white << ONE | before) & inside)
        before = white >> np.uint64(BYTES - 1)
        longest, word = longest_ended(data, i, white, word, longest, chars == end - start)
    row[LONGEST_WORD] = max(longest, chars_of_word(data, word, end, longest, chars == end - start))
    row[WORDS], row[CHARS] = words, chars
    row[UPPERCASE_CHARS] += capitals
    row[DIGITS] += digits
