"""The pages of a batch in memory that parent and child share, written once: no copy through sockets, and a fresh child finds
the same pages where they lie.

The file is a memfd, or an unlinked temporary file where there is none. The parent writes by system call and never maps it, so
that a full disk or too little memory is an OSError here and not a SIGBUS; the child maps it read-only. It grows by doubling
and is cut back after a large batch.
"""

from __future__ import annotations

import os
import tempfile
import weakref

import numpy as np
import pyarrow as pa

from corpus_forge.sandbox.protocol import ROW_NUMBERS

KEPT_BYTES = 32 << 20
"""What an idle sandbox may hold on to."""


class Arena:
    """A growing shared file. `fd` is handed to the helper; `size` is told to the child with each batch."""

    def __init__(self) -> None:
        self.fd = _open_shared()
        weakref.finalize(self, os.close, self.fd)
        self.size = 0

    def write(self, htmls: pa.LargeStringArray, urls: pa.LargeStringArray) -> None:
        """Lay out one batch: the table of int64[n, 4], then the pages, then the URLs."""
        html_at, html_bytes = _buffers(htmls)
        url_at, url_bytes = _buffers(urls)
        table = np.empty((len(htmls), ROW_NUMBERS), np.int64)
        html_base = table.nbytes - html_at[0]
        url_base = table.nbytes + len(html_bytes) - url_at[0]
        table[:, 0], table[:, 1] = html_at[:-1] + html_base, html_at[1:] + html_base
        table[:, 2], table[:, 3] = url_at[:-1] + url_base, url_at[1:] + url_base
        _blank_nulls(table, htmls, urls)
        self._reserve(table.nbytes + len(html_bytes) + len(url_bytes))
        _write_all(self.fd, [table.data.cast("B"), html_bytes, url_bytes])

    def trim(self, kept: int = KEPT_BYTES) -> None:
        """Give memory back after a large batch."""
        if self.size > kept:
            self.size = kept
            os.ftruncate(self.fd, self.size)

    def _reserve(self, size: int) -> None:
        if size > self.size:
            self.size = max(1 << 20, 1 << (size - 1).bit_length())
            os.ftruncate(self.fd, self.size)


def _open_shared() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("corpus-forge-arena", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _buffers(values: pa.LargeStringArray) -> tuple[np.ndarray, memoryview]:
    """int64[n + 1] offsets, and the bytes from the first to the last of them."""
    _, offsets, data = values.buffers()
    at = np.frombuffer(offsets, np.int64, len(values) + 1, values.offset * 8)
    return at, memoryview(data or b"").cast("B")[at[0] : at[-1]]


def _blank_nulls(table: np.ndarray, htmls: pa.LargeStringArray, urls: pa.LargeStringArray) -> None:
    # Arrow lets a null lie over bytes; what a null page counts as is the empty page.
    if htmls.null_count:
        null = htmls.is_null().to_numpy(zero_copy_only=False)
        table[null, 1] = table[null, 0]
    if urls.null_count:
        table[urls.is_null().to_numpy(zero_copy_only=False), 2] = -1


def _write_all(fd: int, parts: list[memoryview]) -> None:
    position = 0
    for part in parts:
        while part:
            written = os.pwrite(fd, part, position)
            position, part = position + written, part[written:]  # noqa: PLW2901 (the rest of the same part)
