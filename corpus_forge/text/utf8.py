"""Reading UTF-8 inside kernels: one character at a time, forwards and backwards.

Arrow promises valid UTF-8. These functions are total anyway: a byte sequence that breaks the promise reads as U+FFFD or as
some other character, never past `end`. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.kernel import inner

REPLACEMENT = 0xFFFD


@inner
def width(data, i, end):
    """Bytes of the character at i, not past end."""
    byte = data[i]
    if byte < 0x80:
        return 1
    size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    return min(size, end - i)


@inner
def code_point(data, i, end):
    """Code point of the character at i."""
    byte = int(data[i])
    if byte < 0x80:
        return byte
    size = width(data, i, end)
    if byte < 0xE0 and size == 2:
        return ((byte & 0x1F) << 6) | (int(data[i + 1]) & 0x3F)
    if 0xE0 <= byte < 0xF0 and size == 3:
        return ((byte & 0x0F) << 12) | ((int(data[i + 1]) & 0x3F) << 6) | (int(data[i + 2]) & 0x3F)
    if byte < 0xF0 or size < 4:
        return REPLACEMENT
    high = ((byte & 0x07) << 18) | ((int(data[i + 1]) & 0x3F) << 12)
    found = high | ((int(data[i + 2]) & 0x3F) << 6) | (int(data[i + 3]) & 0x3F)
    return found if found < 0x110000 else REPLACEMENT


@inner
def previous(data, i, start):
    """Where the character before i begins; i must be greater than start."""
    j = i - 1
    while j > start and i - j < 4 and (data[j] & 0xC0) == 0x80:
        j -= 1
    return j


@inner
def flags_at(classes, data, i, end):
    """Class flags of the character at i, 0 at the end."""
    if i >= end:
        return 0
    return int(classes[code_point(data, i, end)])


@inner
def flags_before(classes, data, i, start):
    """Class flags of the character before i, 0 at the start."""
    if i <= start:
        return 0
    return int(classes[code_point(data, previous(data, i, start), i)])


@inner
def is_digit(data, i, start, end):
    """Is there an ASCII digit at i?"""
    return start <= i < end and 48 <= data[i] <= 57
