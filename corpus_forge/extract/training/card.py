"""A model's card: what it was made of, under which licence, and what it reaches, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
| learned from | {pages:,} pages of {domains:,} domains |
| data | {data} |
| licence | {licence} |
| settings | {settings} |
| made with | lightgbm {lightgbm}, numpy {numpy}, features version {features} |

{measured}
"""
_MEASURED = """## Measured

Word-F1 as WCXB defines it, mean over pages; {folds}-fold cross-validation, no domain in two folds: every page by a model that
has seen no page of its domain. The model in the file has learned from all pages.

{table}
"""


def card(
    path: Path, model: Model, settings: Settings, pages: Sequence[GoldPage], data: str, licence: str,
    scores: Mapping[str, Mapping[str, float]],
) -> str:  # fmt: skip
    """The card; without scores it says that none were measured."""
    measured = _MEASURED.format(folds=FOLDS, table=table(scores)) if scores else "Not cross-validated: nothing was measured."
    return _PARTS.format(
        name=path.stem,
        digest=digest(str(path)),
        trees=len(model.first.values),
        second=len(model.second.values),
        nodes=len(model.first.features) + len(model.second.features),
        bits=len(model.bits),
        numbers=len(columns.NUMBERS) + len(columns.LOOK),
        pages=len(pages),
        domains=len({page.domain for page in pages}),
        data=data or "not said",
        licence=licence or "not said",
        settings=", ".join(f"{key} {value}" for key, value in asdict(settings).items()),
        lightgbm=version("lightgbm"),
        numpy=version("numpy"),
        features=columns.VERSION,
        measured=measured.strip(),
    )


def table(scores: Mapping[str, Mapping[str, float]]) -> str:
    """Scores as a table of Markdown."""
    lines = ["| pages of | number | F1 | precision | recall |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {name} | {row['pages']} | {row['f1']:.4f} | {row['precision']:.4f} | {row['recall']:.4f} |"
        for name, row in scores.items()
    ]
    return "\n".join(lines)
