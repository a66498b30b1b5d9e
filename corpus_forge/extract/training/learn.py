"""From read pages to a model, and the same for each fold of a cross-validation.

Weights of words are made of the labels, so that a page must be described by weights that it had no hand in (folds.py): the
pages of each fold by those of all other folds that are learned from. In cross-validation the fold that is tried is in none of
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.extractor import Extractor
from corpus_forge.extract.forge.model import Model, save
from corpus_forge.extract.training.fit import Settings, block_weights, fit, model_of
from corpus_forge.extract.training.folds import FOLDS, folds_of
from corpus_forge.extract.training.gold import GoldPage
from corpus_forge.extract.training.pages import Reader, ReadPage
from corpus_forge.extract.training.weights import Tally, tally, weights

Say = Callable[[str], None]


@dataclass(frozen=True)
class Gold:
    """Read pages, what each says of its words, and its fold."""

    reader: Reader
    pages: list[ReadPage]
    tallies: list[Tally]
    folds: np.ndarray


def read_pages(pages: Sequence[GoldPage], seed: int) -> Gold:
    """Parse and label all pages."""
    reader = Reader(pages)
    read = [reader.read(page) for page in pages]
    return Gold(reader, read, [tally(page) for page in read], folds_of([page.domain for page in pages], seed))


def learn(gold: Gold, held_out: int | None, settings: Settings) -> Model:
    """A model of all pages but those of the fold that is held out."""
    used = [number for number in range(len(gold.pages)) if gold.folds[number] != held_out]
    rows = np.cumsum([0, *(len(gold.pages[number].labels) for number in used)])
    x = np.empty((rows[-1], len(columns.NAMES)), np.float32)
    for fold in range(FOLDS):
        if fold != held_out:
            words, names = weights([gold.tallies[number] for number in used if gold.folds[number] != fold])
            for place, number in enumerate(used):
                if gold.folds[number] == fold:
                    gold.reader.features(gold.pages[number], words, names, x[rows[place] : rows[place + 1]])
    labels = np.concatenate([gold.pages[number].labels for number in used])
    weight = np.concatenate([block_weights(gold.pages[number].words) for number in used])
    return model_of(fit(x, labels, weight, settings), *weights([gold.tallies[number] for number in used]))


def texts_of(model: Model, pages: Sequence[GoldPage]) -> list[str]:
    """What the engine makes of pages with this model."""
    extractor, texts = Extractor(model), []
    for page in pages:
        found = extractor.extract(np.frombuffer(page.html, np.uint8), np.array([0, len(page.html)], np.int64))
        texts.append(found.data.tobytes().decode())
    return texts


def models_of(gold: Gold, held_out: Sequence[int | None], settings: Settings, processes: int, say: Say) -> list[Model]:
    """A model for each fold that is held out, learned side by side: the models do not depend on the number of processes.

    Processes are forked, so that they share the pages; each needs some 2 GB more for 1,500 pages.
    """
    with ProcessPoolExecutor(processes, get_context("fork"), _take, (gold, settings)) as pool:
        models = []
        for fold, model in zip(held_out, pool.map(_learn_taken, held_out), strict=True):
            say("learned from all pages" if fold is None else f"learned from all pages but fold {fold}")
            models.append(model)
        return models


_taken: list[tuple[Gold, Settings]] = []


def _take(gold: Gold, settings: Settings) -> None:
    _taken[:] = [(gold, settings)]


def _learn_taken(held_out: int | None) -> Model:
    gold, settings = _taken[0]
    return learn(gold, held_out, settings)


def held_out_texts(gold: Gold, models: Sequence[Model]) -> list[str]:
    """The text of every page by the model that has seen no page of its domain."""
    texts = [""] * len(gold.pages)
    for fold, model in enumerate(models):
        tried = np.flatnonzero(gold.folds == fold).tolist()
        for number, text in zip(tried, texts_of(model, [gold.pages[number].gold for number in tried]), strict=True):
            texts[number] = text
    return texts


def keep_folds(gold: Gold, models: Sequence[Model], folder: Path) -> None:
    """Write the models of a cross-validation, fold-0.npz on, and folds.json: by a page's key the model that has not seen it."""
    folder.mkdir(parents=True, exist_ok=True)
    for fold, model in enumerate(models):
        save(model, folder / f"fold-{fold}.npz")
    keys = (page.gold.key for page in gold.pages)
    (folder / "folds.json").write_text(json.dumps(dict(zip(keys, gold.folds.tolist(), strict=True))), "utf-8")
