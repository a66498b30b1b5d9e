"""The memory that pages are worked on in: allocated once for many pages, grown to the largest. Imports numpy.

A page of n bytes with m `<` needs at most 1.2 n bytes of text, n / 2 words, 2 m + 2 tokens, and m blocks and elements: some
5 n + 300 m bytes in all, and 4 bytes a feature for each block.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.extract.forge.entities import LONGEST
from corpus_forge.extract.forge.layout import MAX_DEPTH, MAX_MARKS, Block, Element, Page, Sign, Span, State
from corpus_forge.extract.forge.model import STEPS
from corpus_forge.extract.forge.tables import KIND_OF


class Work(NamedTuple):
    """What the kernels share; layout.py names the columns."""

    tokens: np.ndarray
    """int32[tokens, 4]"""
    last_end: np.ndarray
    """int32[tags]"""
    out: np.ndarray
    """uint8[...]: the texts of all blocks"""
    buckets: np.ndarray
    """uint16[words]"""
    names: np.ndarray
    """uint16[words of classes]"""
    blocks: np.ndarray
    """int32[blocks + 1, len(Block)]"""
    texts: np.ndarray
    """uint64[blocks + 1]: hash of each block's words"""
    elements: np.ndarray
    """int32[elements + 1, len(Element)]"""
    signs: np.ndarray
    """uint64[elements, len(Sign)]"""
    stack: np.ndarray
    """int32[MAX_DEPTH]"""
    state: np.ndarray
    """int64[len(State)]"""
    hashes: np.ndarray
    """uint64[2]: of the word and of the text that are being read"""
    page: np.ndarray
    """int64[len(Page)]"""
    titles: np.ndarray
    """uint64[256]: hashes of the title's words"""
    decoded: np.ndarray
    """uint8[LONGEST]: one decoded reference"""
    sums: np.ndarray
    """int32[elements, 5]; columns in aggregates.py, as of the next four"""
    weights: np.ndarray
    """float32[elements, 5]"""
    paths: np.ndarray
    """uint64[slots]: table of paths"""
    groups: np.ndarray
    """int32[slots, 7]"""
    copies: np.ndarray
    """uint64[slots]: table of texts"""
    copy_counts: np.ndarray
    """int32[slots]"""
    copy_slots: np.ndarray
    """int32[blocks]"""
    word_sums: np.ndarray
    """float32[blocks]: weights of each block's words"""
    since: np.ndarray
    """int32[blocks]: words since good text"""
    until: np.ndarray
    """int32[blocks]: words to the next good text"""
    spans: np.ndarray
    """int32[marks, len(Span)]"""
    scores: np.ndarray
    """float32[blocks]"""
    hopes: np.ndarray
    """float32[blocks]: chance of each block by the first look; expectations.py, as the next five"""
    expected: np.ndarray
    """float32[elements]: expected words in each subtree"""
    alike: np.ndarray
    """float32[slots, 2]: expected words and words in the subtrees of one path"""
    sections: np.ndarray
    """float32[blocks + 1, 2]: expected words and words between headings"""
    places: np.ndarray
    """int32[blocks, 3]"""
    trails: np.ndarray
    """float32[blocks, 5]"""
    keep: np.ndarray
    """bool[blocks]: which are the text"""
    steps: np.ndarray
    """int64[STEPS]: words of the blocks of each step of the score"""
    marks: np.ndarray
    """int32[MAX_MARKS, 2]: open marks of markdown; their tag and span"""


def make_work(size: int, marks: int) -> Work:
    """Room for pages of up to `size` bytes with up to `marks` times `<`."""
    rows = marks + 8
    slots = 1 << max(6, (2 * rows - 1).bit_length())
    return Work(
        tokens=np.empty((2 * rows, 4), np.int32),
        last_end=np.empty(len(KIND_OF), np.int32),
        out=np.empty(size + size // 4 + rows + 64, np.uint8),
        buckets=np.empty(size // 2 + 64, np.uint16),
        names=np.empty(size // 2 + 64, np.uint16),
        blocks=np.empty((rows, len(Block)), np.int32),
        texts=np.empty(rows, np.uint64),
        elements=np.empty((rows, len(Element)), np.int32),
        signs=np.empty((rows, len(Sign)), np.uint64),
        stack=np.empty(MAX_DEPTH, np.int32),
        state=np.zeros(len(State), np.int64),
        hashes=np.zeros(2, np.uint64),
        page=np.zeros(len(Page), np.int64),
        titles=np.zeros(256, np.uint64),
        decoded=np.zeros(LONGEST, np.uint8),
        sums=np.empty((rows, 5), np.int32),
        weights=np.empty((rows, 5), np.float32),
        paths=np.empty(slots, np.uint64),
        groups=np.empty((slots, 7), np.int32),
        copies=np.empty(slots, np.uint64),
        copy_counts=np.empty(slots, np.int32),
        copy_slots=np.empty(rows, np.int32),
        word_sums=np.empty(rows, np.float32),
        since=np.empty(rows, np.int32),
        until=np.empty(rows, np.int32),
        spans=np.empty((rows, len(Span)), np.int32),
        scores=np.empty(rows, np.float32),
        hopes=np.empty(rows, np.float32),
        expected=np.empty(rows, np.float32),
        alike=np.empty((slots, 2), np.float32),
        sections=np.empty((rows + 1, 2), np.float32),
        places=np.empty((rows, 3), np.int32),
        trails=np.empty((rows, 5), np.float32),
        keep=np.empty(rows, np.bool_),
        steps=np.empty(STEPS, np.int64),
        marks=np.empty((MAX_MARKS, 2), np.int32),
    )
