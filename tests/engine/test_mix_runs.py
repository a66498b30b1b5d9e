"""`mix` in whole runs: parts, the mixture file, what other weights make again, and one materialised mixture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import corpus_forge as cf
from corpus_forge.errors import ConfigError
from corpus_forge.tokens.holdout import drawn
from corpus_forge.tokens.order import stream_key

PARTS: dict[str, Any] = {
    "good": {"source": "web", "where": {"score": [3, None]}, "weight": 3},
    "a_half": {"source": "web", "sample": "50%", "weight": 1},
    "books": 2,
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> Path:
    """Two sources, four files; documents with a score, some without."""
    folder = tmp_path_factory.mktemp("mix")
    for name, count in (("web-0", 150), ("web-1", 90), ("books-0", 120), ("books-1", 40)):
        with (folder / f"{name}.jsonl").open("w") as file:
            for n in range(count):
                text = f"{name} document {n} speaks of {n * n} things. " * (1 + n % 23)
                file.write(json.dumps({"text": text, "score": None if n % 11 == 0 else n % 5}) + "\n")
    return folder


def pipeline(texts: Path, mix: dict[str, Any] | None, **tokenize: Any) -> cf.Pipeline:
    columns = {"columns": {"score": {"field": "score", "type": "number"}, "word": "score"}}
    sources = [
        {"name": name, "format": "jsonl", "paths": [str(texts / f"{name}-*.jsonl")], **columns} for name in ("books", "web")
    ]
    tokenize = {"train": {"vocab_size": 500}, "seq_len": 128, "shard_tokens": 4096, **tokenize}
    given = {"name": "t", "seed": 3, "sources": sources, "tokenize": tokenize}
    return cf.Pipeline.from_dict({**given, "mix": mix} if mix is not None else given)


def run(texts: Path, folder: Path, mix: dict[str, Any] | None, **tokenize: Any) -> cf.Run:
    return pipeline(texts, mix, **tokenize).run(folder, executor="inline", workers=1)


@pytest.fixture(scope="module")
def made(texts, tmp_path_factory) -> cf.Run:
    return run(texts, tmp_path_factory.mktemp("runs") / "parts", {"parts": PARTS, "tokens": "60K"}, holdout="10%")


def documents_of(made: cf.Run, part: str) -> set[int]:
    dataset = made.tokens()
    shards = [dataset.shard(number) for number in dataset.shard_numbers(source=part)]
    return {uid for shard in shards for uid in shard.doc_uid.tolist()}


def executed(made: cf.Run) -> dict[str, int]:
    """Tasks that the last call ran itself, by stage."""
    return {stage["name"]: ran for stage in made.record["stages"] if (ran := stage["tasks"] - stage["reused"])}


def test_every_document_is_in_the_first_part_that_takes_it(made) -> None:
    assert made.verify(sample=60) == []
    expected: dict[str, set[int]] = {"good": set(), "a_half": set(), "web": set(), "books": set()}
    kept = made.documents().select(["id", "source", "score"]).to_pylist()
    half = drawn(np.array([row["id"] for row in kept], np.uint64), 0.5, stream_key("mix", 3, "a_half"))
    for row, chosen in zip(kept, half.tolist(), strict=True):
        good = row["score"] is not None and row["score"] >= 3
        part = "books" if row["source"] == "books" else "good" if good else "a_half" if chosen else "web"
        expected[part].add(row["id"])
    assert {part: documents_of(made, part) for part in expected} == expected
    assert all(expected.values())


def test_the_report_has_what_was_counted_and_the_reader_draws_it(made) -> None:
    told = made.report["mixture"]
    held = made.tokens().sources
    assert [row["part"] for row in told["parts"]] == ["good", "a_half", "books"]
    train = {name: sum(e.tokens for e in made.tokens().shards if e.source == name and e.split == "train") for name in held}
    assert {row["part"]: row["available"] for row in told["parts"]} == {
        name: train[name] for name in ("good", "a_half", "books")
    }
    assert [row["wanted"] for row in told["parts"]] == [30_000, 10_000, 20_000]
    mixture = cf.TokenMixture(made.root)
    batch = mixture.reader(8192, seed=1).batch(0)
    names = [rows.name for rows in mixture.sources]
    tokens = {name: int(batch.n_tokens[batch.source == number].sum()) for number, name in enumerate(names)}
    shares = {name: count / sum(tokens.values()) for name, count in tokens.items()}
    assert shares == pytest.approx({"good": 1 / 2, "a_half": 1 / 6, "books": 1 / 3, "web": 0}, abs=0.005)
    assert mixture.rows == pytest.approx(60_000 / 128, rel=0.02)


def test_another_weight_tokenizes_and_packs_nothing_again(texts, tmp_path) -> None:
    first = run(texts, tmp_path / "run", {"parts": PARTS})
    shards = [entry.sha256 for entry in first.tokens().shards]
    again = run(texts, tmp_path / "run", {"parts": {**PARTS, "books": 5}, "tokens": "10K"})
    assert executed(again) == {}
    assert [entry.sha256 for entry in again.tokens().shards] == shards
    wanted = json.loads((again.root / "tokens/mixture.json").read_text())["parts"]
    assert {name: part["tokens"] for name, part in wanted.items()} == {"good": 3333, "a_half": 1111, "books": 5556}
    assert again.record["fingerprint"] != first.record["fingerprint"]
    assert not (run(texts, tmp_path / "run", None).root / "tokens/mixture.json").exists()


def test_another_rule_packs_again_and_encodes_nothing(texts, made, tmp_path) -> None:
    run(texts, tmp_path / "run", {"parts": PARTS})
    parts = {**PARTS, "good": {**PARTS["good"], "where": {"score": [4, None]}}}
    again = run(texts, tmp_path / "run", {"parts": parts})
    assert set(executed(again)) == {"mix: sort", "pack"}
    assert len(documents_of(again, "good")) < len(documents_of(made, "good"))


def test_a_materialised_mixture_has_its_rows_in_one_shuffled_order(texts, tmp_path) -> None:
    mix = {"parts": {"web": 3, "books": {"epochs": 2.5}}, "tokens": "80K", "materialise": True}
    made = run(texts, tmp_path / "run", mix, holdout="10%")
    assert made.verify(sample=60) == []
    told = {row["part"]: row for row in made.report["mixture"]["parts"]}
    for row in told.values():
        assert row["written"] == pytest.approx(row["wanted"], rel=0.005)
    assert told["books"]["epochs"] == pytest.approx(2.5, abs=1e-3)
    assert {(entry.source, entry.split) for entry in made.tokens().shards} == {
        ("mixture", "train"), ("books", "validation"), ("web", "validation")
    }  # fmt: skip
    kept = made.documents()
    source = dict(zip(kept.column("id").to_pylist(), kept.column("source").to_pylist(), strict=True))
    dataset = cf.TokenDataset(made.root, split="train")
    sources = [source[int(dataset[n]["doc_uid"][0])] for n in range(len(dataset))]
    assert sources[:100].count("books") == pytest.approx(100 * sources.count("books") / len(sources), abs=20)
    again = run(texts, tmp_path / "run", {**mix, "parts": {"web": 3, "books": {"epochs": 2}}}, holdout="10%")
    assert set(executed(again)) == {"mix: shuffle"}
    assert cf.TokenMixture(made.root).rows is None


def test_a_materialised_mixture_is_the_same_for_any_size_of_its_files(texts, tmp_path) -> None:
    """The rows of each part are those of one file, whatever `shard_tokens` is; only where the mixture is cut differs."""
    texts = [texts / "web-0.jsonl", texts / "books-0.jsonl"]
    rows = []
    for size in (128 * 7, 128 * 1000):
        sources = [{"name": p.stem, "format": "jsonl", "paths": [str(p)]} for p in texts]
        tokenize = {"train": {"vocab_size": 500}, "seq_len": 128, "shard_tokens": size}
        given = {"name": "t", "sources": sources, "tokenize": tokenize, "mix": {"materialise": True}}
        made = cf.Pipeline.from_dict(given).run(tmp_path / str(size), executor="inline", workers=1)
        dataset = made.tokens()
        rows.append(np.concatenate([dataset.shard(n).tokens for n in range(len(dataset.shards))]))
    assert np.array_equal(*rows)


def test_plan_has_the_table_before_and_after(texts, tmp_path) -> None:
    mix = {"parts": PARTS, "tokens": "60K"}
    before = pipeline(texts, mix).plan(tmp_path / "run").mixture
    assert [(row.part, row.basis) for row in before.portions] == [
        ("good", "at most"), ("a_half", "at most"), ("books", "estimated")
    ]  # fmt: skip
    assert before.tokens == 60_000
    made = run(texts, tmp_path / "run", mix)
    after = pipeline(texts, mix).plan(tmp_path / "run").mixture
    assert {row.basis for row in after.portions} == {"measured"}
    assert [row.available for row in after.portions] == [row["available"] for row in made.report["mixture"]["parts"]]


@pytest.mark.parametrize(
    ("mix", "message"),
    [
        ({"parts": {"wbe": 1}}, "pipeline: mix.parts.wbe: no source is named 'wbe', there are books, web; give `source:`"),
        ({"parts": {"a": {"source": "x", "weight": 1}}}, "mix.parts.a: no source is named 'x'"),
        ({"parts": {"web": {"where": {"score": [1, 2]}, "weight": 1}}}, "need a name that no source has, such as 'web_best'"),
        ({"parts": {"web": 1, "a": {"source": "web", "weight": 1}}}, "mix.parts.a: 'web' before it takes all of 'web'"),
        ({"parts": {"web": "60%", "books": "50%"}}, "the shares of its parts add up to 110.0%"),
        ({"parts": {"web": "60%", "books": "20%"}}, "add up to 80.0%, and no other part takes the rest"),
        ({"parts": {"web": 1, "books": {}}}, "part 'books' has none of weight, share, tokens, epochs"),
        ({"parts": {"web": {"weight": 1, "tokens": 5}}}, "has weight and tokens; give one of weight, share, tokens, epochs"),
        (
            {"tokens": "1M", "parts": {"web": "900K", "books": "20%"}},
            "its parts ask for 900,000 tokens and 20.0% of `tokens: 1000000`",
        ),
        ({"unimax": True}, "unimax needs `tokens` and `max_epochs`"),
        (
            {"temperature": 3, "parts": {"web": 1, "books": 1}},
            "has temperature, which makes the weights, and a weight for 'web'",
        ),
        ({"parts": {"web": {"wieght": 1}}}, "Did you mean 'weight'"),
        ({"parts": {"a": {"source": "web", "where": {"score": [2, 1]}}}}, "the lower bound comes first"),
    ],
)
def test_wrong_mixtures_are_named(texts, mix, message) -> None:
    with pytest.raises(ConfigError, match="mix") as error:
        pipeline(texts, mix)
    assert message in str(error.value)


def test_check_names_columns_that_no_document_has(texts) -> None:
    parts = {"a": {"source": "web", "where": {"scroe": [1, 2]}, "weight": 1}, "books": 1}
    (problem,) = pipeline(texts, {"parts": parts}).check(read=False)
    assert str(problem).startswith("error: mix.parts.a.where: documents of 'web' have no column 'scroe'. Did you mean 'score'?")


def test_check_names_a_column_of_words_that_a_number_is_asked_of(texts) -> None:
    parts = {"a": {"source": "web", "where": {"word": [None, 2]}, "weight": 1}, "books": 1}
    (problem,) = pipeline(texts, {"parts": parts}).check(read=False)
    assert problem.message.startswith("column 'word' of 'web' is text, no number. `columns: {word: {field: …, type: number}}`")


def test_a_mixture_without_tokens_is_refused(texts) -> None:
    given = {"name": "t", "sources": [{"name": "web", "format": "jsonl", "paths": [str(texts / "web-*.jsonl")]}], "mix": {}}
    with pytest.raises(ConfigError, match="mix: there are no tokens to mix; add `tokenize:`"):
        cf.Pipeline.from_dict(given)
