"""Where a copy must be to count: in the run, in the same source, in the same shard; or where a column has the same value.

A source, or a value, is told apart by mixing it into the keys, so that equal keys of two sources never meet. A shard is told
apart when rows are brought together, by their ids: its ordinal is not known before. A shard is one input file, or a piece of
one larger than `split_size`; dumps of a crawl are told apart by a column that names them, or by a source for each.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.errors import RequestError

Scope = Literal["run", "source", "shard"]
_ORDINAL = np.uint64(32)


def salted(keys: np.ndarray, scope: Scope, within: str | None, batch: pa.RecordBatch) -> np.ndarray:
    """The keys of a batch, changed in place: `row` says whose source, and value of column `within`, is mixed in.

    No value is a value like others. RequestError for a column whose values are no words or numbers.
    """
    if len(keys) and scope == "source":
        _mix(keys, batch["source"], b"")
    if len(keys) and within is not None:
        _mix(keys, _words(batch[within], within), b"within")
    return keys


def _words(values: pa.Array, name: str) -> pa.Array:
    try:
        return values.cast(pa.string())
    except pa.ArrowException as error:
        raise RequestError(f"within: column '{name}' holds {values.type}; words or numbers are needed.") from error


def _mix(keys: np.ndarray, values: pa.Array, person: bytes) -> None:
    """Exclusive or of each key with the 128-bit BLAKE2b of its row's value."""
    names = pc.dictionary_encode(pc.fill_null(values, ""))
    digests = [blake2b(name.encode(), digest_size=16, person=person).digest() for name in names.dictionary.to_pylist()]
    salts = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
    of_row = names.indices.to_numpy(zero_copy_only=False)[keys["row"]]
    keys["hi"] ^= salts[of_row, 0]
    keys["lo"] ^= salts[of_row, 1]


def parted(rows: np.ndarray, scope: Scope) -> np.ndarray:
    """Rows sorted by (hi, lo, id), with `lo` made different where the shard is."""
    if scope != "shard":
        return rows
    rows = rows.copy()
    rows["lo"] ^= (rows["id"] >> _ORDINAL) * np.uint64(0x9E3779B97F4A7C15)
    return rows
