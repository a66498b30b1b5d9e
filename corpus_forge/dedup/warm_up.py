"""Compiling the kernels of this package once, so that no run pays for it."""

from __future__ import annotations

from functools import cache

from corpus_forge.dedup.bloom import Walk, filter_for, list_units
from corpus_forge.dedup.contamination import contamination
from corpus_forge.dedup.line_places import line_places
from corpus_forge.dedup.minhash import minhash_signatures
from corpus_forge.dedup.near import near_duplicates
from corpus_forge.dedup.substrings import duplicate_spans
from corpus_forge.text.columns import text_column


@cache
def warm_up() -> None:
    """Compile every kernel, or load it from numba's cache: corpus_forge/warm_up.py."""
    texts = ["the same words are here once more", "the same words are here once more"]
    for verify_by in ("signature", "jaccard"):
        near_duplicates(texts, verify=0.5, verify_by=verify_by)  # type: ignore[arg-type]
    minhash_signatures(texts, compatible="datasketch")
    duplicate_spans(texts, 16)
    line_places(text_column(texts), paragraphs=True)
    contamination(texts, {"some": texts}, 3)
    units, hashes = list_units(text_column(texts), 3, 1, (), whole=False)
    for mapped in (units, hashes):
        mapped.setflags(write=False)  # as the engine reads them
    for _ in Walk(filter_for(9, 0.1), 0.5, documents_too=True).feed(units, hashes):
        pass
