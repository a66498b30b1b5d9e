"""A quality classifier from examples: positive texts against texts of the pool, by DCLM's recipe.

DCLM's best filter is a fastText classifier over words and word bigrams, trained on 200,000 examples of each kind with
fastText's defaults (Li et al. 2024, section 4.4, https://arxiv.org/abs/2406.11794). The packages that can train install the
module `fasttext` over the one that predicts here, so the training is our own kernel and the model a file of fastText's format.
Texts that are held out are told by a digest of their bytes: copies of a text are on one side, and another recipe is measured
on the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.exact import text_keys
from corpus_forge.errors import RequestError, nearest
from corpus_forge.scoring.fasttext_file import Classifier
from corpus_forge.scoring.words import Encoded, encoded_words
from corpus_forge.text.columns import Texts, large_text_array
from corpus_forge.units import parse_count

POSITIVE, NEGATIVE = "hq", "cc"
"""DCLM's names: high quality, and Common Crawl."""
LEAST_TEXTS = 10


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters by fastText's names and with its defaults, apart from ngram, which is DCLM's."""

    ngram: int = 2
    dim: int = 100
    epochs: int = 5
    rate: float = 0.1
    min_count: int = 1
    bucket: int = 2_000_000
    held_out: float = 0.1
    seed: int = 0

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Recipe:
        """From `dim=16`, `bucket=100K`, `rate=0.2`. RequestError for a name or value that cannot be."""
        given: dict[str, Any] = {}
        known = {each.name: type(each.default) for each in fields(cls)}
        for text in words:
            name, _, value = text.partition("=")
            if name not in known:
                raise RequestError(f"--set {text}: {nearest(name, known)}")
            try:
                given[name] = parse_count(value) if known[name] is int else float(value)
            except ValueError:
                raise RequestError(f"--set {text}: {value or 'nothing'} is no {known[name].__name__}.") from None
        return cls(**given)

    def __post_init__(self) -> None:
        for name, low in (("ngram", 1), ("dim", 1), ("epochs", 1), ("min_count", 1), ("bucket", 1)):
            if getattr(self, name) < low:
                raise RequestError(f"{name}: {getattr(self, name)} is less than {low}.")
        if not self.rate > 0:
            raise RequestError(f"rate: {self.rate} is not above 0.")
        if not 0 < self.held_out < 1:
            raise RequestError(f"held_out: {self.held_out} is no share between 0 and 1.")


def split(texts: Texts, held_out: float) -> tuple[pa.Array, pa.Array]:
    """(to train on, to hold out): by the texts alone, about `held_out` of them in the second."""
    array = large_text_array(texts)
    keys = text_keys(array)[1]
    apart = keys < np.uint64(int(held_out * 2.0**64))
    return array.filter(pa.array(~apart)), array.filter(pa.array(apart))


def train_classifier(positive: Texts, negative: Texts, recipe: Recipe | None = None) -> Classifier:
    """A classifier of the labels hq and cc. The same texts, in the same order, and recipe give the same numbers.

    Memory: 4 * dim bytes for each word and each of `bucket` rows, and 40 bytes for each token. RequestError for too few texts.
    """
    recipe = recipe or Recipe()
    kinds = [large_text_array(positive), large_text_array(negative)]
    for kind, name in zip(kinds, ("positive", "negative"), strict=True):
        if len(kind) < LEAST_TEXTS:
            raise RequestError(f"{name}: {len(kind)} texts to train on, at least {LEAST_TEXTS} are needed. Name more files.")
    labels = np.repeat(np.array([0, 1], np.int8), [len(kind) for kind in kinds])
    encoded, words = encoded_words(pa.concat_arrays(kinds), recipe.min_count)
    # Drawn by a stream of its own, so that another number of epochs begins in the same place.
    draws = np.random.Generator(np.random.Philox(key=[recipe.seed, 0]))
    rows = draws.random((len(words.words) + recipe.bucket, recipe.dim), np.float32)
    rows -= np.float32(0.5)
    rows *= np.float32(2 / recipe.dim)
    output = np.zeros((2, recipe.dim), np.float32)
    _run(encoded, labels, (rows, output), recipe)
    numbers = {POSITIVE: len(kinds[0]), NEGATIVE: len(kinds[1])}
    return Classifier(words, numbers, rows, output, recipe.ngram, recipe.epochs, recipe.rate, recipe.min_count)


def _run(encoded: Encoded, labels: np.ndarray, matrices: tuple[np.ndarray, np.ndarray], recipe: Recipe) -> None:
    """All epochs, each in an order of its own."""
    from corpus_forge.scoring.train_kernel import train_texts

    tokens, in_all, seen = (encoded.ids, encoded.hashes), int(encoded.ends[-1]) * recipe.epochs, 0
    for epoch in range(recipe.epochs):
        order = np.random.Generator(np.random.Philox(key=[recipe.seed, 1 + epoch])).permutation(len(labels))
        how = (recipe.ngram, recipe.bucket, recipe.rate, seen, in_all)
        seen = train_texts(order, tokens, encoded.ends, labels, matrices, how)
