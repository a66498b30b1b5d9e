"""Repeated runs of tokens: equal to holding every run against every other, in the library and in runs."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from small_corpus import tree_digest
from span_oracle import cut, repeated_windows

import corpus_forge as cf
from corpus_forge.dedup.substrings import LEAST
from corpus_forge.errors import RequestError
from corpus_forge.steps.dedup.family import dedup
from corpus_forge.tokens.tokenizer import load_tokenizer
from corpus_forge.tokens.train import train_bpe

WORDS = "A run of tokens that the same people wrote in the same words is there again, naïvely: 日本語 too. "


class Made:
    """Pieces of one to three bytes, by the first of them: where pieces end depends on what came before."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def pieces_of(self, text: str) -> list[bytes]:
        data, found, at = text.encode(), [], 0
        while at < len(data):
            found.append(data[at : at + 1 + data[at] % 3])
            at += len(found[-1])
        return found

    def encode(self, texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        pieces = [self.pieces_of(text or "") for text in texts.to_pylist()]
        self.pieces = sorted({piece for found in pieces for piece in found})
        ids = np.array([self.pieces.index(piece) for found in pieces for piece in found], np.uint32)
        return ids, np.cumsum([0, *(len(found) for found in pieces)])

    def token_bytes(self) -> np.ndarray:
        return np.array([len(piece) for piece in self.pieces], np.uint16)


pieces = st.lists(st.text(st.sampled_from("abcé漢"), max_size=40), min_size=1, max_size=3)
texts_of_pieces = pieces.flatmap(
    lambda known: st.lists(st.lists(st.sampled_from([*known, "x", "yz"]), max_size=4).map("".join), min_size=1, max_size=4)
)


def found(texts: Any, **how: Any) -> list[tuple[int, int, int]]:
    return [tuple(row.values()) for row in cf.duplicate_spans(texts, **how).to_pylist()]


@cases(150)
@given(
    texts=texts_of_pieces,
    length=st.integers(LEAST, 24),
    keep=st.sampled_from(["first", "none"]),
    min_count=st.integers(2, 3),
    merge=st.integers(0, 6),
)
def test_spans_are_those_of_comparing_every_run(texts, length, keep, min_count, merge):
    made = Made()
    expected = repeated_windows(texts, [made.pieces_of(text) for text in texts], length, keep, min_count, merge)
    assert found(texts, length=length, keep=keep, min_count=min_count, merge=merge, tokenizer=made) == expected


def test_slices_and_nulls_are_texts_like_others():
    text = "abcabcabc" * 8
    whole = found(["", text, text], tokenizer=Made(), length=20)
    assert whole
    assert found(pa.array(["skipped", None, text, text])[1:], tokenizer=Made(), length=20) == whole


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    path.write_bytes(train_bpe([WORDS * 20], 420))
    return path


def documents() -> list[str]:
    return [f"{n} begins. {WORDS * (n % 3)}Then {n * n} {'é' * n} ends. {WORDS}" for n in range(12)]


def run_over(folder: Path, run: str, files: int, **how: Any) -> cf.Run:
    (folder / f"in{files}").mkdir(exist_ok=True)
    texts = documents()
    for n in range(files):
        part = texts[n * len(texts) // files : (n + 1) * len(texts) // files]
        (folder / f"in{files}" / f"{n}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in part))
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/in{files}/*.jsonl"]}
    step = {"dedup": {"method": "substring", "length": 16, "buckets": files, **how}}
    return cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [step]}).run(folder / run, executor="inline")


def test_a_run_cuts_the_runs_of_a_trained_tokenizer_for_any_split(tokenizer, tmp_path):
    texts, loaded = documents(), load_tokenizer(tokenizer)
    ids, offsets = loaded.encode(texts)
    units = [[loaded.vocabulary.text(each) for each in ids[a:b].tolist()] for a, b in pairwise(offsets)]
    spans = repeated_windows(texts, units, 16)
    expected = cut(texts, spans)
    assert sum(map(len, expected)) < sum(map(len, texts)) / 2
    for files in (1, 4):
        run = run_over(tmp_path, f"run{files}", files, tokenizer=str(tokenizer))
        assert run.documents()["text"].to_pylist() == expected
    assert found(texts, length=16, tokenizer=loaded) == spans
    moved = tmp_path / "elsewhere.json"
    moved.write_bytes(tokenizer.read_bytes())
    again = run_over(tmp_path, "run4", 4, tokenizer=str(moved))
    assert sum(stage["tasks"] - stage["reused"] for stage in again.record["stages"]) == 0
    assert tree_digest(again.root) == tree_digest(run.root)


def test_fifty_tokens_are_the_default(tokenizer):
    assert dedup.make({"method": "substring", "tokenizer": str(tokenizer)}).length == 50
    assert dedup.make({"method": "substring"}).length == 200
    assert "tokenizer" not in dedup.make({"method": "substring"}).identity()
    text = WORDS * 6
    count = len(load_tokenizer(tokenizer).encode([text]).ids)
    assert found([text, "x"], tokenizer=load_tokenizer(tokenizer), length=count + 1) == []
    assert found([text, text], tokenizer=load_tokenizer(tokenizer), length=count) == [(1, 0, len(text.encode()))]


def test_a_tokenizer_that_cannot_be_used_is_said_before_the_run(tokenizer, tmp_path):
    absent = dedup.make({"method": "substring", "tokenizer": str(tmp_path / "absent.json")})
    assert "absent.json" in absent.problems()[0]
    definition = json.loads(tokenizer.read_text())
    definition["normalizer"] = {"type": "NFKC"}
    (tmp_path / "folds.json").write_text(json.dumps(definition))
    [said] = dedup.make({"method": "substring", "tokenizer": str(tmp_path / "folds.json")}).problems()
    assert "a byte-level one that changes no text" in said
    with pytest.raises(RequestError, match="its tokens stand for"):
        found(["ﬁne " * 80], tokenizer=load_tokenizer(tmp_path / "folds.json"))
    assert dedup.make({"method": "substring", "tokenizer": str(tokenizer)}).problems() == []
