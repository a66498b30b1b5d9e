"""Which blocks of a page are its text, and how much each label weighs.

From a whole text: a longest common subsequence puts each word of the gold text at one place of the page. Runs shorter than RUN
words are mostly chance and count only where they make up a whole block. A block's label is the share of its words that are
gold, and its weight the share of the page's words that it holds, so that every page weighs the same.

From snippets: the blocks they lie in are text or are not, all others weigh nothing. What people point at is what is hard, so
that a block weighs the same however long it is.

From guesses of other extractors: blocks that all of them take for text, or none, are labelled so, for less weight; the others
weigh nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpus_forge.extract.training.evaluate import words_of
from corpus_forge.extract.training.gold import GoldPage
from corpus_forge.extract.training.snippets import Places

RUN = 3
PAGE = 100.0
"""Weight of a page."""
AGREED = 0.6
"""Of the weight of a page with a whole text, for what guesses agree on."""
MOST, LEAST = 0.8, 0.1
"""Shares of a block's words from and to which a guess takes it for text, or not."""
FEW_WORDS, FEW_BLOCKS = 30, 6
"""A page of fewer words weighs less, and so does one of fewer blocks with snippets."""


class Labels(NamedTuple):
    """Of each block of a page."""

    shares: np.ndarray
    """float32[n] from 0 to 1"""
    weights: np.ndarray
    """float64[n]; 0 where nothing is known"""


def labels_of(page: GoldPage, texts: Sequence[str], words: np.ndarray) -> Labels:
    """Labels of a page's blocks. texts: of n blocks. words: int32[n], how many each has."""
    by_words = PAGE * page.weight * words / max(float(words.sum()), FEW_WORDS)
    if page.text is not None:
        return Labels(block_labels(texts, page.text), by_words)
    labels = np.zeros(len(texts), np.float32), np.zeros(len(texts))
    if page.guesses:
        labels = _agreed([block_labels(texts, guess) for guess in page.guesses], AGREED * by_words)
    return _with_snippets(Labels(*labels), page, Places(texts))


def _agreed(guesses: Sequence[np.ndarray], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    least, most = np.min(guesses, axis=0), np.max(guesses, axis=0)
    return (least >= MOST).astype(np.float32), np.where((least >= MOST) | (most <= LEAST), weights, 0.0)


def _with_snippets(labels: Labels, page: GoldPage, places: Places) -> Labels:
    shares, known = labels.shares.copy(), np.zeros(len(labels.shares), bool)
    for snippets, share in ((page.unwanted, 0), (page.wanted, 1)):
        for snippet in snippets:
            blocks = places.of(snippet)
            shares[blocks], known[blocks] = share, True
    weights = known * (PAGE * page.weight / max(int(known.sum()), FEW_BLOCKS))
    return Labels(shares, np.maximum(labels.weights, weights))


def block_labels(texts: Sequence[str], gold: str) -> np.ndarray:
    """float32[blocks] from 0 to 1; 0 for a block without words."""
    numbers: dict[str, int] = {}
    words = [[numbers.setdefault(word, len(numbers)) for word in words_of(text)] for text in texts]
    wanted = [numbers.setdefault(word, len(numbers)) for word in words_of(gold)]
    matched = _matches(np.array([word for block in words for word in block], np.int64), wanted)
    labels, start = np.zeros(len(texts), np.float32), 0
    for number, block in enumerate(words):
        run = matched[start : start + len(block)]
        start += len(block)
        if len(block):
            labels[number] = 1.0 if (run > 0).all() else np.mean(run >= RUN)
    return labels


def _matches(page: np.ndarray, gold: list[int]) -> np.ndarray:
    """For each word of the page, the length of the run of gold words that it is matched in; 0 for none."""
    from rapidfuzz.distance import LCSseq

    runs = np.zeros(len(page), np.int64)
    if not len(page) or not gold:
        return runs
    places = np.flatnonzero(np.isin(page, gold))
    position = np.full(len(page), -2, np.int64)
    for step in LCSseq.opcodes(page[places].tolist(), gold):
        if step.tag == "equal":
            position[places[step.src_start : step.src_end]] = np.arange(step.dest_start, step.dest_end)
    follows = (position[1:] == position[:-1] + 1) & (position[1:] >= 0) & (position[:-1] >= 0)
    number = np.concatenate([[0], np.cumsum(~follows)])
    lengths = np.bincount(number)[number]
    return np.where(position >= 0, lengths, runs)
