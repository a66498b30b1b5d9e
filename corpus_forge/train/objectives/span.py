"""Predict spans that were cut out, with an encoder and a decoder: T5's span corruption, and UL2's mixture of denoisers.

Spans of a window (objectives/pairs.py) are replaced by sentinels in the inputs, and the targets are the sentinels with what
they hide, then the end of text. How many tokens and spans is fixed by the length; only where is random
(`random_spans_noise_mask` in google-research/text-to-text-transfer-transformer, t5/data/preprocessors.py; Raffel et al.,
arXiv:1910.10683, section 3.3). UL2's mode tokens are left out: tokenizers have no such ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import Example, RowRandom, TokenFacts
from corpus_forge.train.objectives.pairs import Pair, paired


class Denoiser(NamedTuple):
    """Share of the tokens that is hidden, and the mean length of a span; None: one span, the end of the window."""

    rate: float
    mean_span: float | None

    def counts(self, length: int) -> tuple[int, int]:
        """Hidden tokens and spans in a window of `length` ≥ 2 tokens."""
        hidden = min(max(round(length * self.rate), 1), length - 1)
        spans = 1 if self.mean_span is None else max(round(hidden / self.mean_span), 1)
        return hidden, min(spans, hidden, length - hidden)


def needed_sentinels(denoisers: Sequence[Denoiser], window: int) -> int:
    """Most spans that a window can have."""
    return max(denoiser.counts(length)[1] for denoiser in denoisers for length in (window, window - 1))


def corrupted(batch: TokenBatch, random: RowRandom, facts: TokenFacts, denoisers: Sequence[Denoiser], window: int) -> Example:
    """Each window with one of the denoisers, all equally likely."""

    def corrupt(text: np.ndarray, generator: np.random.Generator) -> Pair:
        denoiser = denoisers[int(generator.integers(0, len(denoisers)))]
        return split_spans(text, noise_mask(len(text), denoiser, generator), facts.sentinels)

    return paired(batch, random, facts, window, corrupt)


def noise_mask(length: int, denoiser: Denoiser, generator: np.random.Generator) -> np.ndarray:
    """bool[length]: what is hidden. It begins with what is not; every span, hidden or not, has at least one token."""
    hidden, spans = denoiser.counts(length)
    mask = np.zeros(length, bool)
    if denoiser.mean_span is None:
        mask[length - hidden :] = True
        return mask
    lengths = np.stack([_parts(length - hidden, spans, generator), _parts(hidden, spans, generator)], 1).reshape(-1)
    return np.repeat(np.arange(2 * spans) % 2 == 1, lengths)


def split_spans(tokens: np.ndarray, mask: np.ndarray, sentinels: Sequence[int]) -> Pair:
    """Inputs with a sentinel in place of each span, targets with each sentinel and what it hides."""
    first = mask & ~np.concatenate([[False], mask[:-1]])
    number = np.cumsum(first) - 1
    names = np.asarray(sentinels, np.int32)
    inputs = np.where(first, names[np.maximum(number, 0)], tokens)[~mask | first]
    starts = np.flatnonzero(first)
    inside = tokens[mask]
    targets = np.insert(inside, (np.cumsum(mask) - mask)[starts], names[: len(starts)])
    return Pair(inputs.astype(np.int32), targets.astype(np.int32))


def joined(pair: Pair, sentinels: Sequence[int]) -> list[int]:
    """The tokens again: the inverse of `split_spans`."""
    names, current = set(sentinels), -1
    hidden: dict[int, list[int]] = {}
    for token in pair.targets.tolist():
        if token in names:
            current = token
            hidden[current] = []
        else:
            hidden[current].append(token)
    return [each for token in pair.inputs.tolist() for each in (hidden[token] if token in names else [token])]


def _parts(total: int, parts: int, generator: np.random.Generator) -> np.ndarray:
    """`total` cut into `parts` lengths of at least 1, every way equally likely."""
    cuts = np.sort(generator.permutation(total - 1)[: parts - 1]) + 1
    return np.diff(np.concatenate([[0], cuts, [total]]))
