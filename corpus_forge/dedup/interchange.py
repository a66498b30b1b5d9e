"""MinHash objects of datasketch, in and out. datasketch is imported here, when it is called for, and nowhere else.

Objects go both ways without loss. Those of the two tools can be compared with each other only where shingles and hashes are
the same: signatures made with `compatible="datasketch"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from corpus_forge.errors import RequestError

SCHEMES = {"datasketch": "affine32", "datasketch1": "legacy"}


def from_datasketch(objects: Sequence[Any]) -> np.ndarray:
    """uint32[n, num_perm] signatures of `datasketch.MinHash` objects, which must be of one kind; else RequestError."""
    kinds = {(len(each.hashvalues), getattr(each, "seed", None), getattr(each, "scheme", None)) for each in objects}
    if len(kinds) > 1:
        shown = ", ".join(sorted(f"num_perm {size}, seed {seed}" for size, seed, _ in kinds))
        raise RequestError(f"objects of different kinds cannot be compared: {shown}.")
    rows = [np.asarray(each.hashvalues).astype(np.uint32) for each in objects]
    return np.stack(rows) if rows else np.empty((0, 0), np.uint32)


def to_datasketch(signatures: np.ndarray, seed: int = 1, compatible: str = "datasketch") -> list[Any]:
    """A `datasketch.MinHash` for each row of uint32[n, num_perm].

    `seed` and `compatible` are those the signatures were made with, so that updating an object goes on where we stopped.
    RequestError without datasketch.
    """
    if compatible not in SCHEMES:
        raise RequestError(f"compatible: '{compatible}' is not known. Use 'datasketch' or 'datasketch1'.")
    try:
        from datasketch import MinHash
    except ImportError as error:
        raise RequestError("datasketch is not installed. `pip install datasketch` first.") from error
    size = signatures.shape[1]
    return [MinHash(num_perm=size, seed=seed, hashvalues=row, **_scheme(MinHash, compatible)) for row in signatures]


def _scheme(kind: Any, compatible: str) -> dict[str, Any]:
    """What names the family of permutations; versions before 2.0 know one only."""
    import inspect

    return {"scheme": SCHEMES[compatible]} if "scheme" in inspect.signature(kind.__init__).parameters else {}
