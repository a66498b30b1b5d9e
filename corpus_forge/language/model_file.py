"""Model files: read once to know their content, and held against the digest that somebody wrote down."""

from __future__ import annotations

import hashlib
from pathlib import Path

from corpus_forge.errors import InputError
from corpus_forge.language.published import where_to_get

_DIGESTS: dict[tuple[str, int, int], str] = {}
"""By path, size and time of change, so that a task need not read a large model again to know it."""


def file_digest(path: Path, kind: str) -> str:
    """sha256 of a model's file. InputError, with where the file is published if it is known, when it cannot be read."""
    try:
        state = path.stat()
        key = (str(path), state.st_size, state.st_mtime_ns)
        if key not in _DIGESTS:
            with path.open("rb") as file:
                _DIGESTS[key] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        fix = where_to_get(path.name) or f"Give the path of a {kind}."
        raise InputError(f"model {path}: cannot be read: {error.strerror}. {fix}") from None
    return _DIGESTS[key]


def checked_digest(path: Path, expected: str | None, kind: str, key: str = "sha256") -> str:
    """The digest, which must be the expected one. InputError names the file, both digests and the fix."""
    found = file_digest(path, kind)
    if expected is None:
        raise InputError(f"model {path}: a model of your own needs its digest. If you trust the file, write {key}: {found}")
    if found != expected.lower():
        raise InputError(
            f"model {path}: its sha256 is {found}, but {expected} was expected. Use the right file, or its digest."
        )
    return found
