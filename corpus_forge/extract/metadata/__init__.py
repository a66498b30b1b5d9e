"""What a page says about itself beside its text: title, author, day, language, canonical address, link to a licence.

Kernels find where each thing stands (kernel.py, linked_data.py over the tokens of the engine forge), the few short values are
then decoded one by one (values.py). No tree is built, so that it costs a fraction of extraction and goes with any engine.
`page_metadata` is the library call; the step of the same name comes before `extract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus_forge.errors import RequestError, nearest
from corpus_forge.extract.metadata.fields import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from corpus_forge.text.columns import Texts

__all__ = ["COLUMNS", "page_metadata"]


def page_metadata(pages: Texts, columns: Sequence[str] | None = None, urls: pa.Array | None = None) -> pa.Table:
    """Table of string columns, one row a page, null where the page does not say. columns: some of COLUMNS, by default all.

    `urls`, strings or null, make relative addresses whole. RequestError for a column that does not exist.
    """
    wanted = tuple(columns or COLUMNS)
    unknown = [name for name in wanted if name not in COLUMNS]
    if unknown:
        raise RequestError(f"no column of page metadata is named '{unknown[0]}'. {nearest(unknown[0], COLUMNS)}")
    import pyarrow as pa

    from corpus_forge.extract.metadata.find import find
    from corpus_forge.extract.metadata.values import decoded

    places = find(pages)
    addresses = urls.to_pylist() if urls is not None else [None] * places.pages
    return pa.table({name: pa.array(decoded(name, places, addresses), pa.string()) for name in wanted})
