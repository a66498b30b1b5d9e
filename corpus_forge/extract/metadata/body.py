"""The text of an article in JSON-LD, for pages that show none: `articleBody`, where scripts would build the page from it.

Only where no text was found otherwise. Of 605 pages of WCXB 9 have both; there the visible text scores a word-F1 of 0.905, the
body 0.833.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def with_bodies(texts: pa.LargeStringArray, pages: pa.Array) -> pa.LargeStringArray:
    """The texts, with articleBody in the place of empty ones whose page has it. Nulls stay."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    # Only empty texts' pages are searched: searching all would take a third of the time that extracting them takes.
    rows = np.flatnonzero(pc.fill_null(pc.equal(pc.binary_length(texts), 0), False))
    rows = rows[np.asarray(pc.fill_null(pc.match_substring(pages.take(pa.array(rows)), "articleBody"), False))]
    if not len(rows):
        return texts
    found = _bodies(pages.take(pa.array(rows)))
    mask = np.zeros(len(texts), bool)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(found, pa.large_string()))


def _bodies(pages: pa.Array) -> list[str]:
    from corpus_forge.extract.metadata.fields import BODY
    from corpus_forge.extract.metadata.find import find
    from corpus_forge.extract.metadata.places import WORTH
    from corpus_forge.extract.metadata.values import body

    places = find(pages)
    return [body(places, page) if places.rows[page, BODY, 0, WORTH] else "" for page in range(places.pages)]
