"""A model's card: what it was made of, under which licence, and what it reaches, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.catalog import digest
from corpus_forge.extract.forge.model import Model
from corpus_forge.extract.training.fit import Settings
from corpus_forge.extract.training.folds import FOLDS
from corpus_forge.extract.training.gold import GoldPage

_PARTS = """# {name}

A model of the engine `forge` of corpus-forge: it tells the main text of a web page from the rest of it.

| | |
|---|---|
| digest | `{digest}` |
| trees | {trees} of the first look, {second} of the second, {nodes:,} inner nodes, {bits} bits and {numbers} numbers a block |
| learned from | {pages:,} pages of {domains:,} domains{sets} |
| data | {data} |
| licence | {licence} |
| settings | {settings} |
| made with | lightgbm {lightgbm}, numpy {numpy}, features version {features} |

{measured}
"""
_MEASURED = """## Measured

Word-F1 as WCXB defines it, mean over pages; {folds}-fold cross-validation, no domain in two folds: every page by a model that
has seen no page of its domain. The model in the file has learned from all pages.

{tables}
"""


def card(
    path: Path, model: Model, settings: Settings, pages: Sequence[GoldPage], data: str, licence: str, tables: str
) -> str:  # fmt: skip
    """The card; without tables of a cross-validation it says that nothing was measured."""
    learned = [page for page in pages if page.weight]
    measured = _MEASURED.format(folds=FOLDS, tables=tables) if tables else "Not cross-validated: nothing was measured."
    return _PARTS.format(
        name=path.stem,
        digest=digest(str(path)),
        trees=len(model.first.values),
        second=len(model.second.values),
        nodes=len(model.first.features) + len(model.second.features),
        bits=len(model.bits),
        numbers=len(columns.NUMBERS) + len(columns.LOOK),
        pages=len(learned),
        domains=len({page.domain for page in learned}),
        sets=_sets(pages),
        data=data or "not said",
        licence=licence or "not said",
        settings=", ".join(f"{key} {value}" for key, value in asdict(settings).items()),
        lightgbm=version("lightgbm"),
        numpy=version("numpy"),
        features=columns.VERSION,
        measured=measured.strip(),
    )


def _sets(pages: Sequence[GoldPage]) -> str:
    """Where there are several, how many pages of each set were learned from, and the weight of one."""
    names = list(dict.fromkeys(page.source for page in pages))
    if len(names) < 2:
        return ""
    learned = {name: [page.weight for page in pages if page.source == name and page.weight] for name in names}
    parts = (f"{len(weights):,} of {name}, weight {max(weights, default=0):g}" for name, weights in learned.items())
    return f": {', '.join(parts)}"
