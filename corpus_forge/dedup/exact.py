"""Exact duplicates: texts with equal bytes, after the normalization that was asked for.

A text is known by the 128-bit BLAKE2b of its bytes (RFC 7693). A collision by chance among 10¹² texts has a probability of
10⁻¹⁵, and nobody can make one on purpose to have another's page removed, so texts are never compared again. Measured on one
core: 6 µs for a text of 3 kB (490 MB/s), 1.6 µs for one of 200 bytes. A multiply-and-mix kernel of our own reached
1,400 MB/s; it was not taken, since this is 1% of a step's time and such a hash can be attacked.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from itertools import pairwise
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.text.columns import Texts, text_array, text_column

Normalization = Literal["whitespace", "lower"]
KEY_BYTES = 16
_SPACE = r"\t-\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""What `str.split` separates at, in RE2, without the space itself."""
_RUN = rf" [ {_SPACE}]+|[{_SPACE}][ {_SPACE}]*"
"""A run that is not one space already: to replace those too would take five times as long."""


def normalized(texts: Texts, how: Collection[Normalization] = ()) -> pa.Array:
    """The texts as they are compared.

    `whitespace`: each run of white space becomes one space, none at the ends, as `" ".join(text.split())`.
    `lower`: lower case, one code point for one (Unicode simple mapping), so İ becomes i, and a final Σ becomes σ.
    """
    array = text_array(texts)
    if "lower" in how:
        array = pc.utf8_lower(array)
    if "whitespace" in how:
        array = pc.utf8_trim(pc.replace_substring_regex(array, _RUN, " "), " ")
    return array


def text_keys(texts: Texts, how: Collection[Normalization] = ()) -> tuple[np.ndarray, np.ndarray]:
    """uint64[n] and uint64[n]: the first and the last 8 bytes of each text's key, little-endian."""
    data, offsets = text_column(normalized(texts, how))
    view = data.data
    ends = offsets.tolist()
    digests = b"".join([blake2b(view[start:stop], digest_size=KEY_BYTES).digest() for start, stop in pairwise(ends)])
    keys = np.frombuffer(digests, "<u8").reshape(-1, 2)
    return keys[:, 0], keys[:, 1]


def exact_duplicates(texts: Texts, how: Collection[Normalization] = ()) -> np.ndarray:
    """int64[n] cluster ids: for each text the index of the first text equal to it; its own if there is none before it."""
    keys = np.stack(text_keys(texts, how), axis=1)
    _, first, cluster = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first[cluster.reshape(-1)].astype(np.int64)


def later_copies(hi: np.ndarray, lo: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(leaving, kept): all but the smallest id of each group of equal keys, and for each the smallest.

    Three uint64[n], sorted by (hi, lo, id), in; two uint64[k], in the same order, out.
    """
    begins = np.ones(len(ids), bool)
    begins[1:] = (hi[1:] != hi[:-1]) | (lo[1:] != lo[:-1])
    group = np.cumsum(begins) - 1
    return ids[~begins], ids[begins][group[~begins]]
