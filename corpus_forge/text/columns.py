"""Texts as kernels take them: one buffer of UTF-8 bytes and the offsets of each text in it.

An Arrow column without nulls is passed on as it lies, sliced or not; only 32-bit offsets are widened, 8 bytes a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.errors import RequestError

Texts: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray
"""A sequence of str, or a pyarrow string or large_string Array or ChunkedArray, sliced or not; null counts as empty."""


class TextColumn(NamedTuple):
    """data: uint8[...], read-only. offsets: int64[n + 1], read-only; text i is data[offsets[i]:offsets[i + 1]]."""

    data: np.ndarray
    offsets: np.ndarray


def text_column(texts: Texts) -> TextColumn:
    """The texts' bytes and offsets, zero-copy where possible. RequestError for what is no texts."""
    array = text_array(texts)
    _, offsets, data = array.buffers()
    if len(array) == 0 or offsets is None:
        return TextColumn(_frozen(np.empty(0, np.uint8)), _frozen(np.zeros(len(array) + 1, np.int64)))
    width = np.dtype(np.int64 if pa.types.is_large_string(array.type) else np.int32)
    ends = np.frombuffer(offsets, width, len(array) + 1, array.offset * width.itemsize).astype(np.int64, copy=False)
    content = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return TextColumn(_frozen(content), _frozen(ends))


def text_array(texts: Texts) -> pa.Array:
    """One string or large_string array without nulls."""
    array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else _from_sequence(texts)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = _cast(array)
    if isinstance(array, pa.ChunkedArray):
        array = _one_chunk(array)
    # A null may lie over bytes, which would be read as its text.
    return pc.fill_null(array, "") if array.null_count else array


def large_text_array(texts: Texts) -> pa.LargeStringArray:
    """The same with 64-bit offsets, for callees that know no others."""
    return text_array(texts).cast(pa.large_string())


def _from_sequence(texts: Sequence[str | None]) -> pa.Array:
    if isinstance(texts, str | bytes):
        raise RequestError("texts is one text, not a list of texts. Pass [text].")
    if not isinstance(texts, Iterable):
        raise RequestError(f"texts is a {type(texts).__name__}, where a list of str or a column of text is needed.")
    rows = list(texts)
    odd = next((row for row in rows if row is not None and not isinstance(row, str)), None)
    if odd is not None:
        raise RequestError(f"texts holds a {type(odd).__name__}, where str or None is needed.")
    try:
        return pa.array(rows, pa.large_string())
    except UnicodeEncodeError:
        return pa.array([row and _without_surrogates(row) for row in rows], pa.large_string())


def _without_surrogates(text: str) -> str:
    """Lone surrogates, which UTF-8 cannot hold, as U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _cast(array: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Other representations of strings: views, dictionaries, columns of nulls."""
    try:
        if pa.types.is_dictionary(array.type) and not _holds_text(array.type.value_type):
            raise pa.ArrowInvalid("no text")
        if not (_holds_text(array.type) or pa.types.is_null(array.type) or pa.types.is_dictionary(array.type)):
            raise pa.ArrowInvalid("no text")
        return array.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise RequestError(f"texts is a column of {array.type}, where string or large_string is needed.") from error


def _holds_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _one_chunk(array: pa.ChunkedArray) -> pa.Array:
    if array.num_chunks == 1:
        return array.chunk(0)
    # 32-bit offsets cannot hold more than 2 GiB in one chunk.
    return pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in array.chunks] or [pa.array([], pa.large_string())])


def _frozen(array: np.ndarray) -> np.ndarray:
    """A read-only view: kernels are compiled once, for read-only arrays."""
    view = array.view()
    view.setflags(write=False)
    return view
