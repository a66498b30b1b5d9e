"""A number that changes with the source of kernels of this package: see corpus_forge.text.kernel_sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from corpus_forge.text import columns

SHARED = ("kernel", "utf8")
"""Modules of corpus_forge.text that are compiled into kernels of this package."""


def source_number(modules: Iterable[str]) -> int:
    """56 bits of the digest of these modules of corpus_forge.dedup, and of those of corpus_forge.text that they use."""
    digest = hashlib.sha256()
    paths = [Path(__file__).with_name(f"{name}.py") for name in modules]
    for path in (*paths, *(Path(columns.__file__).with_name(f"{name}.py") for name in SHARED)):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")
