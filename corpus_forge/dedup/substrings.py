"""Repeated substrings (Lee and others 2021, arXiv 2107.06499): all bytes in a window of `length` that occurs twice or more.

No suffix array: that needs all texts in one memory, or a merge of many on disk. Two looks at the texts instead. The first takes
anchors of the windows (winnow_kernel.py), one for every quarter of a window; those that occur once are done with. The second
takes the 128-bit key of every window around an anchor that occurred again. Equal keys are equal windows, and a repeated span is
a union of windows, so the result is that of comparing every window with every other, wherever the texts lie.
Two different windows have equal keys with a chance of (length / 2^61)^2. Who knows the seed could make such windows on purpose;
a `seed` of one's own prevents that.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.grouping import grouped_order
from corpus_forge.dedup.spans import KeepPlace, fitted, repeated, united
from corpus_forge.dedup.token_texts import ID_BYTES, TOKENS, Tokenizes, token_texts
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import TextColumn, Texts, text_array, text_column

LENGTH = 200
"""Bytes: some 50 tokens of English at 4 bytes each, the threshold of Lee and others."""
LEAST = 16
PIECE = 1 << 20
PLACES = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("row", "<u4"), ("start", "<u4"), ("stop", "<u4")])
_PRIME = (1 << 61) - 1


class Windows:
    """The windows of `length` bytes of some texts, or of as many tokens, by their anchors and by their keys."""

    def __init__(self, texts: pa.Array, length: int, seed: int, tokenizer: Tokenizes | None = None) -> None:
        self._tokens = token_texts(texts, tokenizer) if tokenizer else None
        self._column = self._tokens.column if self._tokens else text_column(texts)
        self._length, self._seed = length, seed

    def anchors(self) -> np.ndarray:
        """PLACES[m]: those of `anchor_places`, in bytes of the text or of its ids."""
        return anchor_places(self._column, self._length * (ID_BYTES if self._tokens else 1))

    def keys(self, regions: np.ndarray) -> Iterator[np.ndarray]:
        """PLACES[m] arrays in bytes of the text: the windows that lie in a region; regions are united anchors."""
        width = self._length * (ID_BYTES if self._tokens else 1)
        for places in window_places(self._column, regions, width, self._seed):
            yield self._tokens.in_bytes(places, self._length) if self._tokens else places


def gram_of(length: int) -> int:
    """Bytes of an anchor: half a window, so that a fortieth of a text's bytes are anchors at a length of 160."""
    return length // 2


def anchor_places(column: TextColumn, length: int) -> np.ndarray:
    """PLACES[m]: the anchors of all windows, with what they mean: [start, stop) holds every window around the anchor."""
    from corpus_forge.dedup.winnow_kernel import anchors

    gram = gram_of(length)
    counts, starts, hashes = anchors(column.data, column.offsets, length, gram)
    places = np.zeros(len(starts), PLACES)
    places["hi"], places["row"] = hashes, np.repeat(np.arange(len(counts)), counts)
    first = starts.astype(np.int64) + gram - length
    places["start"], places["stop"] = first.clip(min=0), starts.astype(np.int64) + length
    return places


def window_places(column: TextColumn, regions: np.ndarray, length: int, seed: int) -> Iterator[np.ndarray]:
    """PLACES[m] arrays of at most PIECE rows: every window that lies in a region of its text, by text and start."""
    from corpus_forge.dedup.winnow_kernel import windows

    bases = bases_of(seed)
    parts: list[np.ndarray] = []
    waiting = 0
    for row, start, stop in regions.tolist():
        begin, end = int(column.offsets[row]), int(column.offsets[row + 1])
        last = min(stop, end - begin) - length
        for first in range(start, last + 1, PIECE):
            part = np.empty(min(PIECE, last + 1 - first), PLACES)
            hi, lo = np.empty(len(part), np.uint64), np.empty(len(part), np.uint64)
            windows(column.data, begin + first, len(part), length, bases, hi, lo)
            part["hi"], part["lo"], part["row"] = hi, lo, row
            part["start"] = np.arange(first, first + len(part))
            part["stop"] = part["start"] + length
            parts.append(part)
            waiting += len(part)
        if waiting >= PIECE:
            yield np.concatenate(parts)
            parts, waiting = [], 0
    if parts:
        yield np.concatenate(parts)


def bases_of(seed: int) -> np.ndarray:
    """uint64[2] below 2^61 - 1: the bases of the two polynomials."""
    digest = blake2b(f"windows {seed}".encode(), digest_size=16).digest()
    return np.array([int.from_bytes(digest[at : at + 8], "little") % (_PRIME - 512) + 256 for at in (0, 8)], np.uint64)


def duplicate_spans(
    texts: Texts,
    length: int | None = None,
    *,
    keep: KeepPlace = "first",
    min_count: int = 2,
    merge: int = 0,
    seed: int = 1,
    tokenizer: Tokenizes | None = None,
) -> pa.Table:
    """Columns `text` (int64, the index), `start`, `stop` (int64, bytes of its UTF-8), sorted: the repeated spans of the texts.

    A span is a union of windows of `length` bytes (200) or, with a byte-level tokenizer, tokens (50), each of which occurs in
    `min_count` places or more, in one text or in several; it is shrunk to whole characters. keep: "first" leaves the first
    place of each window out, "none" has all. Spans with at most `merge` bytes between them are one. Memory: 150 bytes for each
    byte of repeated text, and 60 for every quarter window.
    RequestError for a parameter that cannot be.
    """
    length = length if length is not None else TOKENS if tokenizer else LENGTH
    _check(length, keep, min_count, merge)
    array = text_array(texts)
    windows = Windows(array, length, seed, tokenizer)
    regions = _found(windows.anchors(), "none", min_count)
    keys = np.concatenate([np.empty(0, PLACES), *windows.keys(regions)])
    spans = fitted(_found(keys, keep, min_count), array, merge)
    return pa.table(
        {
            "text": spans["row"].astype(np.int64),
            "start": spans["start"].astype(np.int64),
            "stop": spans["stop"].astype(np.int64),
        }
    )


def _found(places: np.ndarray, keep: KeepPlace, min_count: int) -> np.ndarray:
    """(row, start, stop) of the repeated ones, united."""
    places = places[grouped_order(places["hi"], places["lo"], places["row"], places["start"])]
    return united(places[repeated(places, keep, min_count)][["row", "start", "stop"]])


def _check(length: int, keep: str, min_count: int, merge: int) -> None:
    if length < LEAST:
        raise RequestError(f"length: {length} is less than {LEAST}.")
    if keep not in ("first", "none"):
        raise RequestError(f"keep: '{keep}' is not known. Use 'first' or 'none'.")
    if min_count < 2:
        raise RequestError(f"min_count: {min_count} is less than 2.")
    if merge < 0:
        raise RequestError(f"merge: {merge} is negative.")
