"""Character references: the standard's 2,231 names and numbers, decoded into UTF-8. Imports numba: inside functions only.

The longest name that matches is taken, as the standard demands; without `;` only those 106 that it lists. Names are known by
their hash (a test checks that no two share one), which grows by a byte a step: no more steps than the longest name has. https://html.spec.whatwg.org/#named-character-references
"""

from __future__ import annotations

from html.entities import html5

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.tables import CLASSES, DIGIT, FNV_OFFSET, FNV_PRIME, LOWER

LONGEST = 6
"""Bytes that a reference decodes to at most (`&nGt;`, itself 5 bytes long)."""
MAX_NAME = max(map(len, html5))
REPLACEMENT = 0xFFFD
OFFSET, PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
SEMICOLON, ZERO, ONE = ord(";"), np.uint64(0), np.uint64(1)


def hash_exact(name: str) -> int:
    """FNV-1a of a name as it is written: `&Auml;` is not `&auml;`."""
    value = FNV_OFFSET
    for byte in name.encode():
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value


def _table(slots: int = 8192) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(keys uint64[slots], 0 for none; lengths uint8[slots]; texts uint8[slots, LONGEST])."""
    keys, lengths, texts = np.zeros(slots, np.uint64), np.zeros(slots, np.uint8), np.zeros((slots, LONGEST), np.uint8)
    for name, text in sorted(html5.items()):
        key = hash_exact(name)
        slot = key & (slots - 1)
        while keys[slot]:
            slot = (slot + 1) & (slots - 1)
        encoded = text.encode()
        keys[slot], lengths[slot] = key, len(encoded)
        texts[slot, : len(encoded)] = list(encoded)
    return keys, lengths, texts


KEYS, LENGTHS, TEXTS = _table()
MASK = np.uint64(len(KEYS) - 1)
WINDOWS_1252 = np.array([ord(bytes([byte]).decode("cp1252", "replace")) for byte in range(128, 160)], np.int32)
"""What `&#128;` to `&#159;` mean, by decree of the standard; the five without a character stay what they are."""
WINDOWS_1252[WINDOWS_1252 == REPLACEMENT] = [129, 141, 143, 144, 157]


@inner
def slot_of(value):
    """Slot of the name with this hash, -1 for none."""
    slot = value & MASK
    while KEYS[slot] != ZERO:
        if KEYS[slot] == value:
            return np.int64(slot)
        slot = (slot + ONE) & MASK
    return -1


@called
def decode_reference(data, i, end, out):
    """Decode the reference at data[i] == '&' into out[0:LONGEST]: (position after it, bytes written); no reference: (i, 0)."""
    if i + 1 >= end:
        return i, 0
    if data[i + 1] == 35:
        return decode_number(data, i, end, out)
    value, found, stop = OFFSET, -1, i
    for j in range(i + 1, min(end, i + 1 + MAX_NAME)):
        if not LOWER <= CLASSES[data[j]] <= DIGIT and data[j] != SEMICOLON:
            break
        value = (value ^ np.uint64(data[j])) * PRIME
        slot = slot_of(value)
        if slot >= 0:
            found, stop = slot, j + 1
        if data[j] == SEMICOLON:
            break
    if found < 0:
        return i, 0
    length = int(LENGTHS[found])
    for k in range(length):
        out[k] = TEXTS[found, k]
    return stop, length


@called
def decode_number(data, i, end, out):
    """The same for `&#…` and `&#x…`; the semicolon may be missing."""
    j = i + 2
    base = 10
    if j < end and data[j] | 32 == 120:
        base, j = 16, j + 1
    first, value = j, 0
    while j < end:
        byte = data[j]
        digit = byte - 48 if 48 <= byte <= 57 else (byte | 32) - 87 if 97 <= byte | 32 <= 102 else 99
        if digit >= base:
            break
        value = min(value * base + digit, 0x110000)
        j += 1
    if j == first:
        return i, 0
    if j < end and data[j] == 59:
        j += 1
    if 128 <= value < 160:
        value = WINDOWS_1252[value - 128]
    if value == 0 or value > 0x10FFFF or 0xD800 <= value < 0xE000:
        value = REPLACEMENT
    return j, encode(value, out)


@called
def encode(value, out):
    """Write a code point as UTF-8 to out; bytes written."""
    if value < 0x80:
        out[0] = value
        return 1
    if value < 0x800:
        out[0], out[1] = 0xC0 | value >> 6, 0x80 | value & 63
        return 2
    if value < 0x10000:
        out[0], out[1], out[2] = 0xE0 | value >> 12, 0x80 | value >> 6 & 63, 0x80 | value & 63
        return 3
    out[0], out[1], out[2], out[3] = 0xF0 | value >> 18, 0x80 | value >> 12 & 63, 0x80 | value >> 6 & 63, 0x80 | value & 63
    return 4
