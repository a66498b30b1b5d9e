"""Sixty-four bytes at a time: bitmaps of what they are, bit k for byte k.

Written with LLVM's vectors, which become whatever the machine has for comparing many bytes at once, and, beside eight.py, its
answer is one bit a byte: a line of text is mostly one or two questions of each kind. The cost is a copy of the last bytes of a
buffer, past which nothing may be read. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from corpus_forge.text.eight import trailing_zeros
from corpus_forge.text.kernel import inner

BYTES = 64
NONE, ONE, ALL = np.uint64(0), np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)
operation: Callable[[Callable], Any] = intrinsic
"""numba's decorator; what it says of its own type has an argument that kernels do not pass."""
BITS, BYTE, VECTOR = ir.IntType(64), ir.IntType(8), ir.VectorType(ir.IntType(8), BYTES)


@operation
def between(typing_context, data, place, low, high):  # noqa: ARG001 - numba's protocol
    """uint64: which of data[place:place + 64], a uint8 array, lie from `low` to `high`; past the end of it are zeros."""

    def build(context, builder, signature, arguments):
        values = _loaded(context, builder, signature, arguments)
        least, span = _repeated(builder, arguments[2]), _repeated(builder, builder.sub(arguments[3], arguments[2]))
        return builder.bitcast(builder.icmp_unsigned("<=", builder.sub(values, least), span), BITS)

    return types.uint64(data, types.int64, types.uint8, types.uint8), build


@operation
def in_any_case(typing_context, data, place, letter):  # noqa: ARG001 - numba's protocol
    """uint64: which of data[place:place + 64] are this small letter of ASCII, or its capital."""

    def build(context, builder, signature, arguments):
        case = ir.Constant(VECTOR, [0x20] * BYTES)
        small = builder.or_(_loaded(context, builder, signature, arguments), case)
        return builder.bitcast(builder.icmp_unsigned("==", small, _repeated(builder, arguments[2])), BITS)

    return types.uint64(data, types.int64, types.uint8), build


def _loaded(context, builder, signature, arguments):
    """The 64 bytes that begin at the second argument, a place in the first; zeros past its end."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    left = builder.sub(builder.extract_value(array.shape, 0), arguments[1])
    return builder.load(_readable(builder, builder.gep(array.data, [arguments[1]]), left), align=1)


def _readable(builder, start, left):
    """A pointer to 64 bytes: those at `start`, or a copy of the last that are `left` of them, zeros behind it."""
    pointer = cgutils.alloca_once_value(builder, start)
    copy = cgutils.alloca_once(builder, VECTOR)
    with builder.if_then(builder.icmp_signed("<", left, BITS(BYTES)), likely=False):
        target = builder.bitcast(copy, BYTE.as_pointer())
        builder.store(ir.Constant(VECTOR, None), copy)
        held = builder.select(builder.icmp_signed(">", left, BITS(0)), left, BITS(0))
        cgutils.raw_memcpy(builder, target, start, held, 1)
        builder.store(target, pointer)
    return builder.bitcast(builder.load(pointer), VECTOR.as_pointer())


def _repeated(builder, byte):
    """A vector of nothing but that byte."""
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), byte, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), BYTES), [0] * BYTES))


@operation
def ones(typing_context, value):  # noqa: ARG001 - numba's protocol
    """How many bits of a uint64 are set."""

    def build(context, builder, signature, arguments):  # noqa: ARG001 - numba's protocol
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), build


first_bit: Any = trailing_zeros
"""The lowest bit of a uint64 that is set, 64 for 0."""


@inner
def up_to(bits, count):
    """The first `count` bits, the others 0; count is not negative."""
    return bits if count >= BYTES else bits & ((ONE << np.uint64(count)) - ONE)
