"""Which models there are, where they lie, and their digests. Imports nothing heavy: asking for a version costs nothing.

`forge-1` is a file of the folder models/, which every wheel has; `path/to/mine.npz` is one of your own. The digest is that of
the file: it stands in fingerprints, cards and tables.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from corpus_forge.errors import RequestError, nearest

FOLDER = Path(__file__).parent / "models"
DEFAULT = "forge-1"


def names() -> list[str]:
    """Models that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.npz"))


def path_of(name: str) -> Path:
    """The file of a model; RequestError with the nearest name where there is none of that name."""
    if name.endswith(".npz"):
        return Path(name)
    if name not in names():
        raise RequestError(f"the engine forge has no model '{name}'. {nearest(name, names())} Or give the path of a .npz file.")
    return FOLDER / f"{name}.npz"


def digest(name: str) -> str:
    """16 hex digits of the SHA-256 of the model's file. RequestError for a file that cannot be read."""
    path = path_of(name)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise RequestError(f"model '{name}': {path} cannot be read: {error.strerror}.") from error
