"""Spans [start, stop) of bytes in texts: finding the repeated ones, uniting them, fitting them to characters, cutting them.

A span array is structured: `start`, `stop`, and before them the number of the text, whatever it is called (`id`, `row`).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.text.columns import text_array, text_column

KeepPlace = Literal["first", "none"]
_SHIFT = np.uint64(32)


def repeated(rows: np.ndarray, keep: KeepPlace, min_count: int = 2) -> np.ndarray:
    """int64[k]: which of the rows, sorted by key and then place, are copies. Fields `hi` and `lo` are the key.

    A key that fewer than `min_count` rows have is no copy of anything. With keep: first the first row of a key is none either.
    """
    if not len(rows):
        return np.empty(0, np.int64)
    begins = np.ones(len(rows), bool)
    begins[1:] = (rows["hi"][1:] != rows["hi"][:-1]) | (rows["lo"][1:] != rows["lo"][:-1])
    firsts = np.flatnonzero(begins)
    sizes = np.diff(np.append(firsts, len(rows)))
    chosen = np.repeat(sizes >= min_count, sizes)
    return np.flatnonzero(chosen & ~begins if keep == "first" else chosen)


def united(spans: np.ndarray, gap: int = 0) -> np.ndarray:
    """Sorted by text and start; those that overlap, touch or have at most `gap` bytes between them are one. Empty ones go."""
    text = spans.dtype.names[0]  # type: ignore[index]
    spans = spans[spans["stop"] > spans["start"]]
    spans = spans[_by_place(spans[text], spans["start"])]
    if not len(spans):
        return spans
    new_text = np.ones(len(spans), bool)
    new_text[1:] = spans[text][1:] != spans[text][:-1]
    # The running maximum of `stop` within a text: the number of the text in the upper half starts it anew.
    number = np.cumsum(new_text).astype(np.uint64) << _SHIFT
    reach = np.maximum.accumulate(number | spans["stop"].astype(np.uint64))
    stop = (reach & np.uint64(0xFFFFFFFF)).astype(np.int64)
    begins = new_text
    begins[1:] |= spans["start"][1:].astype(np.int64) > stop[:-1] + gap
    out = spans[begins]
    last = np.append(np.flatnonzero(begins)[1:], len(spans)) - 1
    out["stop"] = stop[last]
    return out


def _by_place(texts: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """As `np.lexsort((starts, texts))`; numbers of 32 bits are sorted with their starts as one number, in half the time."""
    if texts.itemsize > 4:
        return np.lexsort((starts, texts))
    return np.argsort((texts.astype(np.uint64) << _SHIFT) | starts.astype(np.uint64))


def whole_characters(spans: np.ndarray, data: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Spans shrunk to whole UTF-8 characters. begins: int64[k], where each span's text begins in `data`."""
    if not len(spans):
        return spans
    start, stop, last = begins + spans["start"], begins + spans["stop"], len(data) - 1
    for _ in range(3):
        start += (start < stop) & ((data[start.clip(max=last)] & 0xC0) == 0x80)
        stop -= (start < stop) & (stop <= last) & ((data[stop.clip(max=last)] & 0xC0) == 0x80)
    out = spans.copy()
    out["start"], out["stop"] = start - begins, stop - begins
    return out[out["stop"] > out["start"]]


def fitted(spans: np.ndarray, texts: pa.Array, gap: int = 0) -> np.ndarray:
    """Spans with a `row` as they are acted on: within their text, united, of whole characters, small gaps closed."""
    data, offsets = text_column(texts)
    lengths = np.diff(offsets)
    spans = spans.copy()
    spans["stop"] = np.minimum(spans["stop"], lengths[spans["row"]])
    return united(whole_characters(spans := united(spans), data, offsets[:-1][spans["row"]]), gap)


def without(texts: pa.Array, spans: np.ndarray) -> pa.Array:
    """The texts less their spans, fitted ones, as large_string; texts without a span are not touched."""
    array = text_array(texts).cast(pa.large_string())
    rows, first = np.unique(spans["row"], return_index=True)
    mask = np.zeros(len(array), bool)
    mask[rows] = True
    pieces = np.split(spans, first[1:]) if len(rows) else []
    cut = [_cut(array[int(row)].as_buffer(), piece) for row, piece in zip(rows, pieces, strict=True)]
    return pc.replace_with_mask(array, pa.array(mask), pa.array(cut, pa.large_string()))


def _cut(text: pa.Buffer, spans: np.ndarray) -> str:
    edges = [0, *np.stack([spans["start"], spans["stop"]], 1).reshape(-1).tolist(), text.size]
    view = memoryview(text)
    return b"".join(view[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)).decode()


def as_lists(spans: np.ndarray, rows: int) -> pa.Array:
    """list<struct<start, stop>>[rows] of spans sorted by row: the form in which they are kept beside a text."""
    kind = pa.struct([("start", pa.uint32()), ("stop", pa.uint32())])
    values = pa.StructArray.from_arrays([pa.array(spans["start"]), pa.array(spans["stop"])], fields=list(kind))
    offsets = np.searchsorted(spans["row"], np.arange(rows + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def span_bytes(spans: np.ndarray, rows: int) -> np.ndarray:
    """int64[rows]: bytes in the spans of each row."""
    sizes = spans["stop"].astype(np.int64) - spans["start"]
    return np.bincount(spans["row"], sizes, rows).astype(np.int64)
