"""What a fastText classifier says of texts: the probability of every label that somebody asked for.

A text goes in as one line, newlines as spaces and no white space at its ends, as DCLM and NeMo Curator feed their classifiers;
all of it unless `characters` cuts it. A text without content, or with nothing that the model knows, has no score: null, and
not a number that looks like a judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.language.detect import as_lines
from corpus_forge.language.fasttext_model import Model
from corpus_forge.text.columns import Texts


class LabelScores(NamedTuple):
    """best: string[n]. best_score: float32[n]. scores: float32[n] for each label asked for, in that order. Null: no score."""

    best: pa.Array
    best_score: pa.Array
    scores: list[pa.Array]


def label_scores(model: Model, texts: Texts, labels: Sequence[str] = (), characters: int | None = None) -> LabelScores:
    """Scores in [0, 1] of each text. A label that the model does not know has no score anywhere.

    Source: Joulin et al. 2016, Bag of Tricks for Efficient Text Classification, https://arxiv.org/abs/1607.01759.
    """
    said = [model.scores(line) if line != b"\n" else {} for line in as_lines(texts, characters).to_pylist()]
    best = [next(iter(each), None) for each in said]
    top = [None if label is None else each[label] for label, each in zip(best, said, strict=True)]
    columns = [_scores([each.get(label) for each in said]) for label in labels]
    return LabelScores(pa.array(best, pa.string()), _scores(top), columns)


def _scores(values: list[float | None]) -> pa.Array:
    """float32[n] within [0, 1]: fastText's sums of rounded logarithms go past 1, up to 1.00005."""
    known = np.array([0.0 if value is None else value for value in values], np.float32)
    return pa.array(np.clip(known, 0, 1), mask=np.array([value is None for value in values], bool))
