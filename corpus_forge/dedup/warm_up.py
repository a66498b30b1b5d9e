"""Compiling the kernels of this package once, so that no run pays for it."""

from __future__ import annotations

from corpus_forge.dedup.line_places import line_places
from corpus_forge.dedup.minhash import minhash_signatures
from corpus_forge.dedup.near import near_duplicates
from corpus_forge.dedup.substrings import duplicate_spans
from corpus_forge.text.columns import text_column


def warm_up() -> None:
    """Compile every kernel, or load it from numba's cache (`NUMBA_CACHE_DIR`, else beside the module)."""
    texts = ["the same words are here once more", "the same words are here once more"]
    for verify_by in ("signature", "jaccard"):
        near_duplicates(texts, verify=0.5, verify_by=verify_by)  # type: ignore[arg-type]
    minhash_signatures(texts, compatible="datasketch")
    duplicate_spans(texts, 16)
    line_places(text_column(texts), paragraphs=True)
