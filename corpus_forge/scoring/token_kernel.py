"""Tokens as fastText reads them: what lies between white space of ASCII and NUL, with the hash that its n-grams are made of.

A literal `</s>` ends a text and a token that begins with `__label__` is none, as in fastText's reader: what a classifier was
trained on is then what it sees later. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.kernel import inner, kernel

BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
FNV_BASIS, FNV_PRIME = np.uint32(2166136261), np.uint32(16777619)
LABEL, END = b"__label__", b"</s>"
LABEL_BYTES, END_BYTES = np.frombuffer(LABEL, np.uint8).copy(), np.frombuffer(END, np.uint8).copy()
SIGNED = np.uint32(0xFFFFFF00)


@inner
def is_space(byte):
    """Blank, tab, newline, vertical tab, form feed, carriage return or NUL."""
    return byte == 32 or 9 <= byte <= 13 or byte == 0


@inner
def begins_with(data, start, end, word):
    """Does data[start:end] begin with these bytes?"""
    matched = 0
    while matched < len(word) and start + matched < end and data[start + matched] == word[matched]:
        matched += 1
    return matched == len(word)


@inner
def hashes_of(data, start, end):
    """(FNV-1a of 64 bits, which names the word; fastText's FNV-1a of 32 bits, which takes bytes for signed)."""
    key, value = BASIS, FNV_BASIS
    for i in range(start, end):
        byte = data[i]
        key = (key ^ np.uint64(byte)) * PRIME
        value = np.uint32((value ^ np.uint32(byte | SIGNED if byte >= 128 else byte)) * FNV_PRIME)
    return key, value


@kernel
def count_tokens(data, offsets):
    """At least as many as `read_tokens` finds, the end of each text included."""
    count = 0
    for text in range(len(offsets) - 1):
        before = True
        for i in range(offsets[text], offsets[text + 1]):
            space = is_space(data[i])
            count += before and not space
            before = space
        count += 1
    return count


@kernel
def read_tokens(data, offsets, out, ends):
    """Write the tokens of each text, the last of which is `</s>`; how many.

    out: uint64[t] keys, int32[t] hashes, int64[t] where they begin (-1 for `</s>`), int32[t] how long they are.
    ends: int64[n + 1], where the tokens of each text end.
    """
    keys, hashes, starts, lengths = out
    end_key, end_hash = hashes_of(END_BYTES, 0, len(END_BYTES))
    count = 0
    ends[0] = 0
    for text in range(len(offsets) - 1):
        i, stop = offsets[text], offsets[text + 1]
        while i < stop:
            if is_space(data[i]):
                i += 1
                continue
            start = i
            while i < stop and not is_space(data[i]):
                i += 1
            if i - start == len(END_BYTES) and begins_with(data, start, i, END_BYTES):
                break
            if not begins_with(data, start, i, LABEL_BYTES):
                key, value = hashes_of(data, start, i)
                keys[count], hashes[count] = key, np.int32(value)
                starts[count], lengths[count] = start, i - start
                count += 1
        keys[count], hashes[count], starts[count], lengths[count] = end_key, np.int32(end_hash), -1, len(END_BYTES)
        count += 1
        ends[text + 1] = count
    return count
