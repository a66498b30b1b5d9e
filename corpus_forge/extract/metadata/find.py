"""A column of pages in, places out: memory and limits around the kernel. Imports numba: inside functions only."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from corpus_forge.extract.forge.kernel import SOURCE
from corpus_forge.extract.forge.layout import MAX_BYTES
from corpus_forge.extract.forge.run import count_marks
from corpus_forge.extract.forge.tables import KIND_OF
from corpus_forge.extract.metadata.kernel import make_find_places
from corpus_forge.extract.metadata.linked_data import MAX_DEPTH
from corpus_forge.extract.metadata.places import SHAPE
from corpus_forge.text.columns import Texts, text_column
from corpus_forge.text.kernel_sources import source_number

MAX_TAGS = 1 << 20
"""Times `<` in a page that is read, as in the engine forge: about 34 MB of tokens."""
_MODULES = [f"extract/metadata/{name}" for name in ("fields", "tables", "places", "linked_data", "kernel")]


class Places(NamedTuple):
    """data: uint8[...]; page i is data[offsets[i]:offsets[i + 1]]. rows: int32[n, FIELDS, MANY, 4], columns START, STOP (in the
    page), FORM, WORTH of places.py.
    """

    data: np.ndarray
    offsets: np.ndarray
    rows: np.ndarray

    @property
    def pages(self) -> int:
        """How many."""
        return len(self.rows)


@cache
def _kernel() -> Any:
    return make_find_places(SOURCE ^ source_number(_MODULES))


def find(pages: Texts) -> Places:
    """Places of each page; none for a page with more than MAX_TAGS `<`."""
    column = text_column(pages)
    data, offsets = column.data, column.offsets
    count = len(offsets) - 1
    marks, rows = np.zeros(count, np.int64), np.zeros((count, *SHAPE), np.int32)
    count_marks(data, offsets, marks)
    wanted = (marks > 0) & (marks <= MAX_TAGS) & (np.diff(offsets) < MAX_BYTES)
    tokens = np.empty((2 * int(marks[wanted].max(initial=0)) + 2, 4), np.int32)
    spans, opened = np.zeros((11, 2), np.int64), np.zeros((MAX_DEPTH, 2), np.int64)
    _kernel()(data, offsets, wanted, tokens, np.empty(len(KIND_OF), np.int32), spans, opened, rows)
    return Places(data, offsets, rows)


def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache."""
    find(["<title>One</title>"])
