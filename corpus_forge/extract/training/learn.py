"""From gold pages to models, one for each fold of a cross-validation and one of all pages: first all first looks, then all
second ones (looks.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from corpus_forge.extract.forge.extractor import Extractor
from corpus_forge.extract.forge.model import Model, save
from corpus_forge.extract.training.fit import Settings
from corpus_forge.extract.training.folds import folds_of
from corpus_forge.extract.training.gold import GoldPage
from corpus_forge.extract.training.looks import First, Gold, Left, first_look, left_by, lefts, second_look
from corpus_forge.extract.training.pages import Reader
from corpus_forge.extract.training.parallel import side_by_side
from corpus_forge.extract.training.weights import tally

Say = Callable[[str], None]


def read_pages(pages: Sequence[GoldPage], seed: int) -> Gold:
    """Parse and label all pages."""
    reader = Reader(pages)
    read = [reader.read(page) for page in pages]
    folds = folds_of([page.domain for page in pages], seed, [page.own for page in pages])
    return Gold(reader, read, [tally(page) for page in read], folds)


def texts_of(model: Model, pages: Sequence[GoldPage]) -> list[str]:
    """What the engine makes of pages with this model."""
    extractor, texts = Extractor(model), []
    for page in pages:
        found = extractor.extract(np.frombuffer(page.html, np.uint8), np.array([0, len(page.html)], np.int64))
        texts.append(found.data.tobytes().decode())
    return texts


def models_of(gold: Gold, held_out: Sequence[int | None], settings: Settings, processes: int, say: Say) -> list[Model]:
    """A model for each fold that is held out, None: a model of all pages. They do not depend on the number of processes."""
    firsts: dict[Left, First] = {}
    needed = lefts(held_out)
    for left, first in zip(
        needed, side_by_side(first_look, [(gold, left, settings) for left in needed], processes), strict=True
    ):
        firsts[left] = first
        say(f"first look: learned from {_but(sorted(left))}")
    models = []
    given = [(gold, fold, firsts, settings) for fold in held_out]
    for fold, model in zip(held_out, side_by_side(second_look, given, processes), strict=True):
        models.append(model)
        say(f"second look: learned from {_but(sorted(left_by(fold)))}")
    return models


def _but(folds: list[int]) -> str:
    return f"all pages but fold {' and '.join(map(str, folds))}" if folds else "all pages"


def held_out_texts(gold: Gold, models: Sequence[Model]) -> list[str]:
    """The text of every page by the model that has seen no page of its domain."""
    texts = [""] * len(gold.pages)
    for fold, model in enumerate(models):
        tried = np.flatnonzero(gold.folds == fold).tolist()
        for number, text in zip(tried, texts_of(model, [gold.pages[number].gold for number in tried]), strict=True):
            texts[number] = text
    return texts


def keep_folds(gold: Gold, models: Sequence[Model], folder: Path) -> None:
    """Write the models of a cross-validation, fold-0.npz on, and folds.json: by set and page's key the model that has not seen
    its domain.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for fold, model in enumerate(models):
        save(model, folder / f"fold-{fold}.npz")
    folds: dict[str, dict[str, int]] = {}
    for page, fold in zip(gold.pages, gold.folds.tolist(), strict=True):
        folds.setdefault(page.gold.source, {})[page.gold.key] = fold
    (folder / "folds.json").write_text(json.dumps(folds), "utf-8")
