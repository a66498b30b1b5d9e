"""Trees over features of blocks: LightGBM learns them, the kernel of forge/trees.py evaluates them.

Labels are shares, so the loss is cross-entropy; a block weighs as much as its words do on its page, and every page the same.
Several fits, which differ in their seed alone, are averaged: one fit's F1 on held-out domains differs by 0.004 from another's,
and more trees in one fit learn the pages by heart (measured: from some 200 trees on the loss on held-out domains rises).
LightGBM's results depend on its version and are the same for any number of threads in deterministic mode with fixed columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.model import LEAVES, STEPS, Model
from corpus_forge.extract.forge.select import RANGE
from corpus_forge.extract.forge.trees import leaf_slot


@dataclass(frozen=True)
class Settings:
    """What a fit depends on besides the pages."""

    trees: int = 220
    """Of one fit."""
    fits: int = 2
    leaves: int = 31
    rate: float = 0.07
    seed: int = 3
    threads: int = 2

    def parameters(self) -> dict[str, Any]:
        """LightGBM's names for them, and what is the same for all."""
        return {
            "objective": "cross_entropy",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": 40,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.5,
            "bagging_freq": 1,
            "lambda_l2": 5.0,
            "max_bin": 63,
            "verbosity": -1,
            "num_threads": self.threads,
            "seed": self.seed,
            "deterministic": True,
            "force_col_wise": True,
            "use_missing": False,
        }


def block_weights(words: np.ndarray) -> np.ndarray:
    """float64[n]: 100 for a page, shared out by words; less for a page of fewer than 30."""
    return 100.0 * words / max(float(words.sum()), 30.0)


def fit(x: np.ndarray, labels: np.ndarray, weight: np.ndarray, settings: Settings) -> list[Any]:
    """LightGBM boosters, the average of which is the score."""
    import lightgbm

    given = settings.parameters()
    data = lightgbm.Dataset(x, labels, weight=weight, feature_name=columns.NAMES, free_raw_data=True, params=given)
    seeds = range(settings.seed, settings.seed + settings.fits)
    return [lightgbm.train({**given, "seed": seed}, data, settings.trees) for seed in seeds]


def model_of(boosters: Sequence[Any], words: np.ndarray, names: np.ndarray) -> Model:
    """The boosters' trees as the kernels take them, with the bits that they ask about."""
    features: list[int] = []
    thresholds: list[float] = []
    masks: list[int] = []
    starts, values = [0], []
    for tree in (tree for booster in boosters for tree in booster.dump_model()["tree_info"]):
        row = np.zeros(LEAVES, np.float32)
        _flatten(tree["tree_structure"], 0, features, thresholds, masks, row)
        values.append(row / len(boosters))
        starts.append(len(features))
    rows, bits = _with_used_bits(np.array(features, np.int32))
    return Model(
        words, names, bits, chances(), rows, _rounded_down(np.array(thresholds)), np.array(masks, np.uint32),
        np.array(starts, np.int32), np.array(values, np.float32).reshape(-1, LEAVES),
    )  # fmt: skip


def chances() -> np.ndarray:
    """float32[STEPS]: the logistic function in the middle of each step of the score."""
    middles = (np.arange(STEPS) + 0.5) * (2 * RANGE / STEPS) - RANGE
    return (1 / (1 + np.exp(-middles))).astype(np.float32)


def _with_used_bits(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the row of a chunk for each node, int32[m, 2] of the bits that are used)."""
    first = len(columns.NUMBERS)
    used = np.unique(features[features >= first])
    bits = np.array([columns.BITS[column - first][:2] for column in used.tolist()], np.int32).reshape(-1, 2)
    rows = np.where(features < first, features, first + np.searchsorted(used, features))
    return rows.astype(np.int32), bits


def _flatten(node: dict, first: int, features: list[int], thresholds: list[float], masks: list[int], row: np.ndarray) -> int:
    """Write the nodes below; `first` is the first leaf's number. The number behind the last leaf. Depth is at most LEAVES."""
    if "split_feature" not in node:
        row[leaf_slot(first)] = node["leaf_value"]
        return first + 1
    place = len(features)
    features.append(node["split_feature"])
    thresholds.append(node["threshold"])
    masks.append(0)
    middle = _flatten(node["left_child"], first, features, thresholds, masks, row)
    last = _flatten(node["right_child"], middle, features, thresholds, masks, row)
    masks[place] = 0xFFFFFFFF & ~((1 << middle) - (1 << first))
    return last


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """float32 thresholds that compare with every float32 as the float64 ones do."""
    near = thresholds.astype(np.float32)
    return np.where(near.astype(np.float64) > thresholds, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float32)
