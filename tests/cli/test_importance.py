"""`importance train`: from files to two steps that run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

import corpus_forge as cf


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rng = random.Random(1)
    for name, words in (("target", ["theorem", "proof"]), ("raw", ["buy", "cheap", "theorem"])):
        lines = [" ".join(rng.choices([*words, "the", "of"], k=20)) for _ in range(200)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps({"text": line}) + "\n" for line in lines))
    return tmp_path


def test_the_steps_that_are_printed_keep_the_share(texts: Path, cli: Any) -> None:
    kinds = ("--target", texts / "target.jsonl", "--raw", texts / "raw.jsonl")
    made = cli("importance", "train", *kinds, "-o", texts / "i.json", "--keep", "0.25")
    assert made.code == 0, made.err
    steps = yaml.safe_load(made.out.partition("as steps:")[2])
    source = {"name": "s", "format": "jsonl", "paths": [str(texts / "raw.jsonl")]}
    pipeline = cf.Pipeline.from_dict({"name": "t", "sources": [source], "steps": steps})
    assert pipeline.check() == []
    kept = pipeline.run(texts / "run", executor="inline").documents()
    assert kept.num_rows == 50
    assert "importance_mean" in kept.schema.names
    assert json.loads((texts / "i.json").read_text())["trained_on"]["raw"] == 200


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--keep", "0"), "--keep: 0.0 is no share"),
        (("--bucket", "lots"), "--bucket lots: must be a count"),
        (("--raw", "none.jsonl"), "none.jsonl: no such file"),
    ],
)
def test_wrong_requests_are_sentences(texts: Path, cli: Any, more: tuple[str, ...], says: str) -> None:
    kinds = ("--target", texts / "target.jsonl", "--raw", texts / "raw.jsonl")
    result = cli("importance", "train", *kinds, "-o", texts / "i.json", *more)
    assert (result.code, says in result.err) == (2, True), result.err
