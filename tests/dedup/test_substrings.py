"""Repeated substrings: equal to holding every window against every other."""

from __future__ import annotations

import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from span_oracle import repeated_substrings

import corpus_forge as cf
from corpus_forge.dedup.substrings import LEAST, anchor_places, bases_of, window_places
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import text_column

pieces = st.lists(st.text(st.sampled_from("abé漢😀"), max_size=30), min_size=1, max_size=3)
texts_of_pieces = pieces.flatmap(
    lambda known: st.lists(st.lists(st.sampled_from([*known, "x", "yz"]), max_size=4).map("".join), min_size=1, max_size=5)
)


def found(texts, length: int, **how) -> list[tuple[int, int, int]]:
    table = cf.duplicate_spans(texts, length, **how)
    assert table.schema.names == ["text", "start", "stop"]
    return [tuple(row.values()) for row in table.to_pylist()]


@cases(300)
@given(
    texts=texts_of_pieces,
    length=st.integers(LEAST, 30),
    keep=st.sampled_from(["first", "none"]),
    min_count=st.integers(2, 3),
    merge=st.integers(0, 6),
)
def test_spans_are_those_of_comparing_every_window(texts, length, keep, min_count, merge):
    expected = repeated_substrings(texts, length, keep, min_count, merge)
    assert found(texts, length, keep=keep, min_count=min_count, merge=merge) == expected


@pytest.mark.parametrize("period", [1, 2, 7, 40])
def test_a_text_that_repeats_itself_keeps_one_period(period):
    text = ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[:period] * 300)[:300]
    assert found([text], 20) == [(0, period, 300)]


def test_slices_nulls_and_chunks_are_texts_like_others():
    texts = ["skipped", None, "the same words again and again", "", "x the same words again and again y"]
    expected = [(3, 2, 32)]
    assert found(pa.array(texts)[1:], 20) == expected
    assert found(pa.chunked_array([texts[1:3], texts[3:]]), 20) == expected
    assert found([], 20) == found([None, ""], 20) == []


@given(st.text(st.sampled_from("abé"), max_size=80), st.integers(LEAST, 24))
def test_every_window_holds_an_anchor_whose_region_holds_the_window(text, length):
    column = text_column([text])
    places = anchor_places(column, length)
    for start in range(len(column.data) - length + 1):
        assert any(row["start"] <= start and start + length <= row["stop"] for row in places)
    assert (places["start"][1:].astype(int) >= places["start"][:-1]).all()


def test_keys_of_windows_are_those_of_their_bytes_wherever_they_lie():
    column = text_column(["0123456789abcdefghij", "", "xx0123456789abcdefghijxx"])
    regions = anchor_places(column, 16)[["row", "start", "stop"]]
    keys = {
        (row["row"], row["start"]): (row["hi"], row["lo"]) for part in window_places(column, regions, 16, 1) for row in part
    }
    assert all(keys[0, start] == keys[2, start + 2] for start in range(5))
    assert len({keys[0, start] for start in range(5)}) == 5
    assert bases_of(1).tolist() != bases_of(2).tolist()


@pytest.mark.parametrize("wrong", [{"length": 15}, {"keep": "last"}, {"min_count": 1}, {"merge": -1}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(RequestError, match=next(iter(wrong))):
        cf.duplicate_spans(["a"], **{"length": 20, **wrong})
