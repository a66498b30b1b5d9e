"""A number that changes with the source of kernels.

numba judges a cached function by the file of that function alone. A value it closes over is part of the key: closing over this
number, a change in any kernel that it calls is never answered by an old binary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def source_number(modules: Iterable[str]) -> int:
    """56 bits of the digest of these modules of corpus_forge.text, or of another package: `dedup/units`."""
    digest, package = hashlib.sha256(), Path(__file__).parent.parent
    for name in modules:
        digest.update((package / f"{name if '/' in name else f'text/{name}'}.py").read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")
