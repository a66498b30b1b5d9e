"""The units that shingles are made of, words or characters, read one after the other out of UTF-8 bytes.

Nothing is kept of a text: a kernel holds what it needs of the last few units. `rules` is the folding table and whether units
are characters. `folded` takes the folded bytes where `at`, the place to write, is not negative: the words joined by one space,
and that space is a character too. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.folding import ALONE, DROPPED, SEPARATES
from corpus_forge.text.eight import ALL, CASE, eight, first_byte, not_letters
from corpus_forge.text.kernel import inner
from corpus_forge.text.utf8 import code_point, width

BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
MIX_1, MIX_2, S33 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53), np.uint64(33)
S32, ZERO = np.uint64(32), np.uint64(0)
BEYOND_ASCII = np.uint64(1 << 63)
"""Set in the chunk of a letter beyond ASCII; a chunk of ASCII letters has it clear."""
LETTER = np.uint32(0x1FFFFF)
SPACE, UPPER_A = 32, 65


@inner
def mix(value):
    """The finalizer of MurmurHash3, 64 bit."""
    value ^= value >> S33
    value *= MIX_1
    value ^= value >> S33
    value *= MIX_2
    return value ^ (value >> S33)


@inner
def put(folded, at, point):
    """Write a character as UTF-8; where it ends."""
    if point < 0x80:
        folded[at] = point
        return at + 1
    if point < 0x800:
        folded[at] = 0xC0 | (point >> 6)
    else:
        if point < 0x10000:
            folded[at] = 0xE0 | (point >> 12)
        else:
            folded[at] = 0xF0 | (point >> 18)
            at += 1
            folded[at] = 0x80 | ((point >> 12) & 0x3F)
        at += 1
        folded[at] = 0x80 | ((point >> 6) & 0x3F)
    folded[at + 1] = 0x80 | (point & 0x3F)
    return at + 2


@inner
def skip_separators(data, i, end, fold):
    """Where the next character that counts begins, and whether anything separates it from what was before."""
    separated = False
    while i < end:
        target = fold[code_point(data, i, end)]
        if target == SEPARATES:
            separated = True
        elif target != DROPPED:
            break
        i += width(data, i, end)
    return i, separated


@inner
def joined(value, chunk):
    """The hash of what came before, and one more chunk."""
    value = (value ^ chunk) * MIX_1
    return value ^ (value >> S32)


@inner
def with_letter(value, chunk, filled, letter):
    """The hash of the whole chunks of a word, the chunk that is not whole yet, and its bytes, after one more folded letter."""
    if letter >= 0x80:
        if filled:
            value = joined(value, chunk)
        return joined(value, np.uint64(letter) | BEYOND_ASCII), ZERO, 0
    chunk |= np.uint64(letter) << np.uint64(8 * filled)
    if filled == 7:
        return joined(value, chunk), ZERO, 0
    return value, chunk, filled + 1


@inner
def with_ascii(data, i, end, case, value):
    """The same after all ASCII letters from i on, eight at a time, and where they end; `case` is set in each of their bytes."""
    while True:
        some = eight(data, i)
        count = min(first_byte(not_letters(some)), end - i)
        i += count
        if count < 8:
            return i, value, (some | case) & ~(ALL << np.uint64(8 * count)), count
        value = joined(value, some | case)


@inner
def read_word(data, i, end, fold, folded, at):
    """The word that begins at i: where it ends, its hash, and where it ends in `folded`.

    What is hashed is the word in chunks: up to eight ASCII letters, or one letter beyond ASCII.
    """
    value, chunk, filled, seen = BASIS, ZERO, 0, False
    case = CASE if fold[UPPER_A] != UPPER_A else ZERO
    while i < end:
        if at < 0 and filled == 0:
            first = i
            i, value, chunk, filled = with_ascii(data, i, end, case, value)
            seen |= i > first
            if i >= end:
                break
        target = fold[code_point(data, i, end)]
        if target == SEPARATES:
            break
        if target != DROPPED:
            is_alone = target & ALONE != 0
            if is_alone and seen:
                break
            letter = target & LETTER
            value, chunk, filled = with_letter(value, chunk, filled, letter)
            at = put(folded, at, letter) if at >= 0 else at
            seen = True
            if is_alone:
                i += width(data, i, end)
                break
        i += width(data, i, end)
    return i, mix(joined(value, chunk) if filled else value), at


@inner
def next_unit(data, i, end, rules, is_first, folded, at):
    """The next unit from i on: where it ends, its hash, where it ends in `folded`, and whether there is one."""
    fold, by_character = rules
    i, separated = skip_separators(data, i, end, fold)
    if i >= end:
        return i, np.uint64(0), at, False
    if not is_first and (separated or not by_character):
        at = put(folded, at, SPACE) if at >= 0 else at
        if by_character:
            return i, mix(np.uint64(SPACE)), at, True
    if not by_character:
        i, value, at = read_word(data, i, end, fold, folded, at)
        return i, value, at, True
    letter = fold[code_point(data, i, end)] & LETTER
    at = put(folded, at, letter) if at >= 0 else at
    return i + width(data, i, end), mix(np.uint64(letter)), at, True
