"""The memory and the model behind the kernels: a column of pages in, a column of texts out. Imports numba: inside functions
only.

Memory grows to the largest page and stays for the next; a page that needs more than KEPT_BYTES gives it back. One extractor
belongs to one thread.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from corpus_forge.extract.forge import model as models
from corpus_forge.extract.forge.catalog import DEFAULT
from corpus_forge.extract.forge.features import make_chunk
from corpus_forge.extract.forge.layout import MAX_BYTES
from corpus_forge.extract.forge.options import ForgeOptions
from corpus_forge.extract.forge.run import count_marks, extract_pages
from corpus_forge.extract.forge.work import Work, make_work

MAX_TAGS = 1 << 20
"""Times `<` in a page that is read: about 400 MB of memory. The longest page of the gold sets has 40,000."""
KEPT_BYTES, KEPT_MARKS = 8 << 20, 1 << 16


class Texts(NamedTuple):
    """Text i is data[ends[i]:ends[i + 1]]."""

    data: np.ndarray
    """uint8[...], UTF-8, of its own"""
    ends: np.ndarray
    """int64[n + 1]"""
    sure: np.ndarray
    """float32[n]: the word-F1 that each text is expected to have, 0 where there is none"""
    too_many: dict[int, int]
    """Pages with more than MAX_TAGS `<`, which were not read, and how many they have"""


def _frozen(array: np.ndarray) -> np.ndarray:
    """The array, read-only: what may be written is another type to numba, for which it compiles all once more."""
    view = array.view()
    view.flags.writeable = False
    return view


class Extractor:
    """Pages to texts by one model."""

    def __init__(self, model: models.Model) -> None:
        self._model = models.each(model, _frozen)
        self._chunk = make_chunk(len(model.bits))
        self._size = self._rows = 0
        self._work: Work | None = None
        self._out = np.empty(1 << 16, np.uint8)

    def extract(self, data: np.ndarray, offsets: np.ndarray, options: int = 0) -> Texts:
        """Texts of the pages data[offsets[i]:offsets[i + 1]]. data: uint8, UTF-8. offsets: int64[n + 1]. options: bits."""
        data, offsets = _frozen(data), _frozen(offsets)
        count = len(offsets) - 1
        marks, sizes = np.zeros(count, np.int64), np.diff(offsets)
        count_marks(data, offsets, marks)
        wanted = (marks <= MAX_TAGS) & (sizes > 0) & (sizes < MAX_BYTES)
        work = self._room(int(sizes[wanted].max(initial=0)), int(marks[wanted].max(initial=0)))
        ends, sure = np.zeros(count + 1, np.int64), np.zeros(count, np.float32)
        page = at = 0
        while page < count:
            page, at, need = extract_pages(
                data, offsets, wanted, page, work, self._chunk, self._model, options, self._out, at, ends, sure
            )
            if page < count:
                self._grow(at, need)
        too_many = {int(row): int(marks[row]) for row in np.flatnonzero(marks > MAX_TAGS)}
        texts = Texts(self._out[:at].copy(), ends, sure, too_many)
        self._shrink()
        return texts

    def _room(self, size: int, marks: int) -> Work:
        if self._work is None or size > self._size or marks > self._rows:
            self._size, self._rows = max(self._size, size + size // 4), max(self._rows, marks + marks // 4)
            self._work = make_work(self._size, self._rows)
        return self._work

    def _grow(self, at: int, need: int) -> None:
        larger = np.empty(max(2 * len(self._out), at + need), np.uint8)
        larger[:at] = self._out[:at]
        self._out = larger

    def _shrink(self) -> None:
        if self._size > KEPT_BYTES or self._rows > KEPT_MARKS:
            self._size = self._rows = 0
            self._work = None
        if len(self._out) > 4 * KEPT_BYTES:
            self._out = np.empty(1 << 16, np.uint8)


_local = threading.local()


def extractor_of(name: str) -> Extractor:
    """The extractor of this thread for a model."""
    kept = _local.__dict__.setdefault("kept", {})
    model = models.load(name)
    if name not in kept or kept[name][0] is not model:
        kept[name] = model, Extractor(model)
    return kept[name][1]


def warm_up() -> None:
    """Compile every kernel, or load it from numba's cache."""
    page = (
        b"<title>One</title><h1>One</h1><p>All that kernels need: a page, with <a href=x>words</a> in it, and more of them.</p>"
    )
    offsets = np.array([0, len(page)], np.int64)
    extractor_of(DEFAULT).extract(np.frombuffer(page, np.uint8), offsets, ForgeOptions(format="markdown").bits())
