"""The cheap look of the engine cascade: which of forge's texts a later step would keep, so that the slow engine is worth it.

The very steps `language` and `filter` look, with their own defaults: what they would remove keeps forge's text, and is removed
when they come to it. The cost is that the language of unsure pages is found twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.steps.base import MapStep
from corpus_forge.steps.filter import FilterStep
from corpus_forge.steps.language import LanguageStep


def looks(languages: Sequence[str] | None, quality: str | None) -> list[MapStep]:
    """The steps that look, cheapest first."""
    steps: list[MapStep] = []
    if quality:
        steps.append(FilterStep(rules=quality))
    if languages:
        steps.append(LanguageStep(keep=tuple(languages)))
    return steps


def identities(steps: Sequence[MapStep]) -> dict[str, Any]:
    """What makes their verdicts: part of the identity of who asks."""
    return {"looks": [step.identity() for step in steps]} if steps else {}


def survivors(steps: Sequence[MapStep]) -> Callable[[pa.Array], np.ndarray] | None:
    """bool[n] of a column of texts; None where nobody looks."""
    if not steps:
        return None
    started = [step.start() for step in steps]

    def survives(texts: pa.Array) -> np.ndarray:
        stays = np.ones(len(texts), bool)
        for look in started:
            rows = np.flatnonzero(stays)
            outcome = look(pa.record_batch({"text": texts.take(pa.array(rows))}))
            stays[rows[list(outcome.removed)]] = False
        return stays

    return survives
