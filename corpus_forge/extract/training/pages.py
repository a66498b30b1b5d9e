"""Gold pages as the kernels see them: blocks, their words and labels, and features under given weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.features import make_chunk
from corpus_forge.extract.forge.layout import Block, Element, State
from corpus_forge.extract.forge.model import NAME_BUCKETS, WORD_BUCKETS
from corpus_forge.extract.forge.page import page_features, page_look, parse
from corpus_forge.extract.forge.work import Work, make_work
from corpus_forge.extract.training.gold import GoldPage
from corpus_forge.extract.training.labels import labels_of

NO_WORDS, NO_NAMES = np.zeros(WORD_BUCKETS, np.int8), np.zeros(NAME_BUCKETS, np.int8)
ALL_BITS = np.array([(word, bit) for word, bit, _ in columns.BITS], np.int32)


@dataclass(frozen=True)
class ReadPage:
    """What is kept of a parsed page: counts and labels, n blocks, e elements."""

    gold: GoldPage
    data: np.ndarray
    """uint8[...]: the page"""
    texts: list[str]
    words: np.ndarray
    """int32[n]: words of each block, as the kernel counts them"""
    labels: np.ndarray
    """float32[n]"""
    weights: np.ndarray
    """float64[n]: of the labels, 0 where nothing is known or learned"""
    buckets: list[np.ndarray]
    """uint16[...] of each block: its words"""
    elements: np.ndarray
    """int32[n]: element of each block"""
    parents: np.ndarray
    """int32[e]"""
    names: list[np.ndarray]
    """uint16[...] of each element: its class words"""


class Reader:
    """Parses pages in memory that is large enough for all of them."""

    def __init__(self, pages: Sequence[GoldPage]) -> None:
        self._work: Work = make_work(max(len(page.html) for page in pages), max(page.html.count(b"<") for page in pages))
        self._chunk = make_chunk(len(ALL_BITS))

    def read(self, page: GoldPage) -> ReadPage:
        """Parse and label one page."""
        data = np.frombuffer(page.html, np.uint8)
        work, count = self._work, parse(data, self._work)
        state = work.state
        blocks, elements = work.blocks[:count].copy(), work.elements[: state[State.ELEMENTS]].copy()
        out = work.out[: state[State.OUT]].tobytes()
        texts = [out[start:end].decode() for start, end in blocks[:, [Block.START, Block.END]].tolist()]
        words = blocks[:, Block.WORDS].copy()
        labels = labels_of(page, texts, words)
        ends = np.append(blocks[1:, Block.BUCKET], state[State.BUCKETS])[-count:] if count else blocks[:, 0]
        name_ends = np.append(elements[1:, Element.NAMES], state[State.NAMES])
        return ReadPage(
            gold=page,
            data=data,
            texts=texts,
            words=words,
            labels=labels.shares,
            weights=labels.weights,
            buckets=_slices(work.buckets, blocks[:, Block.BUCKET], ends),
            elements=blocks[:, Block.ELEMENT].copy(),
            parents=elements[:, Element.PARENT].copy(),
            names=_slices(work.names, elements[:, Element.NAMES], name_ends),
        )

    def features(self, page: ReadPage, word_weights: np.ndarray, name_weights: np.ndarray, x: np.ndarray) -> None:
        """Write float32[n, len(columns.NAMES)] to x."""
        count = parse(page.data, self._work)
        assert count == len(page.labels) == len(x)
        page_features(len(page.data), self._work, self._chunk, word_weights, name_weights, ALL_BITS, x)

    def looks(self, page: ReadPage, chances: np.ndarray, scores: np.ndarray, x: np.ndarray) -> None:
        """Write what the second look sees, given the scores of the first, float32[n], to its columns of x."""
        count = parse(page.data, self._work)
        assert count == len(scores) == len(x)
        page_look(len(page.data), self._work, self._chunk, NO_WORDS, NO_NAMES, chances, scores, x)


def _slices(values: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> list[np.ndarray]:
    return [values[start:end].copy() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
