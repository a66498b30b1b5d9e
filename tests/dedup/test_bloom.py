"""The Bloom filter against one of Python integers; its size and its rate against the formula."""

from __future__ import annotations

import math

import bloom_oracle
import numpy as np
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup import bloom
from corpus_forge.dedup.bloom import UNIT_DTYPE, FilterSize, Walk, filter_for, filter_of, list_units
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import text_column

WORDS = st.sampled_from(["a", "B", "b,", "é", "中", "x1", "\n", "\n", "\n\n"])
TEXTS = st.lists(st.lists(WORDS, max_size=16).map(" ".join), max_size=6)


def walked(walk: Walk, units, hashes) -> tuple[list[tuple], list[int]]:
    pieces = list(walk.feed(units, hashes))
    leaving = [(int(unit["row"]), int(unit["start"]), int(unit["stop"])) for piece, _ in pieces for unit in piece]
    return leaving, [int(row) for _, rows in pieces for row in rows]


@cases(100)
@given(texts=TEXTS, ngram=st.integers(1, 4), least=st.integers(1, 4), whole=st.booleans(), fold=st.booleans())
def test_units_and_their_grams_are_those_of_the_oracle(texts, ngram, least, whole, fold):
    how, least = ("lower", "punctuation") if fold else (), min(least, ngram)
    padded = pa.array(["a b c", *texts, None, "b b"], pa.string()).slice(1, len(texts) + 1)
    units, hashes = list_units(text_column(padded), ngram, least, how, whole)
    expected = bloom_oracle.units_of(texts, ngram, least, how, whole)
    assert [tuple(unit)[:3] for unit in units.tolist()] == [unit[:3] for unit in expected]
    assert units["count"].tolist() == [len(unit.grams) for unit in expected]
    assert hashes.tolist() == [gram for unit in expected for gram in unit.grams]


@cases(100)
@given(
    texts=TEXTS,
    threshold=st.sampled_from([0.0, 0.5, 0.8]),
    bits=st.sampled_from([64, 128, 4096]),
    hashes=st.integers(1, 4),
    documents=st.booleans(),
    cut=st.integers(0, 6),
)
def test_what_leaves_is_what_leaves_in_the_oracle_whatever_the_pieces(texts, threshold, bits, hashes, documents, cut):
    """Also with filters so small that they are often wrong."""
    expected = bloom_oracle.walk(bloom_oracle.units_of(texts, 2, 1, (), False), bits, hashes, threshold, documents)
    walk = Walk(FilterSize(bits, hashes), threshold, documents)
    leaving, rows = [], []
    for first, part in ((0, texts[:cut]), (min(cut, len(texts)), texts[cut:])):
        units, grams = list_units(text_column(part), 2, 1, (), False)
        units["row"] += first
        found = walked(walk, units, grams)
        leaving += found[0]
        rows += found[1]
    assert (leaving, rows) == expected[:2]
    set_bits = {64 * word + bit for word in range(bits // 64) for bit in range(64) if int(walk.words[word]) >> bit & 1}
    assert set_bits == expected[2]
    assert walk.facts()["bits_set"] == len(set_bits)


def test_pieces_end_where_texts_end(monkeypatch):
    texts = ["a b c\nd e f\na b c\n"] * 3 + ["a b c\nx y z\n"]
    units, hashes = list_units(text_column(texts), 2, 2, (), False)
    whole = walked(Walk(FilterSize(4096, 3), 0.6, True), units, hashes)
    monkeypatch.setattr(bloom, "UNITS_AT_ONCE", 1)
    assert walked(Walk(FilterSize(4096, 3), 0.6, True), units, hashes) == whole
    assert whole[1] == [1, 2]


def test_a_filter_is_wrong_as_often_as_the_formula_says():
    """50,000 hashes in, as many new ones looked up: the share found is within five standard deviations."""
    entries = 50_000
    size = filter_for(entries, 0.01)
    draw = np.random.Generator(np.random.Philox(7))
    walk = Walk(size, 0.5, False)

    def feed(walk, values):
        units = np.zeros(len(values), UNIT_DTYPE)
        units["row"], units["count"] = np.arange(len(values)), 1
        return walked(walk, units, values)

    feed(walk, draw.integers(0, 1 << 63, entries, np.uint64))
    before = walk.facts()
    again, _ = feed(walk, draw.integers(0, 1 << 63, entries, np.uint64) | np.uint64(1 << 63))
    assert size.rate(entries) == pytest.approx(0.01, rel=0.01)
    assert before["false_positive_rate"] == pytest.approx(0.01, rel=0.1)
    expected = walk.facts()["false_positives"] - before["false_positives"]
    assert abs(len(again) - expected) < 5 * math.sqrt(expected)


@cases(100)
@given(entries=st.integers(1, 10**12), rate=st.floats(1e-9, 0.9))
def test_a_filter_for_a_rate_keeps_it_and_none_with_other_hashes_is_smaller(entries, rate):
    size = filter_for(entries, rate)
    assert size.rate(entries) <= rate * (1 + 1e-6)
    best = entries * -math.log(rate) / math.log(2) ** 2
    assert best * (1 - 1e-9) <= size.bits <= best * 1.1 + 64 or size.hashes == 32 or rate > 0.3


def test_sizes_that_bff_computes_too():
    """100 billion n-grams at 0.01: about 112 GiB and 7 hashes."""
    size = filter_for(100 * 10**9, 0.01)
    assert size.hashes == 7
    assert size.bytes / 2**30 == pytest.approx(111.6, abs=0.2)
    assert filter_of(1 << 30, 10**9) == FilterSize(1 << 33, 6)
    assert filter_of(1, 10**9) == FilterSize(64, 1)
    assert filter_for(0, 0.01) == FilterSize(64, 1)


def test_a_least_that_is_more_than_n_is_refused():
    with pytest.raises(RequestError, match="min_ngram: 3 is not between 1 and ngram, 2"):
        list_units(text_column(["a"]), 2, 3, (), False)
