"""The pages of a batch in shared memory, against slicing lists of bytes."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.sandbox import arena as arena_module
from corpus_forge.sandbox.arena import Arena
from corpus_forge.sandbox.guard import GROUP_BYTES, GROUP_ROWS, _groups

words = st.one_of(st.none(), st.text(max_size=20))


def read(arena: Arena, rows: int) -> list[tuple[bytes, bytes | None]]:
    table = np.frombuffer(os.pread(arena.fd, rows * 32, 0), np.int64).reshape(rows, 4)
    cut = lambda start, stop: os.pread(arena.fd, stop - start, start)  # noqa: E731
    return [(cut(a, b), cut(c, d) if c >= 0 else None) for a, b, c, d in table.tolist()]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=12), st.data())
def test_every_row_is_found_where_the_table_says_also_in_slices_and_with_nulls(rows, data):
    start = data.draw(st.integers(0, len(rows) - 1))
    pages = pa.array([page for page, _ in rows], pa.large_string())[start:]
    links = pa.array([link for _, link in rows], pa.large_string())[start:]
    arena = Arena()
    arena.write(pages, links)
    expected = [((page or "").encode(), None if link is None else link.encode()) for page, link in rows[start:]]
    assert read(arena, len(pages)) == expected


def test_a_null_that_lies_over_bytes_is_an_empty_page():
    offsets = pa.py_buffer(np.array([0, 3, 6], np.int64).tobytes())
    hidden = pa.LargeStringArray.from_buffers(2, offsets, pa.py_buffer(b"abcdef"), pa.py_buffer(b"\x02"), 1)
    arena = Arena()
    arena.write(hidden, pa.nulls(2, pa.large_string()))
    assert read(arena, 2) == [(b"", None), (b"def", None)]


def test_it_grows_by_doubling_and_is_cut_back(monkeypatch):
    monkeypatch.setattr(arena_module, "KEPT_BYTES", 1 << 20)
    arena = Arena()
    sizes = []
    for size in (10, 1 << 20, 3 << 20, 5):
        arena.write(pa.array(["x" * size], pa.large_string()), pa.nulls(1, pa.large_string()))
        sizes.append(arena.size)
    assert sizes == [1 << 20, 2 << 20, 4 << 20, 4 << 20]
    arena.trim(1 << 20)
    assert arena.size == os.fstat(arena.fd).st_size == 1 << 20


def test_without_memfd_an_unlinked_temporary_file_serves(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    arena = Arena()
    arena.write(pa.array(["page"], pa.large_string()), pa.array(["url"], pa.large_string()))
    assert read(arena, 1) == [(b"page", b"url")]
    assert list(tmp_path.iterdir()) == []


def test_a_long_array_is_handed_over_in_groups_of_bounded_rows_and_bytes():
    large = "x" * (GROUP_BYTES // 4)
    pages = pa.array(["s", *[large] * 9, large * 5, *["s"] * (2 * GROUP_ROWS)], pa.large_string())[1:]
    groups = list(_groups(pages))
    assert [start for start, _ in groups[1:]] == [stop for _, stop in groups[:-1]]
    assert (groups[0][0], groups[-1][1]) == (0, len(pages))
    assert groups[:4] == [(0, 4), (4, 8), (8, 9), (9, 10)]
    assert all(stop - start <= GROUP_ROWS for start, stop in groups)
    assert list(_groups(pages[:0])) == []
