"""Eight bytes at a time: what kernels ask of a whole machine word instead of each of its bytes.

A question is answered by the high bit of each byte, so that `first_byte` says where the first yes is; no carry crosses from
one byte into the next, so every byte's answer is exact. Reading past the end of the buffer gives zero bytes, never memory.
Words are read lowest byte first, as on every machine that numba compiles for here. Imports numba: import inside functions only.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from corpus_forge.text.kernel import inner

ONES, HIGH, LOW = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080), np.uint64(0x7F7F7F7F7F7F7F7F)
CASE, FROM_A, PAST_Z = np.uint64(0x2020202020202020), np.uint64(0x1F1F1F1F1F1F1F1F), np.uint64(0x0505050505050505)
FROM_EXCLAMATION, FROM_BLANK = np.uint64(0x5F5F5F5F5F5F5F5F), np.uint64(0x6060606060606060)
FROM_ZERO, PAST_NINE = np.uint64(0x5050505050505050), np.uint64(0x4646464646464646)
ZERO, ONE, SEVEN, TOP = np.uint64(0), np.uint64(1), np.uint64(7), np.uint64(56)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@intrinsic
def loaded(typing_context, data, place):  # noqa: ARG001 - numba's protocol
    """uint64 of the eight bytes at `place` of a uint8 array, aligned or not; the caller has looked at the bounds."""

    def build(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(array.data, [arguments[1]])
        return builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(data, types.int64), build


@intrinsic
def trailing_zeros(typing_context, value):  # noqa: ARG001 - numba's protocol
    """How many low bits of a uint64 are 0; 64 for 0."""

    def build(context, builder, signature, arguments):  # noqa: ARG001 - numba's protocol
        return builder.cttz(arguments[0], cgutils.false_bit)

    return types.int64(types.uint64), build


@intrinsic
def moved(typing_context, data, start, out, at, size):  # noqa: ARG001 - numba's protocol
    """Copy data[start:start + size] to out[at:], overlapping or not; the caller has looked at the bounds."""

    def build(context, builder, signature, arguments):
        source, target = (context.make_array(signature.args[k])(context, builder, arguments[k]) for k in (0, 2))
        places = builder.gep(target.data, [arguments[3]]), builder.gep(source.data, [arguments[1]])
        cgutils.raw_memmove(builder, *places, arguments[4], 1)
        return context.get_dummy_value()

    return types.none(data, types.int64, out, types.int64, types.int64), build


@inner
def eight(data, i):
    """The bytes data[i:i + 8], zeros past the end of the buffer."""
    if i + 8 <= len(data):
        return loaded(data, i)  # type: ignore[call-arg]
    value = ZERO
    for k in range(len(data) - 1, i - 1, -1):
        value = (value << np.uint64(8)) | np.uint64(data[k])
    return value


@inner
def leading(value, count):
    """The first `count` bytes of eight, the others 0; count > 0."""
    return value if count >= 8 else value & (ALL >> np.uint64(64 - 8 * count))


@inner
def first_byte(marks):
    """Index of the first byte that is marked, 8 for none."""
    return trailing_zeros(marks) >> 3  # type: ignore[call-arg]


@inner
def marked(marks):
    """How many bytes are marked."""
    return np.int64(((marks >> SEVEN) * ONES) >> TOP)


@inner
def not_letters(value):
    """Marks bytes other than ASCII letters."""
    lower = (value | CASE) & LOW
    return (~(lower + FROM_A) | (lower + PAST_Z) | value) & HIGH


@inner
def not_ink(value):
    """Marks bytes other than 33 to 127: white space, controls, and all beyond ASCII."""
    return (~((value & LOW) + FROM_EXCLAMATION) | value) & HIGH


@inner
def controls(value):
    """Marks bytes below 32."""
    return ~((value & LOW) + FROM_BLANK) & ~value & HIGH


@inner
def digits(value):
    """Marks ASCII digits."""
    low = value & LOW
    return (low + FROM_ZERO) & ~(low + PAST_NINE) & ~value & HIGH


@inner
def equal(value, byte):
    """Marks bytes that are `byte`, a uint8 constant times ONES."""
    other = value ^ byte
    return ~(((other & LOW) + LOW) | other) & HIGH


@inner
def continuations(value):
    """Marks bytes that continue a character of UTF-8: 0x80 to 0xBF."""
    return value & ~(value << ONE) & HIGH


@inner
def count_chars(data, start, end):
    """Characters of data[start:end]: bytes that continue none."""
    chars = end - start
    i = start
    while i < end:
        chars -= marked(continuations(leading(eight(data, i), end - i)))
        i += 8
    return chars


@inner
def count_byte(data, start, end, wanted):
    """How often a byte is in data[start:end]. `wanted`: the byte times ONES, not 0."""
    count = 0
    i = start
    while i < end:
        count += marked(equal(leading(eight(data, i), end - i), wanted))
        i += 8
    return count


@inner
def find_byte(data, i, end, wanted):
    """Where the byte is first from i on, or end. `wanted`: the byte times ONES."""
    while i < end:
        at = first_byte(equal(eight(data, i), wanted))
        if at < 8:
            return min(i + at, end)
        i += 8
    return end
