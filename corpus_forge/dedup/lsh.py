"""Locality-sensitive hashing: which signatures are candidates (Leskovec and others, Mining of Massive Datasets, 3.4).

A signature is cut into `bands` of `rows` entries. Two texts are candidates when a whole band of theirs is equal, which at
similarity s happens with probability 1 - (1 - s^rows)^bands: an S-shaped curve, not a threshold. Presets are what published
corpora used; at a similarity of 0.8 one catches 40% of the pairs and another 99.5%, so a preset shows its curve.
A band is known by two 64-bit hashes, so that two bands that differ are never taken for the same by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpus_forge.dedup.folding import Folding
from corpus_forge.dedup.minhash import FOLDINGS, Unit
from corpus_forge.errors import RequestError, nearest

_ALL: tuple[Folding, ...] = ("lower", "punctuation", "digits", "accents")


class Preset(NamedTuple):
    """Shingles, bands and rows, and where they are from. Words are cut by our rules, not by the corpus's own tokenizer."""

    unit: Unit
    ngram: int
    bands: int
    rows: int
    normalize: tuple[Folding, ...]
    source: str


PRESETS = {
    "dclm": Preset(
        "words", 5, 93, 15, FOLDINGS, "DataComp-LM (arXiv 2406.11794), ablation; the released set used a Bloom filter"
    ),
    "finepdfs": Preset("words", 5, 32, 10, _ALL, "FinePDFs"),
    "fineweb": Preset("words", 5, 14, 8, _ALL, "FineWeb (arXiv 2406.17557); datatrove examples/fineweb.py"),
    "nemo": Preset("characters", 24, 20, 13, (), "NeMo Curator deduplication/fuzzy/workflow.py"),
    "olmo3": Preset("words", 5, 26, 11, FOLDINGS, "duplodocus README, the example for OLMo 3; tokens there, words here"),
    "redpajama_v2@0.7": Preset("words", 13, 14, 9, FOLDINGS, "RedPajama-Data app/src/run_lsh.py"),
    "redpajama_v2@0.8": Preset("words", 13, 9, 13, FOLDINGS, "RedPajama-Data app/src/run_lsh.py"),
    "redpajama_v2@0.9": Preset("words", 13, 5, 25, FOLDINGS, "RedPajama-Data app/src/run_lsh.py"),
    "refinedweb": Preset(
        "words", 5, 450, 20, FOLDINGS, "RefinedWeb (arXiv 2306.01116) after Lee et al.; tokens there, words here"
    ),
    "slimpajama": Preset("characters", 6, 9, 13, FOLDINGS, "SlimPajama's code; its README speaks of 13-grams"),
}


DEFAULT = PRESETS["fineweb"]._replace(normalize=FOLDINGS, source="the bands of FineWeb")


def choose_preset(name: str | None = None) -> Preset:
    """The preset of that name, or the default; RequestError with the nearest name when there is none."""
    if name is None:
        return DEFAULT
    if name not in PRESETS:
        raise RequestError(f"no preset of dedup is named '{name}'. {nearest(name, PRESETS)}")
    return PRESETS[name]


def catch_probability(similarity: float, bands: int, rows: int) -> float:
    """Probability that two texts of this Jaccard similarity share a band."""
    return 1.0 - (1.0 - similarity**rows) ** bands


def middle(bands: int, rows: int) -> float:
    """The similarity at which a pair is caught half the time."""
    return (1.0 - 0.5 ** (1.0 / bands)) ** (1.0 / rows)


def describe_curve(bands: int, rows: int, at: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9)) -> str:
    """One sentence: `pairs caught by similarity: 0.5: 5%, …; half of them at 0.685`."""
    points = ", ".join(f"{s}: {catch_probability(s, bands, rows):.1%}" for s in at)
    return f"pairs caught by similarity: {points}; half of them at {middle(bands, rows):.3f}"


def band_keys(signatures: np.ndarray, bands: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """(hi, lo), each uint64[n, bands], of uint32[n, bands * rows or more]. Bands of different numbers never have equal keys."""
    from corpus_forge.dedup.kernels import hash_bands

    if signatures.shape[1] < bands * rows:
        raise ValueError(f"{signatures.shape[1]} permutations are too few for {bands} bands of {rows} rows")
    hi, lo = (np.empty((len(signatures), bands), np.uint64) for _ in range(2))
    hash_bands(np.ascontiguousarray(signatures), bands, rows, hi, lo)
    return hi, lo
