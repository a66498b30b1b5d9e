"""The engine `forge`: main content by a learned model, faster than parsers that build a tree.

`cf.extract(html, engine="forge")` for one page; a pipeline's batches go through `columns`, without an object a page. Kernels
are compiled at the first page and kept in numba's cache: 1 s then, a minute or two the very first time.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from corpus_forge.errors import InputError
from corpus_forge.extract.forge.catalog import digest
from corpus_forge.extract.forge.options import ForgeOptions
from corpus_forge.extract.metadata.body import with_bodies
from corpus_forge.registry import extractors

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from corpus_forge.document import Fault

KERNELS = 3
"""Raised when other text comes out for the same model."""


@extractors.add("forge")
class Forge:
    """Options are those of ForgeOptions, by name; RequestError for others."""

    columnar = True
    """Takes whole columns, and needs no sandbox."""
    option_names = tuple(field.name for field in fields(ForgeOptions))

    def __init__(self, **options: Any) -> None:
        self.options = ForgeOptions(**options)

    @property
    def version(self) -> str:
        """Version of the kernels, the model's name and its digest."""
        return f"{KERNELS}+{self.options.model}+{digest(self.options.model)}"

    def extract(self, html: str, url: str | None) -> str:
        """Text of the main content; `url` is not used. InputError for a page with too many tags."""
        import pyarrow as pa

        texts, faults = self.columns(pa.array([html], pa.large_string()))
        if faults:
            raise InputError(faults[0].detail)
        return texts[0].as_py()

    def columns(self, pages: pa.Array, urls: pa.Array | None = None) -> tuple[pa.LargeStringArray, dict[int, Fault]]:
        """Texts of a string column, with nulls or not, sliced or not; by row the faults of pages that were not read. No use of
        `urls`.
        """
        texts, faults, _ = self.judged(pages)
        return texts, faults

    def judged(self, pages: pa.Array) -> tuple[pa.LargeStringArray, dict[int, Fault], np.ndarray]:
        """As `columns`, and float32[n]: the word-F1 that the model expects of each text, 0 where blocks gave none."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from corpus_forge.document import Fault
        from corpus_forge.extract.forge.extractor import MAX_TAGS, extractor_of
        from corpus_forge.text.columns import text_column

        column = text_column(pages)
        found = extractor_of(self.options.model).extract(column.data, column.offsets, self.options.bits())
        faults = {
            row: Fault("limit:html_tags", f"the page has {marks:,} times '<'; the engine forge reads {MAX_TAGS:,}")
            for row, marks in found.too_many.items()
        }
        buffers = [None, pa.py_buffer(np.ascontiguousarray(found.ends)), pa.py_buffer(found.data)]
        texts = pa.LargeStringArray.from_buffers(len(pages), buffers[1], buffers[2])
        if faults:
            gone = pa.array(np.isin(np.arange(len(pages)), list(faults)))
            texts = pc.if_else(gone, pa.scalar(None, pa.large_string()), texts)
        return with_bodies(texts, pages), faults, found.sure
