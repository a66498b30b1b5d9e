"""Hashes of bytes inside kernels, and the open-addressing set of them that repetition is counted with.

Two texts of the same hash are taken for equal. The polynomial over the prime 2^61 - 1 says so wrongly of two different texts of
L bytes with a chance of L / 2^63: among 10,000 words some 1e-9. It costs a multiplication for every seven bytes and
lets hashes of neighbouring words be joined without reading them again. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from corpus_forge.text.eight import continuations, eight, leading, marked
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.landmarks import count_chars

PRIME = np.uint64((1 << 61) - 1)
BASE, BASE_2, BASE_3, BASE_4 = (np.uint64(pow(0x1B873593CC9E2D51, power, (1 << 61) - 1)) for power in range(1, 5))
ZERO, ONE = np.uint64(0), np.uint64(1)
LOW_SHIFT, HIGH_SHIFT = np.uint64(61), np.uint64(3)
SCATTER = np.uint64(0x9E3779B97F4A7C15)
CHUNK_BYTES, CHUNK_BITS, CHUNK = 7, np.uint64(56), np.uint64((1 << 56) - 1)
HALF = np.uint64(32)


@intrinsic
def high_product(typing_context, left, right):  # noqa: ARG001 - numba's protocol
    """Upper 64 bits of the product of two uint64."""

    def build(context, builder, signature, arguments):  # noqa: ARG001 - numba's protocol
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), build


@inner
def reduced(value):
    """Value modulo PRIME, for value < 2 * PRIME."""
    return value - PRIME if value >= PRIME else value


@inner
def product(left, right):
    """Left * right modulo PRIME, both below it."""
    low = left * right
    high = high_product(left, right)  # type: ignore[call-arg, var-annotated]
    return reduced(reduced(low & PRIME) + ((low >> LOW_SHIFT) | (high << HIGH_SHIFT)))


@inner
def joined(left, power, right):
    """Left * power + right modulo PRIME: the next step of the polynomial."""
    return reduced(product(left, power) + right)


@inner
def hash_bytes(data, start, end):
    """Hash of data[start:end], and its characters: seven bytes a multiplication, and none for the first seven.

    Up to seven bytes the hash is the bytes themselves and their number: two such words of one hash are equal.
    """
    size = end - start
    word = leading(eight(data, start), size) & CHUNK if size else ZERO
    value = (np.uint64(size & 31) << CHUNK_BITS) | word
    chars = size - marked(continuations(word))
    if size <= CHUNK_BYTES:
        return value, chars
    i = start + CHUNK_BYTES
    while i < end:
        word = leading(eight(data, i), end - i) & CHUNK
        chars -= marked(continuations(word))
        value = joined(value, BASE, word)
        i += CHUNK_BYTES
    return joined(value, BASE, np.uint64(size)), chars


@inner
def chunk(data, i):
    """Seven bytes of data from i on, as a number; there are as many."""
    return eight(data, i) & CHUNK


@called
def hash_long(data, start, end):
    """As hash_bytes, of a line or more: four chunks in a step, whose multiplications need not wait for one another."""
    i = start + CHUNK_BYTES
    if i >= end:
        return hash_bytes(data, start, end)
    value = (np.uint64((end - start) & 31) << CHUNK_BITS) | chunk(data, start)
    while i + 4 * CHUNK_BYTES <= end:
        first, second = product(value, BASE_4), product(chunk(data, i), BASE_3)
        third, fourth = product(chunk(data, i + CHUNK_BYTES), BASE_2), product(chunk(data, i + 2 * CHUNK_BYTES), BASE)
        total = first + second + third + fourth + chunk(data, i + 3 * CHUNK_BYTES)
        value = reduced((total & PRIME) + (total >> LOW_SHIFT))
        i += 4 * CHUNK_BYTES
    while i < end:
        value = joined(value, BASE, leading(eight(data, i), end - i) & CHUNK)
        i += CHUNK_BYTES
    return joined(value, BASE, np.uint64(end - start)), count_chars(data, start, end)


@inner
def cleared(keys, entries):
    """Make the set empty, with room for so many entries or all of `keys`, a power of two of slots; its mask."""
    slots = 16
    while slots < 2 * entries and slots < len(keys):
        slots *= 2
    for slot in range(slots):
        keys[slot] = ZERO
    return slots - 1


@inner
def slot_of_hash(keys, mask, value):
    """Where value + 1 lies in the set or would lie: keys there is 0 if it is not in it."""
    key = value + ONE
    mixed = key * SCATTER
    slot = np.int64((mixed >> HALF) & np.uint64(mask))
    found = keys[slot]
    # One question, not two: whether a slot is empty or the value's own is anybody's guess, that it is one of both is not.
    while (found != ZERO) & (found != key):
        slot = (slot + 1) & mask
        found = keys[slot]
    return slot
