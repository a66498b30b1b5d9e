"""`tokenize` in whole runs: packings, held-out documents, statistics, verify, and what a slow encoder is warned of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import corpus_forge as cf
from corpus_forge.engine.tokenizer_task import source_shares
from corpus_forge.errors import InputError, RunError
from corpus_forge.tokens import encoders
from corpus_forge.tokens.holdout import held_out

WORST = ["", " ", "\x00", "a<|eos|>b", "😀‍👩", "é" * 700, "\n\n\n", "word " * 400, "\ud7ff", "x" * 3000, "مرحبا नमस्ते 你好"]


def run(corpus: Path, folder: Path, **tokenize) -> cf.Run:
    sources = [{"name": name, "format": "jsonl", "paths": [str(corpus / f"{name}-*.jsonl")]} for name in ("books", "web")]
    tokenize = {"train": {"vocab_size": 500}, "seq_len": 128, **tokenize}
    pipeline = {"name": "t", "seed": 3, "sources": sources, "steps": [], "tokenize": tokenize}
    return cf.Pipeline.from_dict(pipeline).run(folder, executor="inline", workers=1)


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> Path:
    """Two sources, three files, the worst texts among them."""
    folder = tmp_path_factory.mktemp("texts")
    words = [f"document {n} speaks of {n * n} things. " * (n % 40) for n in range(300)]
    for name, lines in (("web-0", words[:150]), ("web-1", WORST), ("books-0", words[150:])):
        with (folder / f"{name}.jsonl").open("w") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in lines)
    return folder


@pytest.fixture(scope="module")
def made(texts, tmp_path_factory) -> cf.Run:
    return run(texts, tmp_path_factory.mktemp("runs") / "best", packing="best_fit", holdout="10%")


def all_texts(folder: Path) -> list[str]:
    return [json.loads(line)["text"] for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("packing", ["concat", "best_fit", "pad", "one_per_row"])
def test_documents_come_back_whatever_the_packing(texts, made, tmp_path, packing) -> None:
    again = made if packing == "best_fit" else run(texts, tmp_path / "run", packing=packing)
    assert again.verify(sample=400) == []
    claimed = again.report["tokens"]
    assert claimed["documents"] == again.record["totals"]["kept"]
    dropped = sum(again.tokens().shard(n).counts.truncated_tokens for n in range(len(again.tokens().shards)))
    assert (dropped > 0) == (packing == "one_per_row")
    counted = claimed["statistics"]["sources"]
    assert sum(each["tokens"] for each in counted.values()) + claimed["documents"] == claimed["tokens"] + dropped


def test_texts_are_those_that_went_in(texts, made) -> None:
    kept = made.documents()
    assert set(kept.column("text").to_pylist()) <= set(all_texts(texts))
    tokens = made.tokens()
    from corpus_forge.tokens.positions import find_document
    from corpus_forge.tokens.tokenizer import load_tokenizer

    tokenizer, names = load_tokenizer(made.root / "tokens"), {entry.path: n for n, entry in enumerate(tokens.shards)}
    for row in kept.to_pylist()[::7]:
        pieces = [
            tokens.shard(names[at.shard]).tokens[at.row, at.start : at.stop] for at in find_document(made.root, row["id"])
        ]
        assert tokenizer.decode(np.concatenate(pieces)[:-1]) == (row["text"] or "")


def test_held_out_documents_are_whole_and_those_that_the_draw_names(made) -> None:
    ids = made.documents().column("id").to_numpy()
    assert [entry.split for entry in made.tokens().shards] == ["train", "train", "validation", "validation"]
    found = {}
    for split in ("train", "validation"):
        with cf.TokenDataset(made.root, split=split) as rows:
            assert {entry.split for entry in rows.shards} == {split}
            found[split] = np.unique(np.concatenate([rows[n]["doc_uid"] for n in range(len(rows))]))
            assert len(rows.reader(2).batch(0)) == 2
    assert np.array_equal(found["validation"], ids[held_out(ids, 0.1, 3)])
    assert np.array_equal(np.union1d(found["train"], found["validation"]), ids)
    assert set(made.report["tokens"]["splits"]) == {"train", "validation"}
    with pytest.raises(InputError, match="no shard of split 'test'; there is train, validation"):
        cf.TokenDataset(made.root, split="test")


def clustered(folder: Path, kind: str) -> cf.Run:
    """Four hundred documents in clusters of four, every fifth in none, and one file by itself."""
    rows = [{"text": f"document {n} speaks.", "cluster": None if n % 5 == 0 else n // 4} for n in range(400)]
    for name, some in (("a", rows[:210]), ("b", rows[210:])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in some))
    columns = {"cluster_id": {"field": "cluster", "type": kind}}
    source = {"name": "web", "format": "jsonl", "paths": [str(folder / "*.jsonl")], "columns": columns}
    tokenize = {"train": {"vocab_size": 500}, "seq_len": 128, "holdout": "20%"}
    pipeline = {"name": "t", "seed": 3, "sources": [source], "tokenize": tokenize}
    return cf.Pipeline.from_dict(pipeline).run(folder / "run", executor="inline", workers=1)


def test_a_cluster_of_duplicates_is_held_out_whole(tmp_path) -> None:
    made = clustered(tmp_path, "integer")
    rows = made.documents().select(["id", "cluster_id"]).to_pylist()
    keys = np.array([row["id"] if row["cluster_id"] is None else row["cluster_id"] for row in rows], np.uint64)
    ids = np.array([row["id"] for row in rows], np.uint64)
    with cf.TokenDataset(made.root, split="validation") as held:
        found = np.unique(np.concatenate([held[n]["doc_uid"] for n in range(len(held))]))
    assert np.array_equal(found, ids[held_out(keys, 0.2, 3)])
    split = {key: {row["id"] in found for row in rows if row["cluster_id"] == key} for key in range(100)}
    assert all(len(sides) == 1 for sides in split.values())
    assert {True, False} == set.union(*split.values())
    assert not np.array_equal(found, ids[held_out(ids, 0.2, 3)])


def test_clusters_that_are_words_are_refused(tmp_path) -> None:
    with pytest.raises(RunError, match=r"column 'cluster_id' of .* is string; documents are held out by it"):
        clustered(tmp_path, "text")


def test_a_dataset_of_a_split_survives_being_sent(made) -> None:
    import copy

    with cf.TokenDataset(made.root, split="validation") as rows:
        assert copy.deepcopy(rows).split == "validation"
        assert len(copy.deepcopy(rows)) == len(rows)


def test_verify_finds_what_was_changed_after_the_run(texts, tmp_path) -> None:
    again = run(texts, tmp_path / "run")
    part = next(iter(sorted((tmp_path / "run/documents").glob("*.parquet"))))
    part.unlink()
    assert ("documents", "153 rows, run.json says 299 kept") in again.verify()
    record = json.loads((tmp_path / "run/run.json").read_text())
    record["tokens"]["tokens"] += 1
    assert any("run.json says" in what for where, what in cf.Run(again.root, record).verify() if where == "tokens/index.json")
    assert cf.Run(again.root, {**record, "status": "failed"}).verify()[0][0] == "run.json"


def test_an_encoder_that_errs_on_a_shard_is_replaced_there_and_the_run_warns(texts, tmp_path, monkeypatch) -> None:
    right = run(texts, tmp_path / "right")
    encode = encoders.GigatokenEncoder.encode

    def wrong(self, column):
        found = encode(self, column)
        bad = any("document 151" in text for text in column.to_pylist())
        return found._replace(ids=found.ids[::-1].copy()) if bad else found

    monkeypatch.setattr(encoders.GigatokenEncoder, "encode", wrong)
    from corpus_forge.engine import tokenizer_task

    monkeypatch.setattr(tokenizer_task, "_loaded", {})
    messages = []

    class Listening(cf.engine.observer.Observer):
        def message(self, text: str) -> None:
            messages.append(text)

    sources = right.record["pipeline"]
    again = cf.Pipeline.from_dict(sources).run(tmp_path / "again", executor="inline", workers=1, observer=Listening())
    assert [
        m for m in messages if m.startswith("warning: 1 of 3 shards encoded slowly: gigatoken gives other ids for 'document 15")
    ]
    assert again.report["tokens"]["statistics"]["encoders"] == {"gigatoken": 2, "tokenizers": 1}
    assert [each.sha256 for each in again.tokens().shards] == [each.sha256 for each in right.tokens().shards]


def test_a_sentencepiece_run_goes_the_whole_way(texts, tmp_path) -> None:
    pytest.importorskip("sentencepiece")
    again = run(texts, tmp_path / "run", train={"vocab_size": 500, "kind": "unigram", "weights": {"web": 1, "books": 2}})
    assert again.verify(sample=100) == []
    assert again.report["tokens"]["statistics"]["encoders"] == {"sentencepiece": 3}
    assert (again.root / "tokens" / "sentencepiece.model").is_file()


def test_shares_of_a_sample() -> None:
    sizes = {"a": 1000, "b": 100}
    assert source_shares(sizes, {}, 550) == pytest.approx({"a": 0.5, "b": 0.5})
    assert source_shares(sizes, {"a": 1, "b": 1}, 100) == pytest.approx({"a": 0.05, "b": 0.5})
    assert source_shares(sizes, {"b": 3}, 10_000) == {"a": 0.0, "b": 1.0}
