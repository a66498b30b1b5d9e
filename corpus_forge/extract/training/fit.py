"""Trees over features of blocks: LightGBM learns them, the kernel of forge/trees.py evaluates them.

Labels are shares, so the loss is cross-entropy; labels.py says what each weighs.
More trees learn the pages by heart (measured: from some 200 on the loss on held-out domains rises).
LightGBM's results depend on its version and are the same for any number of threads in deterministic mode with fixed columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.model import LEAVES, STEPS, Model, Trees
from corpus_forge.extract.forge.select import RANGE
from corpus_forge.extract.forge.trees import leaf_slot

BITS_AT = columns.NAMES.index(columns.BITS[0][2])
CONVENTION = len(columns.NAMES)
"""A column that training alone knows: 1 for blocks of pages that are labelled as the model shall label, 0 for others."""


class Shape(NamedTuple):
    """Of one look."""

    trees: int
    leaves: int
    fits: int


@dataclass(frozen=True)
class Settings:
    """What a fit depends on besides the pages."""

    trees: int = 220
    """Of the first look."""
    leaves: int = 31
    second_trees: int = 220
    """Of the second look."""
    second_leaves: int = 15
    second_fits: int = 2
    """Of so many trees each, which differ in their seed alone and are averaged: of no use in the first look."""
    rate: float = 0.07
    seed: int = 3
    threads: int = 2

    @property
    def first(self) -> Shape:
        """Of the first look."""
        return Shape(self.trees, self.leaves, 1)

    @property
    def second(self) -> Shape:
        """Of the second look."""
        return Shape(self.second_trees, self.second_leaves, self.second_fits)

    def parameters(self, leaves: int) -> dict[str, Any]:
        """LightGBM's names for them, and what is the same for all."""
        return {
            "objective": "cross_entropy",
            "learning_rate": self.rate,
            "num_leaves": leaves,
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


def with_convention(x: np.ndarray, own: np.ndarray | bool) -> np.ndarray:
    """float32[n, CONVENTION + 1]: features of blocks, and whether each is labelled as the model shall label."""
    return np.column_stack([x, np.broadcast_to(np.float32(own), len(x))])


class Fits(NamedTuple):
    """LightGBM boosters, the mean of which is the score."""

    boosters: list[Any]

    def scores(self, x: np.ndarray, threads: int) -> np.ndarray:
        """float32[n]"""
        if not len(x):
            return np.empty(0, np.float32)
        found = [booster.predict(x, raw_score=True, num_threads=threads) for booster in self.boosters]
        return np.mean(found, axis=0).astype(np.float32)


def fit(x: np.ndarray, labels: np.ndarray, weight: np.ndarray, shape: Shape, settings: Settings) -> Fits:
    """Fits of so many trees. x: as with_convention gives it; columns of one value are left out."""
    import lightgbm

    given, names = settings.parameters(shape.leaves), [*columns.NAMES, "convention"]
    data = lightgbm.Dataset(x, labels, weight=weight, feature_name=names, free_raw_data=True, params=given)
    seeds = range(settings.seed, settings.seed + shape.fits)
    return Fits([lightgbm.train({**given, "seed": seed}, data, shape.trees) for seed in seeds])


def model_of(first: Trees, second: Trees, words: np.ndarray, names: np.ndarray) -> Model:
    """The trees of both looks, which ask about columns.NAMES, with the bits that either asks about."""
    used = np.unique(np.concatenate([first.features, second.features]))
    used = used[used >= BITS_AT]
    bits = np.array([columns.BITS[column - BITS_AT][:2] for column in used.tolist()], np.int32).reshape(-1, 2)
    return Model(words, names, bits, chances(), _with_bits(first, used), _with_bits(second, used))


def trees_of(fits: Fits) -> Trees:
    """The boosters' trees as the kernels take them, but that they ask about columns.NAMES; of the model's own convention."""
    features: list[int] = []
    thresholds: list[float] = []
    masks: list[int] = []
    starts, values = [0], []
    for tree in (tree for booster in fits.boosters for tree in booster.dump_model()["tree_info"]):
        row = np.zeros(LEAVES, np.float32)
        _flatten(tree["tree_structure"], 0, features, thresholds, masks, row)
        values.append(row / len(fits.boosters))
        starts.append(len(features))
    return Trees(
        np.array(features, np.int32), _rounded_down(np.array(thresholds)), np.array(masks, np.uint32),
        np.array(starts, np.int32), np.array(values, np.float32).reshape(-1, LEAVES),
    )  # fmt: skip


def chances() -> np.ndarray:
    """float32[STEPS]: the logistic function in the middle of each step of the score."""
    middles = (np.arange(STEPS) + 0.5) * (2 * RANGE / STEPS) - RANGE
    return (1 / (1 + np.exp(-middles))).astype(np.float32)


def _with_bits(trees: Trees, used: np.ndarray) -> Trees:
    """The trees that ask about rows of a chunk. used: columns of the bits that a chunk has, in order."""
    features = trees.features
    rows = np.where(features < BITS_AT, features, BITS_AT + np.searchsorted(used, features))
    return trees._replace(features=rows.astype(np.int32))


def _flatten(node: dict, first: int, features: list[int], thresholds: list[float], masks: list[int], row: np.ndarray) -> int:
    """Write the nodes below; `first` is the first leaf's number. The number behind the last leaf. Depth is at most LEAVES."""
    node = _of_own_convention(node)
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


def _of_own_convention(node: dict) -> dict:
    """The node below that asks about something else."""
    while node.get("split_feature") == CONVENTION:
        node = node["left_child" if node["threshold"] >= 1 else "right_child"]
    return node


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """float32 thresholds that compare with every float32 as the float64 ones do."""
    near = thresholds.astype(np.float32)
    return np.where(near.astype(np.float64) > thresholds, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float32)
