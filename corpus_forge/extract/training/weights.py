"""What single words and class words say: log odds of being text, one small number for each bucket of hashes.

A page counts once for each bucket, however often the word is on it, so that no page's habits weigh more than another's. A class
word is judged by the text in the elements that bear it. Blocks of which nothing is known say nothing. int8 in 1/32: the model
is small and its sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus_forge.extract.forge.attributes import NAME_BITS
from corpus_forge.extract.forge.text import BUCKET_BITS
from corpus_forge.extract.training.pages import ReadPage

PRIOR = 4.0
"""Pages' worth of the mean that every bucket begins with."""
UNIT, LIMIT = 32, 127


@dataclass(frozen=True)
class Tally:
    """Of one page: buckets that occur, and the share of each that is text."""

    words: tuple[np.ndarray, np.ndarray]
    names: tuple[np.ndarray, np.ndarray]


def tally(page: ReadPage) -> Tally:
    """What one page says of its words and class words."""
    known = page.weights > 0
    is_text = ((page.labels >= 0.5) & known).astype(np.float64)
    lengths = [len(each) for each in page.buckets]
    buckets = np.concatenate([*page.buckets, np.empty(0, np.uint16)])
    words = _shares(buckets, np.repeat(is_text, lengths), np.repeat(known.astype(np.float64), lengths))
    text, total = _in_subtrees(page, is_text, known * page.words)
    counts = [len(each) for each in page.names]
    names = _shares(np.concatenate([*page.names, np.empty(0, np.uint16)]), np.repeat(text, counts), np.repeat(total, counts))
    return Tally(words, names)


def _in_subtrees(page: ReadPage, is_text: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(words of text, words) in each element's subtree. counts: of the words of each block that count."""
    text, total = np.zeros(len(page.parents)), np.zeros(len(page.parents))
    np.add.at(text, page.elements, is_text * counts)
    np.add.at(total, page.elements, counts)
    for e in range(len(page.parents) - 1, 0, -1):
        text[page.parents[e]] += text[e]
        total[page.parents[e]] += total[e]
    return text, total


def _shares(buckets: np.ndarray, text: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(buckets that have words that count, text over total of each)."""
    if not len(buckets):
        return np.empty(0, np.int64), np.empty(0)
    weight = np.bincount(buckets, weights=total)
    found = np.flatnonzero(weight)
    return found, np.bincount(buckets, weights=text)[found] / weight[found]


def weights(tallies: Sequence[Tally]) -> tuple[np.ndarray, np.ndarray]:
    """(int8[2^15] of words, int8[2^14] of class words), 1/32 each."""
    return (
        _log_odds([each.words for each in tallies], 1 << BUCKET_BITS),
        _log_odds([each.names for each in tallies], 1 << NAME_BITS),
    )


def _log_odds(shares: list[tuple[np.ndarray, np.ndarray]], size: int) -> np.ndarray:
    pages, text = np.zeros(size), np.zeros(size)
    for buckets, share in shares:
        pages[buckets] += 1
        text[buckets] += share
    mean = text.sum() / max(1.0, pages.sum())
    odds = (text + PRIOR * mean) / (pages - text + PRIOR * (1 - mean))
    values = np.log(odds) - np.log(mean / (1 - mean))
    return np.clip(np.round(values * UNIT), -LIMIT, LIMIT).astype(np.int8)
