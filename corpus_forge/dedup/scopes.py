"""Where a copy must be to count: in the run, in the same source, or in the same shard.

A source is told apart by mixing its name into the keys, so that equal keys of two sources never meet. A shard is told apart
when rows are brought together, by their ids: its ordinal is not known before. A shard is one input file, or a piece of one
larger than `split_size`; dumps of a crawl are told apart by giving each a source of its own.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Scope = Literal["run", "source", "shard"]
_ORDINAL = np.uint64(32)


def salted(keys: np.ndarray, scope: Scope, batch: pa.RecordBatch) -> np.ndarray:
    """The keys of a batch, changed in place: `row` says whose source is mixed into `hi` and `lo`."""
    if scope != "source" or not len(keys):
        return keys
    names = pc.dictionary_encode(batch["source"])
    digests = [blake2b((name or "").encode(), digest_size=16).digest() for name in names.dictionary.to_pylist()]
    salts = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
    of_row = names.indices.to_numpy(zero_copy_only=False)[keys["row"]]
    keys["hi"] ^= salts[of_row, 0]
    keys["lo"] ^= salts[of_row, 1]
    return keys


def parted(rows: np.ndarray, scope: Scope) -> np.ndarray:
    """Rows sorted by (hi, lo, id), with `lo` made different where the shard is."""
    if scope != "shard":
        return rows
    rows = rows.copy()
    rows["lo"] ^= (rows["id"] >> _ORDINAL) * np.uint64(0x9E3779B97F4A7C15)
    return rows
