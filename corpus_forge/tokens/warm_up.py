"""Compiling the kernels that pack tokens once, so that no run pays for it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from corpus_forge.tokens.pack import pack


@cache
def warm_up() -> None:
    """Compile every kernel, or load it from numba's cache: corpus_forge/warm_up.py. For ids of two and of four bytes."""
    for dtype in (np.uint16, np.uint32):
        tokens = pa.array([[1, 2], [3]], pa.large_list(pa.from_numpy_dtype(dtype)))
        columns = tokens.values.to_numpy(), tokens.offsets.to_numpy(), np.arange(2), pa.array([2, 1]).to_numpy()
        pack("best_fit", *columns, seq_len=128, eos_id=0, pad_id=0, dtype=np.dtype(dtype))
