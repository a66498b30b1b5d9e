"""Batches of rows with pieces of given lengths, tokenizers in a few words, and objectives over them."""

from __future__ import annotations

import dataclasses

import numpy as np
from markov_tokens import FIRST, VOCAB

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.config import ObjectiveConfig
from corpus_forge.train.objectives import make_objective
from corpus_forge.train.objectives.example import TokenFacts

SPECIAL = np.arange(VOCAB) < FIRST
FACTS = TokenFacts(VOCAB, 0, 1, 2, (3, 4, 5, 6, 7), SPECIAL, np.arange(VOCAB) % 3 == 0)
MANY = dataclasses.replace(
    FACTS, vocab_size=1000, sentinels=tuple(range(900, 1000)), special=np.arange(1000) >= 900, word_start=None
)


def batch(
    rows: list[list[int]], length: int = 128, seed: int = 0, vocab: int = VOCAB, epoch: int = 0, source: int = 0
) -> TokenBatch:
    """Rows whose pieces have these lengths; each piece ends with EOS (0), the rest is padding (1)."""
    random = np.random.default_rng(seed)
    tokens = np.full((len(rows), length), 1, np.uint16)
    starts = []
    for number, pieces in enumerate(rows):
        at = 0
        for size in pieces:
            tokens[number, at : at + size] = random.integers(FIRST, min(vocab, 900), size)
            tokens[number, at + size - 1] = 0
            starts.append(at)
            at += size
    counts = [len(pieces) for pieces in rows]
    numbers = np.arange(len(rows))
    return TokenBatch(
        tokens, np.array([sum(pieces) for pieces in rows], np.int32), np.zeros(len(rows), np.uint32),
        np.cumsum([0, *counts]), np.array(starts, np.int64), np.arange(len(starts)).astype(np.uint64),
        numbers, np.full(len(rows), source), numbers, np.full(len(rows), epoch),
    )  # fmt: skip


def objective(name: str, facts: TokenFacts = FACTS, seed: int = 1, **settings: object):
    return make_objective(ObjectiveConfig(name=name, **settings), facts, ["a", "b"], seed)  # type: ignore[arg-type]
