"""Evaluation items in texts: all that share an n-gram and no others, where they are, and planted ones in real pages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fuzz_cases import cases
from gram_oracle import rows_of
from hypothesis import given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge.dedup import gram_index
from corpus_forge.dedup.contamination import Contaminants, ItemSet
from corpus_forge.dedup.gram_index import build_index, find_items
from corpus_forge.errors import RequestError
from corpus_forge.text.columns import text_column

LOWER = ("lower", "punctuation")
ITEM = "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning."
WORDS = st.sampled_from(["a", "B", "b", "c,", "-", "é", "中国", "x1", "\n", "e\u0301", "👍"])
TEXTS = st.lists(st.lists(WORDS, max_size=14).map(" ".join), max_size=5)


def found(texts, sets, n=13, **how):
    return cf.contamination(texts, sets, n, **how).to_pylist()


def test_an_item_is_found_whatever_its_case_and_punctuation_with_where_it_is():
    text = "Read this: JANETS, no — janet s ducks lay (16) eggs, per day; she eats three for breakfast every morning!! Fine."
    [row] = found([None, text], {"other": ["no such thing"], "gsm": ["x", ITEM]})
    assert (row["text"], row["set"], row["item"], row["ngrams"], row["overlap"]) == (1, "gsm", 1, 3, 1.0)
    assert text[row["start"] : row["stop"]] == text[text.index("janet s") : text.index("!!")]


def test_one_word_less_than_n_in_common_is_no_find():
    words = [f"w{k}" for k in range(20)]
    item = " ".join(words)
    assert found([" ".join(words[3:16])], {"s": [item]})
    assert not found([" ".join(words[3:15]) + " other " + " ".join(words[16:])], {"s": [item]})
    assert not found([item], {"s": [" ".join(words[:12])]}), "an item with fewer than n words has no n-gram"


def test_an_overlap_may_be_asked_for():
    words = [f"w{k}" for k in range(24)]
    item, half = " ".join(words), " ".join(words[:18])
    [row] = found([half], {"s": [item]}, min_overlap=0.5)
    assert (row["ngrams"], row["overlap"]) == (6, 0.5)
    assert not found([half], {"s": [item]}, min_overlap=0.51)


def test_a_repeated_run_counts_its_grams_once_and_tells_the_longest_run():
    item = " ".join(f"w{k}" for k in range(6))
    text = "w0 w1 w2 . nothing here . w0 w1 w2 w3 w4 . w0 w1 w2"
    [row] = found([text], {"s": [item]}, 3)
    assert row["ngrams"] == 3
    assert text[row["start"] : row["stop"]] == "w0 w1 w2 w3 w4"


@cases(100)
@given(texts=TEXTS, items=TEXTS, n=st.integers(1, 4), min_overlap=st.sampled_from([0.0, 0.3, 1.0]), accents=st.booleans())
def test_finds_are_those_of_the_oracle(texts, items, n, min_overlap, accents):
    how = (*LOWER, "accents") if accents else LOWER
    rows = found(texts, {"s": items}, n, normalize=how, min_overlap=min_overlap)
    expected = rows_of(texts, [[item] for item in items], n, how, min_overlap)
    assert [(row["text"], row["item"], row["ngrams"]) for row in rows] == [tuple(row[:3]) for row in expected]
    for row, wanted in zip(rows, expected, strict=True):
        text = texts[row["text"]]
        size = len(text[row["start"] : row["stop"]].encode())
        assert size >= len(text[wanted.start : wanted.stop].encode()), "the longest run, in bytes"
        [again] = rows_of([text[row["start"] : row["stop"]]], [[items[row["item"]]]], n, how, 0)
        assert (again.start, again.stop) == (0, row["stop"] - row["start"])


@cases(100)
@given(items=TEXTS, texts=TEXTS, cut=st.integers(0, 5))
def test_several_sets_slices_nulls_and_batches_change_nothing(items, texts, cut):
    sets = {"one": items, "two": [*items, "a b c"]}
    whole = found(texts, sets, 2)
    padded = pa.array(["a b c", *texts, None, "b b"], pa.string()).slice(1, len(texts) + 1)
    assert found(padded, sets, 2) == whole
    behind = [{**row, "text": row["text"] + min(cut, len(texts))} for row in found(texts[cut:], sets, 2)]
    assert found(texts[:cut], sets, 2) + behind == whole


def test_an_item_of_several_texts_has_no_grams_across_them():
    parts = ItemSet(pa.array(["a b c", "d e f", "x y z"]), np.array([0, 0, 1]), 2, 3)
    known = Contaminants([parts])
    rows = known.find(text_column(["c d e", "a b c and d e f", "x y z"])).rows
    assert rows[:, :3].tolist() == [[1, 0, 2], [2, 1, 1]]
    assert known.grams.tolist() == [2, 1]


def test_hits_name_only_what_is_of_an_item_found():
    """A phrase of an item that is not found, for lack of overlap, is not to be cut."""
    sets = [ItemSet(pa.array(["a b c d e f", "p q"]), np.array([0, 1]), 2, 2, 0.9)]
    hits = Contaminants(sets).find(text_column(["a b . p q"])).hits
    assert hits.tolist() == [[0, 6, 9]]


def test_a_collision_is_no_find():
    """Every hash of the index is overwritten by those of another text: the words are compared, so nothing is found."""
    items, text = text_column(["a b c d e"]), text_column(["p q r s t"])
    other = build_index(text, np.array([0]), 3, LOWER)
    index = build_index(items, np.array([0]), 3, LOWER)
    bits, keys, _, _, _ = other.grams
    forged = index._replace(grams=(bits, keys, *index.grams[2:]))
    assert find_items(other, text, np.array([1])).rows.tolist() == [[0, 0, 3, 0, 9]]
    assert not len(find_items(forged, text, np.array([1])).rows)


def test_grams_of_one_hash_are_told_apart_in_the_index():
    from corpus_forge.dedup.gram_kernels import number_grams

    blob = np.frombuffer(b"xyxyz", np.uint8).copy()
    starts, stops, hashes = np.array([0, 1, 2, 3, 4]), np.array([1, 2, 3, 4, 5]), np.array([7, 7, 7, 7, 9], np.uint64)
    numbers, heads = np.zeros(5, np.int64), np.zeros(5, np.int64)
    assert number_grams(np.arange(5), hashes, starts, stops, blob, numbers, heads) == 3
    assert numbers.tolist() == [0, 1, 0, 1, 2]
    assert heads[:3].tolist() == [0, 1, 4]


def test_more_finds_than_there_is_room_for_are_all_there(monkeypatch):
    texts, items = ["a b c a b c"] * 9, ["a b", "b c", "c a"]
    whole = found(texts, {"s": items}, 2)
    monkeypatch.setattr(gram_index, "FIRST_ROOM", 1)
    assert found(texts, {"s": items}, 2) == whole
    assert len(whole) == 27


def test_no_items_and_no_texts():
    assert cf.contamination([], {"s": ["a"]}, 1).num_rows == 0
    assert cf.contamination(["a"], {"s": []}, 1).num_rows == 0
    assert cf.contamination(["a"], {"s": ["", None]}, 1).num_rows == 0


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"sets": {}}, "sets: no evaluation set"),
        ({"ngram": 0}, "ngram: 0 is not between 1 and 1000"),
        ({"min_overlap": 1.5}, "min_overlap: 1.5 is not"),
        ({"normalize": ["loewr"]}, "normalize: 'loewr' is not known"),
    ],
)
def test_parameters_that_cannot_be(how, message):
    with pytest.raises(RequestError, match=message):
        cf.contamination(["a"], **{"sets": {"s": ["a"]}, **how})


@pytest.mark.data
def test_planted_items_are_found_and_nothing_else(test_data: Path):
    with gzip.open(test_data / "sources/contamination/docs.json.gz", "rt", encoding="utf-8") as file:
        texts = {record["id"]: record["text"] for record in map(json.loads, file)}
    truth = [json.loads(line) for line in (test_data / "truth_contamination.jsonl").read_text("utf-8").splitlines()]
    questions = (test_data / "eval_sets/gsm8k/test.jsonl").read_text("utf-8").splitlines()
    rows = found(list(texts.values()), {"gsm8k": [json.loads(line)["question"] for line in questions]})
    planted = {(entry["id"], entry["item"]) for entry in truth if entry["contaminated"]}
    assert len(planted) == 23
    assert len(truth) - len(planted) == 17
    assert {(list(texts)[row["text"]], row["item"]) for row in rows} == planted
    assert {row["overlap"] for row in rows} == {1.0}
