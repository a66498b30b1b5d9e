"""Landmarks of a text as bitmaps: where lines break, where white space is, where characters begin.

Scans that look at every byte ask sixty-four at a time; `eight.py` is for short pieces, where most of sixty-four bytes would be
asked in vain. Masks are those of valid UTF-8; of broken bytes they say something, but of none past the end of the buffer.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bitmaps import BYTES, NONE, ONE, between, ones, up_to
from corpus_forge.text.kernel import inner

TWO, LAST_BUT_ONE, LAST = (np.uint64(number) for number in (2, 62, 63))


@inner
def is_byte(data, i, byte):
    """Mask of the bytes data[i:i + 64] that are `byte`."""
    return between(data, i, byte, byte)


@inner
def ellipses(data, i):
    """Mask of the U+2026 that begin in data[i:i + 64]."""
    return is_byte(data, i, 0xE2) & is_byte(data, i + 1, 0x80) & is_byte(data, i + 2, 0xA6)


@inner
def breaks(data, i):
    """Mask of where the line breaks of `str.splitlines` begin in data[i:i + 64]; in valid UTF-8."""
    mask = between(data, i, 10, 13) | between(data, i, 28, 30)
    if between(data, i, 0xC2, 0xE2) != NONE:
        next_lines = is_byte(data, i, 0xC2) & is_byte(data, i + 1, 0x85)
        mask |= next_lines | (is_byte(data, i, 0xE2) & is_byte(data, i + 1, 0x80) & between(data, i + 2, 0xA8, 0xA9))
    return mask


@inner
def wide_spaces(data, i):
    """(mask of white space of two bytes, of three bytes) that begins in data[i:i + 64]."""
    second, third = is_byte(data, i + 1, 0x80), is_byte(data, i + 2, 0x80)
    two = is_byte(data, i, 0xC2) & (is_byte(data, i + 1, 0x85) | is_byte(data, i + 1, 0xA0))
    general = between(data, i + 2, 0x80, 0x8A) | between(data, i + 2, 0xA8, 0xA9) | is_byte(data, i + 2, 0xAF)
    three = is_byte(data, i, 0xE2) & ((second & general) | (is_byte(data, i + 1, 0x81) & is_byte(data, i + 2, 0x9F)))
    three |= is_byte(data, i, 0xE3) & second & third
    three |= is_byte(data, i, 0xE1) & is_byte(data, i + 1, 0x9A) & third
    return two, three


@inner
def spaces(data, i, spilled):
    """Mask of the bytes of data[i:i + 64] that belong to white space, as `str.isspace` knows it, in valid UTF-8.

    spilled: those that belong to white space which began before i. And those of the next 64 that belong to what begins here.
    """
    mask = between(data, i, 9, 13) | between(data, i, 28, 32)
    if between(data, i, 0xC2, 0xE3) == NONE:
        return mask | spilled, NONE
    two, three = wide_spaces(data, i)
    both = two | three
    return mask | spilled | both | (both << ONE) | (three << TWO), (both >> LAST) | (three >> LAST_BUT_ONE)


@inner
def is_ascii(data, start, end):
    """Are all bytes of data[start:end] ASCII?"""
    i = start
    while i < end:
        if up_to(between(data, i, 0x80, 0xFF), end - i) != NONE:
            return False
        i += BYTES
    return True


@inner
def count_chars(data, start, end):
    """Characters of data[start:end]: bytes that continue none."""
    chars = end - start
    i = start
    while i < end:
        chars -= ones(up_to(between(data, i, 0x80, 0xBF), end - i))
        i += BYTES
    return chars
