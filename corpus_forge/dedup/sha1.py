"""SHA-1 inside kernels (FIPS 180-4), of which datasketch takes the first four bytes as a shingle's hash.

No security hangs on it: it is here to give the same signatures as datasketch without a Python object a shingle.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.kernel import inner

MASK = 0xFFFFFFFF


@inner
def rotated(value, bits):
    """Rotated to the left, 32 bit."""
    return ((value << bits) | (value >> (32 - bits))) & MASK


@inner
def padded_byte(data, begin, length, total, position):
    """Byte `position` of the padded message: the data, 0x80, zeros, and the length in bits at the end."""
    if position < length:
        return int(data[begin + position])
    if position == length:
        return 0x80
    if position >= total - 8:
        return ((length * 8) >> (8 * (total - 1 - position))) & 0xFF
    return 0


@inner
def mixed(step, b, c, d):
    """The round's function and constant."""
    if step < 20:
        return ((b & c) | ((b ^ MASK) & d)) + 0x5A827999
    if step < 40:
        return (b ^ c ^ d) + 0x6ED9EBA1
    if step < 60:
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
    return (b ^ c ^ d) + 0xCA62C1D6


@inner
def sha1_word(data, begin, stop, words):
    """The first four bytes of SHA-1 of data[begin:stop], little-endian. words: int64[80], scratch."""
    h0, h1, h2, h3, h4 = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0
    length = stop - begin
    total = (length + 8) // 64 * 64 + 64
    for chunk in range(0, total, 64):
        for t in range(16):
            word = 0
            for k in range(4):
                word = (word << 8) | padded_byte(data, begin, length, total, chunk + 4 * t + k)
            words[t] = word
        for t in range(16, 80):
            words[t] = rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1)
        a, b, c, d, e = h0, h1, h2, h3, h4
        for t in range(80):
            turned = (rotated(a, 5) + mixed(t, b, c, d) + e + words[t]) & MASK
            e, d, c, b, a = d, c, rotated(b, 30), a, turned
        h0, h1, h2, h3, h4 = (h0 + a) & MASK, (h1 + b) & MASK, (h2 + c) & MASK, (h3 + d) & MASK, (h4 + e) & MASK
    return ((h0 & 0xFF) << 24) | ((h0 & 0xFF00) << 8) | ((h0 >> 8) & 0xFF00) | (h0 >> 24)
