"""Files that are there whole or not at all, and commits of which the first wins.

A file is written under a temporary name, synced, renamed, and its folder synced, so that a name seen after a crash has all its
bytes. The temporary folder must lie on the same filesystem as the result; what a kill leaves there is never looked at.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from corpus_forge.errors import RunError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_atomically(path: Path, write: Callable[[BinaryIO], object], temporary: Path | None = None) -> None:
    """Make `path`, or replace it, with what `write` puts into the file it is given.

    `temporary` is an existing folder on the same filesystem, by default the one of `path`. RunError when the disk is full;
    whatever `write` raises otherwise passes through. In both cases `path` is as it was and nothing is left behind.
    """
    with _written(path, write, temporary) as finished:
        finished.replace(path)
    sync_folder(path.parent)


def publish_file(finished: Path, path: Path) -> None:
    """Give a complete, closed file its name, replacing what had it; both lie on the same filesystem."""
    with clear_when_full(path, finished.parent):
        with finished.open("rb") as file:
            os.fsync(file.fileno())
        finished.replace(path)
        sync_folder(path.parent)


def commit_exclusively(path: Path, data: bytes, temporary: Path | None = None) -> bool:
    """Make `path` unless it exists: True when this call made it, False when another had. It is never seen half.

    A hard link does it, since a rename would replace; the filesystem must know hard links. RunError when the disk is full.
    """
    with _written(path, lambda file: file.write(data), temporary) as finished:
        try:
            os.link(finished, path)
        except FileExistsError:
            return False
    sync_folder(path.parent)
    return True


@contextmanager
def _written(path: Path, write: Callable[[BinaryIO], object], temporary: Path | None) -> Iterator[Path]:
    """A synced temporary file with the content; removed in the end if it is still there."""
    folder = temporary or path.parent
    # Random, so that two machines on one shared folder never meet; it is never part of an output.
    name = folder / f".{path.name}.{secrets.token_hex(8)}.tmp"
    try:
        with clear_when_full(path, folder):
            with name.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            yield name
    finally:
        name.unlink(missing_ok=True)


@contextmanager
def clear_when_full(path: Path, folder: Path) -> Iterator[None]:
    """Turn the error of a full disk into one that a person can act on."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        free = ""
        with suppress(OSError):
            free = f" ({shutil.disk_usage(folder).free} bytes free in {folder})"
        message = f"{path}: the disk is full{free}. Make room and run the same command again; it goes on from here."
        raise RunError(message) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
