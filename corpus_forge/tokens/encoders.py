"""The two programs that turn text into ids: `tokenizers`, which defines what is right, and gigatoken, which is fast.

Both get texts as one Arrow array, run on the calling thread (workers are processes, one a core), and take the names of special
tokens in a text for ordinary text: a page must not be able to plant a document boundary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

CACHE_BYTES = 64 << 20
"""gigatoken remembers every word it has met, without end; after so many bytes of text it is made anew."""
LONG_TEXT = 1 << 18
"""`tokenizers` needs some 100 bytes a character, so texts of more characters than this are cut where that changes no id."""
_GAP = re.compile(r"(?<=[^\W\d_]) (?=[^\W\d_])")


class Encoded(NamedTuple):
    """Ids of m documents: document i is ids[offsets[i]:offsets[i + 1]], uint32 and int64[m + 1]; offsets[0] is 0."""

    ids: np.ndarray
    offsets: np.ndarray


class Encoder(Protocol):
    """Ids of a large_string array without nulls; no special tokens are added."""

    def encode(self, texts: pa.LargeStringArray) -> Encoded: ...  # noqa: D102 - the class says it


class GigatokenEncoder:
    """Encodes straight from the Arrow buffers; raises what gigatoken raises for a definition it does not know."""

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


class ReferenceEncoder:
    """`tokenizers`, one text at a time; about 2 MB/s, and the definition of what the ids are."""

    def __init__(self, definition: dict[str, Any], reserved: frozenset[int], probe: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        added = [{**item, "special": item["id"] in reserved} for item in definition.get("added_tokens") or ()]
        self._tokenizer = Tokenizer.from_str(json.dumps({**definition, "added_tokens": added}))
        self._tokenizer.encode_special_tokens = True
        self.cut = self._find_cut(probe)

    def encode(self, texts: pa.LargeStringArray) -> Encoded:
        """See `Encoder`."""
        return join_ids([self.encode_one(text.as_py()) for text in texts])

    def encode_one(self, text: str) -> np.ndarray:
        """uint32 ids of one text."""
        pieces = [text] if len(text) <= LONG_TEXT else list(self._pieces(text, LONG_TEXT, self.cut))
        return np.concatenate([self._ids(piece) for piece in pieces])

    def _ids(self, text: str) -> np.ndarray:
        return np.array(self._tokenizer.encode(text, add_special_tokens=False).ids, np.uint32)

    def _pieces(self, text: str, size: int, cut: str) -> Iterator[str]:
        """The text cut at single spaces between letters, every `size` characters or more."""
        start = 0
        while cut and (gap := _GAP.search(text, start + size)):
            yield text[start : gap.start()]
            start = gap.start() if cut == "keep" else gap.end()
        yield text[start:]

    def _find_cut(self, probe: Sequence[str]) -> str:
        """`keep` (a space begins the next piece), `drop` (it is left out), or empty: cutting changes ids."""
        texts = [text for text in probe if _GAP.search(text)]
        return next((cut for cut in ("keep", "drop") if all(self._same_in_pieces(text, cut) for text in texts)), "")

    def _same_in_pieces(self, text: str, cut: str) -> bool:
        pieces = [self._ids(piece) for piece in self._pieces(text, 1, cut)]
        return np.array_equal(np.concatenate(pieces), self._ids(text))


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
