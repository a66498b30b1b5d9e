"""Texts as tokens, for whoever counts those: 50 in a row are what Lee and others (2021, arXiv 2107.06499) call a copy.

Ids go to the kernels that look at text, as four bytes each: 50 ids in a row are a window of 200 bytes. Of such windows those
alone count that begin with an id. The cost is four rolling hashes an id where one would do; the gain is one kernel for both.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from corpus_forge.errors import RequestError
from corpus_forge.text.columns import TextColumn, text_column

ID_BYTES = 4
TOKENS = 50


class Tokenizes(Protocol):
    """What is asked of a tokenizer."""

    def encode(self, texts: Any) -> tuple[np.ndarray, np.ndarray]:
        """(ids, offsets): uint32[m] and int64[n + 1], the ids of text i are ids[offsets[i]:offsets[i + 1]]."""

    def token_bytes(self) -> np.ndarray:
        """unsigned[vocab_size]: bytes of UTF-8 that each id stands for."""


class TokenTexts(NamedTuple):
    """column: the ids as bytes. offsets: int64[n + 1], each text's first token. ends: int64[m + 1], bytes before each token."""

    column: TextColumn
    offsets: np.ndarray
    ends: np.ndarray

    def in_bytes(self, places: np.ndarray, length: int) -> np.ndarray:
        """The places, by row and bytes of the ids, of windows of `length` tokens, as bytes of the text; others are left out."""
        places = places[places["start"] % ID_BYTES == 0]
        begins = self.offsets[places["row"]]
        first = begins + places["start"] // ID_BYTES
        places["start"] = self.ends[first] - self.ends[begins]
        places["stop"] = self.ends[first + length] - self.ends[begins]
        return places


def token_texts(texts: pa.Array, tokenizer: Tokenizes) -> TokenTexts:
    """The texts' tokens. RequestError where they do not stand for all bytes of a text, as after lower-casing."""
    ids, offsets = tokenizer.encode(texts)
    ends = np.zeros(len(ids) + 1, np.int64)
    np.cumsum(tokenizer.token_bytes()[ids], out=ends[1:])
    lengths = np.diff(text_column(texts).offsets)
    wrong = np.flatnonzero(np.diff(ends[offsets]) != lengths)
    if len(wrong):
        raise RequestError(
            f"tokenizer: its tokens stand for {np.diff(ends[offsets])[wrong[0]]:,} bytes of a text of {lengths[wrong[0]]:,}."
            " Places are known only of a byte-level one that changes no text. Use such a one, or `length` in bytes without it."
        )
    data, edges = np.ascontiguousarray(ids, "<u4").view(np.uint8), offsets * ID_BYTES
    data.flags.writeable = edges.flags.writeable = False
    return TokenTexts(TextColumn(data, edges), offsets, ends)
