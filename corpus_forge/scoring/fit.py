"""How well scores part two kinds of texts, and where to cut: by precision and recall, and by the share of the pool to keep."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from corpus_forge.errors import RequestError

EVEN = 0.5
SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Shares of the pool that are always told."""


def check_share(name: str, share: float) -> None:
    """RequestError for what is no share of the pool."""
    if not 0 < share <= 1:
        raise RequestError(f"{name}: {share} is no share above 0 and up to 1.")


def check_kinds(positive: int, negative: int) -> None:
    """RequestError when there is nothing of one kind to measure on."""
    if not positive or not negative:
        raise RequestError(f"{positive} positive and {negative} negative texts to measure on; name more, or hold out more.")


def threshold_for(scores: np.ndarray, share: float) -> float:
    """The highest bound that keeps at least this share of the scores, float[n]; more where scores tie at it."""
    check_share("keep", share)
    return float(np.sort(scores)[::-1][math.ceil(share * len(scores)) - 1])


def fit(positive: np.ndarray, negative: np.ndarray, keep: float) -> dict[str, Any]:
    """auc, the bound that keeps a share `keep` of the negatives, and a row for it, for 0.5, and for other shares.

    spread: how far the highest score is from the lowest; near 0 a model has hardly begun to learn.

    positive, negative: float[n] and float[m] scores. The negatives stand for the pool that is to be filtered. `precision` and
    `recall` are of the texts given, so precision goes with how many there are of each kind; auc does not.
    """
    check_kinds(len(positive), len(negative))
    wanted = threshold_for(negative, keep)
    bounds = {wanted, EVEN, *(threshold_for(negative, share) for share in SHARES)}
    return {
        "auc": round(auc(positive, negative), 6),
        "spread": float(max(positive.max(), negative.max()) - min(positive.min(), negative.min())),
        "threshold": wanted,
        "rows": [_row(positive, negative, bound) for bound in sorted(bounds, reverse=True)],
    }


def _row(positive: np.ndarray, negative: np.ndarray, bound: float) -> dict[str, float]:
    found, wrong = int((positive >= bound).sum()), int((negative >= bound).sum())
    return {
        "threshold": bound,
        "precision": round(found / (found + wrong), 6) if found + wrong else 0.0,
        "recall": round(found / len(positive), 6),
        "kept": round(wrong / len(negative), 6),
    }


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """The chance that a positive scores above a negative, ties by half.

    Source: Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
    """
    ordered = np.sort(negative)
    below, up_to = np.searchsorted(ordered, positive, "left"), np.searchsorted(ordered, positive, "right")
    return float((below + up_to).mean() / 2 / len(negative))
