"""How the kernels of this folder are compiled, and the number that their caches hang on.

`called` as in corpus_forge.text.kernel: no reference counts on arrays, which only the outermost function may make. Unlike there
most are real calls: they are made once a tag or a run of text, not once a byte, and inlining all would take minutes to compile.
Imports numba: inside functions only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from corpus_forge.text.kernel import called, inner, kernel

__all__ = ["SOURCE", "called", "inner", "kernel"]


def _source_number() -> int:
    """56 bits of the digest of this folder's modules: a change in any kernel is never answered by an old binary."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")


SOURCE = _source_number()
"""The functions that Python calls are made by a function of this number: numba's cache looks at the file of the outermost
function, and at what it closes over."""
