"""Which documents are set aside for validation: a function of the seed and of each document's id, and of nothing else.

Philox 4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011, doi:10.1145/2063384.2063405), the id as
counter: numpy's own Philox draws one stream, here every document is a counter of its own and its draw needs no other's.
Documents that share a key (a cluster of duplicates) share the answer.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.order import stream_key

TRAIN, VALIDATION = "train", "validation"
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def held_out(keys: np.ndarray, share: float, seed: int) -> np.ndarray:
    """bool[n] for uint64[n] keys: about `share` of them (0 to 1) are True."""
    return drawn(keys, share, stream_key("holdout", seed))


def drawn(keys: np.ndarray, share: float, stream: int) -> np.ndarray:
    """The same in any stream of randomness; a larger share draws these and more."""
    if share >= 1:
        return np.ones(len(keys), bool)
    return philox(np.asarray(keys, np.uint64), stream) < np.uint64(int(share * 2.0**64))


def philox(counters: np.ndarray, key: int) -> np.ndarray:
    """uint64[n]: the first 64 bits of the block of each counter (uint64[n]; the upper half of the 128 bits is 0)."""
    x0, x1 = counters & _LOW, counters >> _HALF
    x2 = x3 = np.zeros_like(counters)
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        left, right = x0 * _MULTIPLIERS[0], x2 * _MULTIPLIERS[1]
        x0, x2 = (right >> _HALF) ^ x1 ^ np.uint64(k0), (left >> _HALF) ^ x3 ^ np.uint64(k1)
        x1, x3 = right & _LOW, left & _LOW
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return x0 | (x1 << _HALF)
