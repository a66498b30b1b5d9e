"""Near duplicates of texts in memory: the library's way to what the step `dedup: minhash` does over a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import numpy as np

from corpus_forge.dedup.components import Forest
from corpus_forge.dedup.lsh import band_keys, choose_preset
from corpus_forge.dedup.minhash import EMPTY, Unit, minhash_signatures
from corpus_forge.dedup.pairs import Sets, VerifyBy, similar_pairs, star_pairs, verified_pairs
from corpus_forge.dedup.shingles import shingles_of
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import Texts


def near_duplicates(  # noqa: PLR0913 - the parameters of a published method, by name
    texts: Texts,
    preset: str | None = None,
    *,
    unit: Unit | None = None,
    ngram: int | None = None,
    bands: int | None = None,
    rows: int | None = None,
    normalize: str | Iterable[str] | None = None,
    seed: int = 1,
    verify: float | None = None,
    verify_by: VerifyBy = "signature",
) -> np.ndarray:
    """int64[n] cluster ids: for each text the index of the first text of its cluster; its own if it is alone.

    Texts are in one cluster when a chain of pairs that share a band connects them (bands of 8 rows, 14 of them, word 5-grams
    by default; `corpus_forge.dedup.lsh.PRESETS` has others). With `verify` a pair counts only when at least that share of
    their signatures is equal, or their sets of shingles are that similar with verify_by="jaccard". A text without a word is
    alone. RequestError for a parameter that cannot be.
    """
    base = choose_preset(preset)
    bands, rows = base.bands if bands is None else bands, base.rows if rows is None else rows
    if bands < 1 or rows < 1:
        raise RequestError(f"bands: {bands}, rows: {rows}: both must be 1 or more.")
    if verify is not None and not 0 <= verify <= 1:
        raise RequestError(f"verify: {verify} is not between 0 and 1.")
    if verify_by not in get_args(VerifyBy):
        raise RequestError(f"verify_by: '{verify_by}' is not known. Use 'signature' or 'jaccard'.")
    ngram, unit = base.ngram if ngram is None else ngram, unit or base.unit
    normalize = base.normalize if normalize is None else normalize
    signatures = minhash_signatures(texts, ngram, bands * rows, unit=unit, normalize=normalize, seed=seed)
    by_sets = verify is not None and verify_by == "jaccard"
    return cluster_signatures(signatures, bands, rows, verify, shingles_of(texts, ngram, unit, normalize) if by_sets else None)


def cluster_signatures(
    signatures: np.ndarray, bands: int, rows: int, verify: float | None = None, sets: Sets | None = None
) -> np.ndarray:
    """int64[n] cluster ids of uint32[n, bands * rows] signatures, which may come from datasketch.

    With `verify` pairs are held against each other by their signatures, or by `sets` of shingles where there are any.
    """
    filled = np.flatnonzero((signatures != EMPTY).any(axis=1)).astype(np.uint64)
    hi, lo = band_keys(signatures[filled.astype(np.int64)], bands, rows)
    forest = Forest()
    for band in range(bands):
        order = np.lexsort((filled, lo[:, band], hi[:, band]))
        sorted_rows = hi[order, band], lo[order, band], filled[order]
        if verify is not None and sets is not None:
            forest.add(*similar_pairs(*sorted_rows, sets, verify))
        elif verify is None:
            forest.add(*star_pairs(*sorted_rows))
        else:
            forest.add(*verified_pairs(*sorted_rows, lambda ids: signatures[ids.astype(np.int64)], verify))
    clusters = np.arange(len(signatures), dtype=np.int64)
    ids, roots = forest.groups()
    clusters[ids.astype(np.int64)] = roots.astype(np.int64)
    return clusters
