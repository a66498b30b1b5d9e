"""F1 of the engine cascade against its time, for several settings of `unsure`, from texts that are there already.

A page costs forge's time, and the slow engine's where it is asked; both are taken from the timings of the same results, so that
a setting needs no run of its own. Where forge has learned from the pages its texts and its doubts are those of the model that
has not seen the page's domain.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gold
from folds import LEARNED_FROM, Folds

SLOW = "trafilatura"
SETTINGS = (0.0, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
SETS = ("wcxb", "scrapinghub", "readability")


def measure(inputs: Path, folds: Path) -> dict[str, Any]:
    """{set: [{unsure, asked, taken, f1}]}: shares of pages and mean word-F1; the last row is the slow engine alone."""
    return {name: _rows(inputs, name, folds if name in LEARNED_FROM else None) for name in SETS}


def _rows(inputs: Path, name: str, folds: Path | None) -> list[dict[str, float]]:
    from corpus_forge.extract.cascade import is_better
    from corpus_forge.extract.training.evaluate import word_score

    slow = [text or "" for text in gold.read(inputs / "texts" / SLOW / f"{name}.jsonl")]
    fast, sure = _judged(inputs, name, folds)
    want = [page.text or "" for page in gold.read_gold(inputs, name)]
    mine = [word_score(text, each).f1 for text, each in zip(fast, want, strict=True)]
    theirs = [word_score(text, each).f1 for text, each in zip(slow, want, strict=True)]
    better = [is_better(*pair) for pair in zip(slow, fast, strict=True)]
    rows = []
    for unsure in SETTINGS:
        asked = [each < unsure for each in sure]
        taken = [ask and good for ask, good in zip(asked, better, strict=True)]
        f1 = [b if take else a for a, b, take in zip(mine, theirs, taken, strict=True)]
        rows.append({"unsure": unsure, "asked": _mean(asked), "taken": _mean(taken), "f1": _mean(f1)})
    return [*rows, {"unsure": None, "asked": 1.0, "taken": 1.0, "f1": _mean(theirs)}]


def _judged(inputs: Path, name: str, folds: Path | None) -> tuple[list[str], list[float]]:
    import pyarrow as pa

    from corpus_forge.extract import make_engine

    of_folds, default = Folds("forge", folds, name) if folds else None, make_engine("forge")
    texts, sure = [], []
    for row in gold.read(inputs / f"{name}.pages.jsonl"):
        engine = of_folds.engine(row["key"]) if of_folds else default
        found, faults, chance = engine.judged(pa.array([row["html"]], pa.large_string()))
        texts.append("" if faults else found[0].as_py())
        sure.append(float(chance[0]))
    return texts, sure


def _mean(values: list) -> float:
    return round(sum(values) / len(values), 4)
