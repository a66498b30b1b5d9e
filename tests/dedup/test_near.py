"""Clusters of near duplicates in memory."""

from __future__ import annotations

import random

import numpy as np
import pytest

from corpus_forge.dedup.minhash import minhash_signatures
from corpus_forge.dedup.near import cluster_signatures, near_duplicates
from corpus_forge.errors import RequestError


def word(number: int) -> str:
    """A word of letters alone: some presets take all digits for the same."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def varied(rng: random.Random, words: list[str], changed: int) -> str:
    """The words with so many of them replaced."""
    copy = list(words)
    for place in rng.sample(range(len(copy)), changed):
        copy[place] = "new" + word(rng.randrange(10**6))
    return " ".join(copy)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Ten documents of 400 words, each with two close copies, then two empty ones and two of one word."""
    rng = random.Random(3)
    originals = [[word(rng.randrange(10**5)) for _ in range(400)] for _ in range(10)]
    rows = [varied(rng, words, changed) for words in originals for changed in (0, 3, 5)]
    return [*rows, "", "...", "alone", "Alone!"]


EXPECTED = [3 * (i // 3) for i in range(30)] + [30, 31, 32, 32]


@pytest.mark.parametrize("how", [{}, {"preset": "fineweb"}, {"verify": 0.7}, {"bands": 20, "rows": 6, "ngram": 3, "seed": 9}])
def test_close_copies_are_one_cluster_and_texts_without_words_are_alone(texts, how):
    assert near_duplicates(texts, **how).tolist() == EXPECTED


def test_every_preset_finds_the_copies_that_are_equal():
    rows = [" ".join(word(n) for n in range(seed, seed + 60)) for seed in (0, 1000, 0, 2000)]
    for name in ("dclm", "finepdfs", "nemo", "olmo3", "slimpajama", "redpajama_v2@0.9"):
        assert near_duplicates(rows, name).tolist() == [0, 1, 0, 3], name


def test_signatures_of_others_are_clustered_as_ours(texts):
    signatures = minhash_signatures(texts, compatible="datasketch").astype(np.uint64)
    assert cluster_signatures(signatures, 14, 8).tolist() == EXPECTED


def test_verification_parts_what_shares_one_band_by_chance():
    one, other = np.arange(112, dtype=np.uint32), np.arange(1000, 1112, dtype=np.uint32)
    other[:8] = one[:8]
    signatures = np.stack([one, other])
    assert cluster_signatures(signatures, 14, 8).tolist() == [0, 0]
    assert cluster_signatures(signatures, 14, 8, verify=0.5).tolist() == [0, 1]


def test_no_texts_have_no_clusters():
    assert near_duplicates([]).tolist() == []
    assert near_duplicates([], verify=0.5).tolist() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"preset": "finweb"}, "no preset of dedup is named 'finweb'"),
        ({"bands": 0}, "bands: 0, rows: 8: both must be 1 or more"),
        ({"verify": 2}, "verify: 2 is not between 0 and 1"),
        ({"ngram": 0}, "ngram: 0"),
    ],
)
def test_wrong_parameters_are_refused(wrong, said):
    with pytest.raises(RequestError, match=said):
        near_duplicates(["text"], **wrong)
