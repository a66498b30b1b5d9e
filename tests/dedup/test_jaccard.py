"""Verification by all shingles: sets equal to Python's, and pairs at exactly the similarity that is asked for."""

from __future__ import annotations

import random

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from shingle_oracle import words_of

import corpus_forge as cf
from corpus_forge.dedup import pairs
from corpus_forge.dedup.minhash import FOLDINGS
from corpus_forge.dedup.shingles import shingles_of
from corpus_forge.errors import RequestError


def shingle_set(text: str, n: int) -> set[tuple[str, ...]]:
    words = words_of(text, FOLDINGS)
    return {tuple(words[i : i + n]) for i in range(max(len(words) - n + 1, 1))} if words else set()


def jaccard(one: set, two: set) -> float:
    return len(one & two) / len(one | two) if one | two else 0.0


texts_of_words = st.lists(st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join), min_size=1, max_size=6)


@cases(100)
@given(texts_of_words, st.integers(1, 4))
def test_sets_are_as_similar_as_pythons(texts, n):
    shingles = shingles_of(texts, n)
    values, offsets = shingles.lists(np.arange(len(texts), dtype=np.uint64))
    found = [values[offsets[i] : offsets[i + 1]].tolist() for i in range(len(texts))]
    expected = [shingle_set(text, n) for text in texts]
    assert [len(each) for each in found] == [len(each) for each in expected] == shingles.lengths.tolist()
    assert all(each == sorted(set(each)) for each in found)
    for one, first in zip(found, expected, strict=True):
        for two, second in zip(found, expected, strict=True):
            assert jaccard(set(one), set(two)) == jaccard(first, second)


@cases(100)
@given(texts_of_words, st.sampled_from([0.2, 0.5, 0.75, 1.0]), st.integers(1, 40), st.randoms(use_true_random=False))
def test_pairs_of_one_group_are_held_against_the_leaders_whatever_the_pieces(texts, share, piece, rng):
    """Every text twice: a group of twelve at most, so that all that agree with no leader become leaders."""
    texts = texts * 2
    rng.shuffle(texts)
    sets = [shingle_set(text, 2) for text in texts]
    leaders: list[int] = []
    expected = []
    for row, own in enumerate(sets):
        match = next((leader for leader in leaders if own and jaccard(own, sets[leader]) >= share - 1e-12), None)
        expected += [(row, match)] if match is not None else []
        leaders += [row] if match is None else []
    ids, key = np.arange(len(texts), dtype=np.uint64), np.zeros(len(texts), np.uint64)
    original, pairs.SHINGLES = pairs.SHINGLES, piece
    try:
        found = pairs.similar_pairs(key, key, ids, shingles_of(texts, 2), share)
    finally:
        pairs.SHINGLES = original
    assert list(zip(*(part.tolist() for part in found), strict=True)) == expected


def edited(rng: random.Random, words: list[str], edits: int) -> list[str]:
    words = list(words)
    for place in rng.sample(range(len(words)), edits):
        words[place] = f"new{rng.random()}"
    return words


def test_verified_pairs_have_the_similarity_and_unverified_ones_need_not():
    rng = random.Random(3)
    texts = []
    for _ in range(60):
        words = [f"w{rng.randrange(10_000)}" for _ in range(200)]
        texts += [" ".join(words), " ".join(edited(rng, words, rng.randrange(1, 12)))]
    similarity = [jaccard(shingle_set(texts[i], 5), shingle_set(texts[i + 1], 5)) for i in range(0, len(texts), 2)]
    unverified = cf.near_duplicates(texts)
    verified = cf.near_duplicates(texts, verify=0.8, verify_by="jaccard")
    caught = [unverified[2 * i + 1] == 2 * i for i in range(60)]
    assert [verified[2 * i + 1] == 2 * i for i in range(60)] == [was and similarity[i] >= 0.8 for i, was in enumerate(caught)]
    assert any(was and similarity[i] < 0.8 for i, was in enumerate(caught))


def test_an_unknown_way_to_verify_is_refused():
    with pytest.raises(RequestError, match="verify_by"):
        cf.near_duplicates(["a"], verify=0.5, verify_by="jacard")
