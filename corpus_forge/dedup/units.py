"""The units that shingles are made of, words or characters, read one after the other out of UTF-8 bytes.

Nothing is kept of a text: a kernel holds what it needs of the last few units. `rules` is the folding table and whether units
are characters. `folded` takes the folded bytes where `at`, the place to write, is not negative: the words joined by one space,
and that space is a character too. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.folding import ALONE, DROPPED, SEPARATES
from corpus_forge.text.kernel import inner
from corpus_forge.text.utf8 import code_point, width

BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
MIX_1, MIX_2, S33 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53), np.uint64(33)
LETTER = np.uint32(0x1FFFFF)
SPACE = 32


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
def skip_ascii(data, i, end, fold, value):
    """ASCII characters of a word from i on, none of which is dropped or a word by itself: where they end, and the hash."""
    while i < end:
        byte = np.uint64(data[i])
        target = fold[byte]
        if byte >= 0x80 or target == SEPARATES:
            break
        value = (value ^ np.uint64(target)) * PRIME
        i += 1
    return i, value


@inner
def read_word(data, i, end, fold, folded, at):
    """The word that begins at i: where it ends, its hash (FNV-1a of its code points, mixed), and where it ends in `folded`."""
    value = BASIS
    while i < end:
        if at < 0:
            i, value = skip_ascii(data, i, end, fold, value)
            if i >= end:
                break
        target = fold[code_point(data, i, end)]
        if target == SEPARATES:
            break
        if target != DROPPED:
            is_alone = target & ALONE != 0
            if is_alone and value != BASIS:
                break
            letter = target & LETTER
            value = (value ^ np.uint64(letter)) * PRIME
            at = put(folded, at, letter) if at >= 0 else at
            if is_alone:
                i += width(data, i, end)
                break
        i += width(data, i, end)
    return i, mix(value), at


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
