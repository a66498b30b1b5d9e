"""Inputs that can be gone back in, for formats that begin with their end or look twice at where they begin.

Local files and object stores seek; http is a stream, and is copied to a temporary file first: the cost is that much disk.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from corpus_forge.io.paths import open_input
from corpus_forge.io.source import Access

BUFFER_BYTES = 1 << 20


@contextmanager
def open_seekable(uri: str, access: Access) -> Iterator[BinaryIO]:
    """The input at its start; a copy of it where it cannot seek."""
    with open_input(uri, access) as file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy, BUFFER_BYTES)
            copy.seek(0)
            yield cast("BinaryIO", copy)
