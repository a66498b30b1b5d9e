"""Models of forge's cross-validation: a set that forge has learned from is extracted page by page with the model that has seen
no page of its domain.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gold

LEARNED_FROM = ("wcxb", "readability", "trafilatura")
"""Sets that the model of the wheel has learned from."""


class Folds:
    """The models of one folder, for an engine (forge, cascade) and a set."""

    def __init__(self, engine: str, folder: Path, name: str) -> None:
        from corpus_forge.extract import make_engine

        known = json.loads((folder / "folds.json").read_text("utf-8"))
        self._fold_of: dict[str, int] = known[gold.SETS[name]]
        count = 1 + max(max(folds.values()) for folds in known.values())
        self._engines = [make_engine(engine, {"model": str(folder / f"fold-{fold}.npz")}) for fold in range(count)]

    def engine(self, key: str) -> Any:
        """The engine for the page of this key."""
        return self._engines[self._fold_of[key]]
