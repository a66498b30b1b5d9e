"""Files that appear whole or not at all.

Write under a temporary name, flush and fsync, rename, fsync the folder. A manifest is created exclusively by a hard link: of several
attempts the first one wins and the others learn that they lost. A full disk shows as the OSError it is; nothing half
written ever has a final name. (Local and NFS file systems; object stores would need a conditional PUT.)
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_counter = itertools.count()


def write_atomically(path: Path, write: Callable[[BinaryIO], None], tmp: Path | None = None) -> None:
    """Let `write` fill a temporary file in `tmp` (default: beside it), then give it its name, replacing what was there."""
    scratch = _scratch(path, tmp)
    try:
        with scratch.open("wb") as file:
            write(file)
        publish_file(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, tmp: Path | None = None) -> None:
    """Replace a small file at once."""
    write_atomically(path, lambda file: _write_all(file, data), tmp)


def publish_file(scratch: Path, path: Path) -> None:
    """Give a closed, complete file its final name; both must lie on one file system."""
    with scratch.open("rb") as file:
        os.fsync(file.fileno())
    scratch.replace(path)
    sync_folder(path.parent)


def commit_exclusively(path: Path, data: bytes, tmp: Path | None = None) -> bool:
    """Create `path` with this content unless it exists. True when this call made it, False when another was first."""
    scratch = _scratch(path, tmp)
    try:
        with scratch.open("wb") as file:
            _write_all(file, data)
            file.flush()
            os.fsync(file.fileno())
        os.link(scratch, path)
    except FileExistsError:
        return False
    finally:
        scratch.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _scratch(path: Path, tmp: Path | None) -> Path:
    return (tmp or path.parent) / f".{os.getpid()}-{next(_counter)}.{path.name}"


def _write_all(file: BinaryIO, data: bytes) -> None:
    file.write(data)
