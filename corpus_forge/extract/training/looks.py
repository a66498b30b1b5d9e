"""Both looks learned from gold pages that lie in no fold that is left out.

The second look is learned from scores of the first, and they must be such as it gives on pages that it has not seen: what trees
say of pages that they have learned is too good to be true. So the first look is also learned without each fold in turn, and
scores that fold. In cross-validation the fold that is tried is left out of all of them: five folds make ten pairs, and a pair
serves either of its folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.model import Model, Trees
from corpus_forge.extract.training.fit import Fits, Settings, Shape, chances, fit, model_of, trees_of, with_convention
from corpus_forge.extract.training.folds import FOLDS
from corpus_forge.extract.training.pages import Reader, ReadPage
from corpus_forge.extract.training.weights import Tally, weights

Left = frozenset[int]
"""Folds that are left out."""


@dataclass(frozen=True)
class Gold:
    """Read pages, what each says of its words, and its fold."""

    reader: Reader
    pages: list[ReadPage]
    tallies: list[Tally]
    folds: np.ndarray

    def weights(self, left: Left) -> tuple[np.ndarray, np.ndarray]:
        """Weights of words and of class words by the pages of all folds but these."""
        return weights([each for each, fold in zip(self.tallies, self.folds.tolist(), strict=True) if fold not in left])

    def numbers(self, folds: Left) -> list[int]:
        """Pages of these folds, by number."""
        return np.flatnonzero(np.isin(self.folds, sorted(folds))).tolist()


class First(NamedTuple):
    """A first look, and its score of every block of the pages that it has not learned from, by the page's number."""

    trees: Trees
    scores: dict[int, np.ndarray]


def lefts(held_out: Sequence[int | None]) -> list[Left]:
    """What is left out by the first looks that models without these folds need; None is a model of all pages."""
    alone = [frozenset([fold]) for fold in range(FOLDS)]
    pairs = [frozenset(pair) for pair in combinations(range(FOLDS), 2)] if any(fold is not None for fold in held_out) else []
    return [*(left_by(fold) for fold in held_out if fold is None), *alone, *pairs]


def left_by(held_out: int | None) -> Left:
    """What a model leaves out."""
    return frozenset() if held_out is None else frozenset([held_out])


class Described(NamedTuple):
    """Features of the blocks of some pages: x, float32[n, len(columns.NAMES)], those of the second look 0."""

    numbers: list[int]
    rows: list[slice]
    """Of each page in x."""
    x: np.ndarray


def described(gold: Gold, numbers: list[int]) -> Described:
    """Room for the features of these pages."""
    ends = np.cumsum([0, *(len(gold.pages[number].labels) for number in numbers)]).tolist()
    rows = [slice(start, end) for start, end in pairwise(ends)]
    return Described(numbers, rows, np.zeros((ends[-1], len(columns.NAMES)), np.float32))


def learned_from(gold: Gold, left: Left) -> Described:
    """The pages to learn from, each described by weights that it had no hand in."""
    made = described(gold, gold.numbers(frozenset(range(FOLDS)) - left))
    for fold in set(range(FOLDS)) - left:
        words, names = gold.weights(left | {fold})
        for number, rows in zip(made.numbers, made.rows, strict=True):
            if gold.folds[number] == fold:
                gold.reader.features(gold.pages[number], words, names, made.x[rows])
    return made


def _fit(gold: Gold, made: Described, shape: Shape, settings: Settings) -> Fits:
    labels = np.concatenate([gold.pages[number].labels for number in made.numbers])
    weight = np.concatenate([gold.pages[number].weights for number in made.numbers])
    own = np.concatenate([np.full(len(gold.pages[number].labels), gold.pages[number].gold.own) for number in made.numbers])
    known = weight > 0
    return fit(with_convention(made.x[known], own[known]), labels[known], weight[known], shape, settings)


def first_look(gold: Gold, left: Left, settings: Settings) -> First:
    """Learn the first look from all pages but those of the folds that are left out, and score those."""
    fits = _fit(gold, learned_from(gold, left), settings.first, settings)
    words, names = gold.weights(left)
    tried, scores = described(gold, gold.numbers(left)), {}
    for number, rows in zip(tried.numbers, tried.rows, strict=True):
        gold.reader.features(gold.pages[number], words, names, tried.x[rows])
    found = fits.scores(with_convention(tried.x, True), settings.threads)
    for number, rows in zip(tried.numbers, tried.rows, strict=True):
        scores[number] = found[rows]
    return First(trees_of(fits), scores)


def second_look(gold: Gold, held_out: int | None, firsts: Mapping[Left, First], settings: Settings) -> Model:
    """Learn the second look from the scores of first looks that have not seen the page; the model of both."""
    left = left_by(held_out)
    made, steps = learned_from(gold, left), chances()
    for number, rows in zip(made.numbers, made.rows, strict=True):
        scores = firsts[left | {int(gold.folds[number])}].scores[number]
        gold.reader.looks(gold.pages[number], steps, scores, made.x[rows])
    fits = _fit(gold, made, settings.second, settings)
    return model_of(firsts[left].trees, trees_of(fits), *gold.weights(left))
