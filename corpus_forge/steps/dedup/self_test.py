"""Does `minhash` find what its curve promises, on these texts? Copies are planted in a sample and looked for.

The copies go through the step's own shingles, signatures, bands and verification, each pair by itself, beside the run: nothing
of them is in the keys that decide who stays. What is found is held against theory at the similarity that each pair really has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.curve import found_probability, wilson_interval
from corpus_forge.dedup.grouping import grouped_order
from corpus_forge.dedup.planting import planted_copies
from corpus_forge.dedup.shingles import Shingles, shingles_of
from corpus_forge.steps.base import GROUP_DTYPE

if TYPE_CHECKING:
    from corpus_forge.steps.dedup.minhash import MinhashDedup

PLANTED = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
BINS, LEAST = 20, 8
"""Pairs are counted by twentieths of similarity; those below 8/20 are too few to tell."""
AT_ONCE = 256


def self_test(step: MinhashDedup, texts: list[str], keys: np.ndarray) -> dict[str, Any]:
    """What the report says: for each range of similarity how many pairs there were, were found, and should have been."""
    plain = step.model_copy(
        update={"keep": "first", "sources": (), "signal": None, "column": None, "scope": "run", "within": None, "against": ()}
    )
    copies = planted_copies(texts, keys, PLANTED, step.seed)
    parts = [copies[first : first + AT_ONCE] for first in range(0, len(copies), AT_ONCE)]
    looked = [_look_for(plain, [(texts[number], copy) for number, copy in part]) for part in parts]
    similarity = np.concatenate([np.empty(0), *(each[0] for each in looked)])
    found = np.concatenate([np.empty(0, bool), *(each[1] for each in looked)])
    chances = found_probability(similarity, step.bands, step.rows, step.verify, step.verify_by == "jaccard")
    return {"kind": "self_test", "documents": len(texts), "pairs": len(copies), "bins": _bins(similarity, found, chances)}


def _look_for(step: MinhashDedup, pairs: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """(float64[n] Jaccard similarities, bool[n] whether the step makes them a pair)."""
    column = pa.array([text for pair in pairs for text in pair], pa.large_string())
    shingles = shingles_of(column, step.ngram, step.unit, step.normalize)
    keys, notes = step.survey(pa.record_batch({"text": column}))
    rows = np.empty(len(keys), GROUP_DTYPE)
    rows["id"], rows["hi"] = keys["row"], keys["hi"]
    # Each pair by itself: a band of one never meets that of another.
    rows["lo"] = keys["lo"] ^ ((rows["id"] >> np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    rows = rows[grouped_order(rows["hi"], rows["lo"], rows["id"])]
    joined = step.pair(rows, _Look(notes, shingles))
    found = np.zeros(len(pairs), bool)
    found[(joined["id"] >> np.uint64(1)).astype(np.int64)] = True
    return _similarities(shingles, len(pairs)), found


class _Look:
    """Notes of a batch, looked up by row."""

    def __init__(self, notes: np.ndarray | None, shingles: Shingles) -> None:
        self._notes = notes
        self.list_lengths, self.lists = shingles.list_lengths, shingles.lists

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        assert self._notes is not None
        return self._notes[ids.astype(np.int64)]


def _similarities(shingles: Shingles, pairs: int) -> np.ndarray:
    """float64[n]: Jaccard similarity of the sets of rows 2i and 2i + 1."""
    values, offsets = shingles.lists(np.arange(2 * pairs, dtype=np.uint64))
    sets = np.split(values, offsets[1:-1])
    common = [len(np.intersect1d(one, other, assume_unique=True)) for one, other in zip(sets[::2], sets[1::2], strict=True)]
    sizes = np.diff(offsets)
    return np.array(common) / np.maximum(sizes[::2] + sizes[1::2] - common, 1)


def _bins(similarity: np.ndarray, found: np.ndarray, chances: np.ndarray) -> list[dict[str, Any]]:
    number = np.minimum((similarity * BINS + 1e-9).astype(np.int64), BINS - 1)
    told = []
    for each in range(LEAST, BINS):
        here = number == each
        pairs, caught = int(here.sum()), int(found[here].sum())
        if pairs:
            low, high = (round(bound, 4) for bound in wilson_interval(caught, pairs))
            expected = round(float(chances[here].sum()) / pairs, 4)
            deviation = round(float(np.sqrt((chances[here] * (1 - chances[here])).sum())) / pairs, 4)
            measured = {"pairs": pairs, "found": caught, "recall": round(caught / pairs, 4), "low": low, "high": high}
            told.append(
                {"from": each / BINS, "to": (each + 1) / BINS, **measured, "expected": expected, "deviation": deviation}
            )
    return told
