"""`classifier train` and `classifier eval`: from files to a step that runs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import corpus_forge as cf
from corpus_forge.cli.app import app

GOOD, POOL = ["theorem", "proof", "shows", "lemma"], ["buy", "cheap", "click", "now"]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rng = random.Random(1)
    for name, words in (("good", GOOD), ("pool", POOL)):
        lines = [" ".join(rng.choices([*words, "the", "of"], k=20)) for _ in range(300)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps({"text": line}) + "\n" for line in lines))
    return tmp_path


def train(cli: Any, folder: Path, name: str = "q.bin", *more: str) -> Any:
    kinds = ("--positive", folder / "good.jsonl", "--negative", folder / "pool.jsonl")
    return cli("classifier", "train", *kinds, "-o", folder / name, "--set", "dim=8", "--set", "bucket=1K", *more)


@pytest.mark.parametrize("verb", ["train", "eval"])
def test_help_teaches_by_example(verb: str) -> None:
    result = CliRunner().invoke(app, ["classifier", verb, "--help"])
    assert result.exit_code == 0
    assert f"corpus-forge classifier {verb} " in result.output.split("Examples:")[1]


def test_a_classifier_is_trained_measured_and_run(texts: Path, cli: Any) -> None:
    made = train(cli, texts)
    assert made.code == 0, made.err
    report = json.loads((texts / "q.json").read_text())
    assert report["held_out"]["auc"] > 0.99
    assert report["trained_on"]["hq"]["documents"] + report["held_out"]["positive"]["documents"] == 300
    assert report["recipe"]["dim"] == 8
    [step] = yaml.safe_load(made.out.partition("as a step:")[2])
    assert step["classify"]["sha256"] == report["sha256"]
    source = {"name": "s", "format": "jsonl", "paths": [str(texts / "*.jsonl")]}
    run = cf.Pipeline.from_dict({"name": "t", "sources": [source], "steps": [step]}).run(texts / "run", executor="inline")
    kept = run.documents()["text"].to_pylist()
    assert sum("theorem" in text for text in kept) > 250
    assert sum("cheap" in text for text in kept) < 60
    again = train(cli, texts, "again.bin")
    assert again.code == 0
    assert (texts / "again.bin").read_bytes() == (texts / "q.bin").read_bytes()


def test_a_model_that_hardly_learned_says_so(texts: Path, cli: Any) -> None:
    assert "All scores are nearly the same" not in train(cli, texts).out
    assert "--set rate=0.5" in train(cli, texts, "q.bin", "--set", "rate=1e-6").out


def test_eval_measures_any_model(texts: Path, cli: Any) -> None:
    train(cli, texts)
    kinds = ("--positive", texts / "good.jsonl", "--negative", texts / "pool.jsonl")
    found = json.loads(cli("classifier", "eval", texts / "q.bin", *kinds, "--json").out)
    assert (found["positive"]["documents"], found["negative"]["documents"]) == (300, 300)
    assert found["auc"] > 0.99
    assert "AUC" in cli("classifier", "eval", texts / "q.bin", *kinds).out
    (texts / "q.json").unlink()
    assert "needs its digest" in cli("classifier", "eval", texts / "q.bin", *kinds).err
    other = cli("classifier", "eval", texts / "q.bin", *kinds, "--sha256", report_digest(texts), "--label", "good")
    assert (other.code, "has no label 'good'" in other.err) == (2, True)


def report_digest(folder: Path) -> str:
    import hashlib

    return hashlib.sha256((folder / "q.bin").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--set", "epoch=3"), "Did you mean 'epochs'"),
        (("--sample", "much"), "--sample much: must be a size"),
        (("--keep", "2"), "keep: 2.0 is no share"),
        (("-o", "model.txt"), "a model's name ends in .bin"),
        (("--positive", "none.jsonl"), "none.jsonl: no such file"),
    ],
)
def test_wrong_requests_are_sentences(texts: Path, cli: Any, more: tuple[str, ...], says: str) -> None:
    result = train(cli, texts, "q.bin", *more)
    assert result.code == 2
    assert says in result.err
    assert not (texts / "q.json").exists()
