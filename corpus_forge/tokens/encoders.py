"""What an encoder is, and the fast one, gigatoken; reference.py has those that define what is right.

All get texts as one Arrow array, run on the calling thread (workers are processes, one a core), and take the names of special
tokens in a text for ordinary text: a page must not be able to plant a document boundary.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

CACHE_BYTES = 64 << 20
"""gigatoken remembers every word it has met, without end; after so many bytes of text it is made anew."""


class Encoded(NamedTuple):
    """Ids of m documents: document i is ids[offsets[i]:offsets[i + 1]], uint32 and int64[m + 1]; offsets[0] is 0."""

    ids: np.ndarray
    offsets: np.ndarray


class Encoder(Protocol):
    """Ids of a large_string array without nulls; no special tokens are added. `name` is for people."""

    name: str

    def encode(self, texts: pa.LargeStringArray) -> Encoded: ...  # noqa: D102 - the class says it


class GigatokenEncoder:
    """Encodes straight from the Arrow buffers; raises what gigatoken raises for a definition it does not know.

    A text of any size is one text: 50 MB of prose take no memory beside it, of one letter 1.2 GB.
    """

    name = "gigatoken"

    def __init__(self, definition: dict[str, Any], reserved: frozenset[int]) -> None:
        kept = [item for item in definition.get("added_tokens") or () if item["id"] not in reserved]
        self._json = json.dumps({**definition, "added_tokens": kept})
        self._seen = 0
        self._load()

    def encode(self, texts: pa.LargeStringArray) -> Encoded:
        """See `Encoder`; some 60 to 200 MB/s on one core."""
        layout = self._tokenizer.encode_batch(_awkward(texts), parallel=False).layout
        offsets = np.asarray(layout.offsets.data)
        encoded = Encoded(np.asarray(layout.content.data)[offsets[0] : offsets[-1]], offsets - offsets[0])
        self._forget(texts)
        return encoded

    def _forget(self, texts: pa.LargeStringArray) -> None:
        first, last = _offsets(texts)[[0, -1]]
        self._seen += int(last - first)
        if self._seen > CACHE_BYTES:
            self._load()
            self._seen = 0

    def _load(self) -> None:
        import gigatoken

        self._tokenizer = gigatoken.Tokenizer.from_json(self._json)


def join_ids(documents: Sequence[np.ndarray]) -> Encoded:
    """One `Encoded` from the ids of each document."""
    offsets = np.cumsum([0] + [len(ids) for ids in documents], dtype=np.int64)
    return Encoded(np.concatenate(documents) if documents else np.zeros(0, np.uint32), offsets)


def _offsets(texts: pa.LargeStringArray) -> np.ndarray:
    return np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]


def _awkward(texts: pa.LargeStringArray) -> Any:
    """The array as awkward's string array, sharing its buffers."""
    import awkward as ak

    data = texts.buffers()[2]
    chars = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    content = ak.contents.NumpyArray(chars, parameters={"__array__": "char"})
    return ak.Array(ak.contents.ListOffsetArray(ak.index.Index64(_offsets(texts)), content, parameters={"__array__": "string"}))
