"""Edited copies are about as similar as asked, and follow from the texts, their hashes and the seed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from shingle_oracle import jaccard

from corpus_forge.dedup.planting import planted_copies

ASKED = (0.5, 0.7, 0.9)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    rng = random.Random(4)
    return [" ".join("".join(rng.choices("abcdefgh", k=6)) for _ in range(rng.randint(300, 600))) for _ in range(30)]


def test_copies_are_as_similar_as_asked(texts):
    copies = planted_copies(texts, np.arange(30, dtype=np.uint64), ASKED, 1)
    assert [number for number, _ in copies] == [number for number in range(30) for _ in ASKED]
    measured = np.array([jaccard(texts[number], copy) for number, copy in copies]).reshape(30, 3)
    np.testing.assert_allclose(measured, np.tile(ASKED, (30, 1)), atol=0.06)
    assert all(len(copy) == len(texts[number]) for number, copy in copies)


def test_hashes_and_seed_say_where(texts):
    keys = np.arange(30, dtype=np.uint64) << np.uint64(50)
    copies = planted_copies(texts, keys, ASKED, 1)
    assert copies == planted_copies(texts, keys, ASKED, 1)
    assert not set(copies) & set(planted_copies(texts, keys, ASKED, 2))
    assert not set(copies) & set(planted_copies(texts, keys + np.uint64(1), ASKED, 1))


@pytest.mark.parametrize("alone", ["a text by itself, with nobody to borrow from", "x", ""])
def test_one_text_borrows_from_itself(alone):
    assert [len(copy) for _, copy in planted_copies([alone], np.zeros(1, np.uint64), ASKED, 1)] == [len(alone)] * 3
