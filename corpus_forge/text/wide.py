"""Sixty-four bytes at a time: bit k of a mask answers a question about byte k.

What the processor's wide registers do in a handful of instructions, for scans that look at every byte: where lines break, where
words begin, how many characters there are. `eight.py` is for short pieces, where most of sixty-four bytes would be asked in vain.
Bytes past the end of the buffer are in no range. Imports numba: import inside functions only.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from corpus_forge.text.eight import trailing_zeros
from corpus_forge.text.kernel import called, inner

BYTES = 64
NONE, ONE, TWO, LAST_BUT_ONE, LAST = (np.uint64(number) for number in (0, 1, 2, 62, 63))


@intrinsic
def loaded_between(typing_context, data, place, first, last):  # noqa: ARG001 - numba's protocol
    """Mask of the bytes data[place:place + 64] from `first` to `last`; the caller has looked at the bounds."""
    byte, wide = ir.IntType(8), ir.VectorType(ir.IntType(8), BYTES)

    def all_of(builder, value):
        lane = builder.insert_element(ir.Constant(wide, ir.Undefined), builder.trunc(value, byte), ir.IntType(32)(0))
        return builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(ir.IntType(32), BYTES), [0] * BYTES))

    def build(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.bitcast(builder.gep(array.data, [arguments[1]]), wide.as_pointer())
        found = builder.sub(builder.load(pointer, align=1), all_of(builder, arguments[2]))
        inside = builder.icmp_unsigned("<=", found, all_of(builder, builder.sub(arguments[3], arguments[2])))
        return builder.bitcast(inside, ir.IntType(BYTES))

    return types.uint64(data, types.int64, types.int64, types.int64), build


@intrinsic
def ones(typing_context, mask):  # noqa: ARG001 - numba's protocol
    """How many bits of a uint64 are 1."""

    def build(context, builder, signature, arguments):  # noqa: ARG001 - numba's protocol
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), build


@intrinsic
def last_ones(typing_context, mask):  # noqa: ARG001 - numba's protocol
    """How many of the highest bits of a uint64 are 1, up to the first 0."""

    def build(context, builder, signature, arguments):  # noqa: ARG001 - numba's protocol
        return builder.ctlz(builder.not_(arguments[0]), ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), build


@called
def looked_up_between(data, i, first, last):
    """As `between`, byte by byte: at the end of the buffer."""
    mask = NONE
    for k in range(len(data) - 1, i - 1, -1):
        mask = (mask << ONE) | np.uint64(first <= data[k] <= last)
    return mask


@inner
def between(data, i, first, last):
    """Mask of the bytes data[i:i + 64] that are `first` to `last`."""
    if i + BYTES <= len(data):
        return loaded_between(data, i, first, last)  # type: ignore[call-arg]
    return looked_up_between(data, i, first, last)


@inner
def is_byte(data, i, byte):
    """Mask of the bytes data[i:i + 64] that are `byte`."""
    return between(data, i, byte, byte)


@inner
def up_to(mask, count):
    """The first `count` bits of a mask, the others 0; count > 0."""
    return mask if count >= BYTES else mask & ((ONE << np.uint64(count)) - ONE)


@inner
def first_bit(mask):
    """Index of the first bit that is 1, 64 for none."""
    return trailing_zeros(mask)  # type: ignore[call-arg]


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
        chars -= ones(up_to(between(data, i, 0x80, 0xBF), end - i))  # type: ignore[call-arg]
        i += BYTES
    return chars
