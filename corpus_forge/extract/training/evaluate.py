r"""How good a text is: F1 over words, as the Web Content Extraction Benchmark (WCXB) defines it.

Words are `\w+` of the lower-cased text, counted with repeats. An empty gold text is met by an empty text alone.
https://github.com/Murrough-Foley/web-content-extraction-benchmark
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_WORD = re.compile(r"\w+")


class Score(NamedTuple):
    """F1, precision and recall of one text."""

    f1: float
    precision: float
    recall: float


def words_of(text: str) -> list[str]:
    """The words that are compared."""
    return _WORD.findall(text.lower())


def word_score(text: str, gold: str) -> Score:
    """Score of a text against the gold text."""
    found, wanted = Counter(words_of(text)), Counter(words_of(gold))
    if not wanted or not found:
        same = float(not wanted and not found)
        return Score(same, same, same)
    common = sum((found & wanted).values())
    if not common:
        return Score(0.0, 0.0, 0.0)
    precision, recall = common / found.total(), common / wanted.total()
    return Score(2 * precision * recall / (precision + recall), precision, recall)


def table_by_kind(scores: Sequence[Score], kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    """Mean scores of all pages and of each kind: {kind: {pages, f1, precision, recall}}, `all` first."""
    array = np.array(scores, np.float64).reshape(-1, 3)
    names = np.array(kinds)
    groups = {"all": np.ones(len(array), bool), **{kind: names == kind for kind in sorted(set(kinds)) if kind}}
    return {name: _means(array[mask]) for name, mask in groups.items()}


def _means(scores: np.ndarray) -> dict[str, float]:
    f1, precision, recall = scores.mean(axis=0).round(4).tolist()
    return {"pages": len(scores), "f1": f1, "precision": precision, "recall": recall}
