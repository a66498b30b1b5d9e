"""The folder that an export makes: there whole or not at all, with a record of what is in it.

Files are written below a hidden folder beside the target, which gets its name in the end. `export.json` says where the tokens
are from, and the digest of each file; the same input gives the same bytes in every file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from corpus_forge.errors import RequestError
from corpus_forge.io.atomic import clear_when_full
from corpus_forge.tokens.verify import file_digest

RECORD = "export.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Target:
    """A folder in the making. `facts` go into its record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts: dict[str, Any] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A new file, below folders that are made; RunError when the disk is full."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with clear_when_full(path, path.parent), path.open("xb") as sink:
            yield sink

    def write(self, name: str, content: bytes) -> None:
        """A whole small file."""
        with self.file(name) as sink:
            sink.write(content)

    def record(self) -> None:
        """Write export.json: the facts, and size and sha256 of all files there are."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        listed = {
            path.relative_to(self.folder).as_posix(): {"bytes": path.stat().st_size, "sha256": file_digest(path)}
            for path in files
        }
        self.write(RECORD, json_bytes({**self.facts, "files": listed}))


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """JSON as people read it."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def safe_name(name: str) -> str:
    """A source's or split's name, part of a file name; RequestError when it has more than letters, digits, `_`, `.`, `-`."""
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"source {name!r}: no name for a file. A folder made by `run` has letters, digits, `_`, `.` and `-`."
        )
    return name
