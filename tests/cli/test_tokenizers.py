"""`tokenizer train`, `tokenizer eval`, `verify`: from a file to figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import corpus_forge as cf
from corpus_forge.cli.app import app

TEXT = "the quick brown fox jumps over the lazy dog and then it isn't there any more. "


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    with (tmp_path / "web.jsonl").open("w") as file:
        file.writelines(json.dumps({"text": TEXT * (n % 5 + 1)}) + "\n" for n in range(40))
    (tmp_path / "books.txt").write_text((TEXT.upper() + "\n") * 40)
    return tmp_path


@pytest.mark.parametrize("verb", ["train", "eval"])
def test_help_teaches_by_example(verb: str) -> None:
    result = CliRunner().invoke(app, ["tokenizer", verb, "--help"])
    assert result.exit_code == 0
    assert f"corpus-forge tokenizer {verb} demo-run" in result.output.split("Examples:")[1]


def test_a_tokenizer_is_trained_and_compared(texts: Path, cli: Any) -> None:
    inputs = (texts / "web.jsonl", texts / "books.txt")
    for name, weights in (("a.json", ()), ("b.json", ("--weight", "web=1", "--weight", "books=0"))):
        made = cli("tokenizer", "train", *inputs, "-o", texts / name, "--vocab-size", "420", *weights)
        assert made.code == 0, made.err
        assert f"wrote {texts / name}; next: corpus-forge tokenizer eval" in made.out
    chosen = ("--tokenizer", texts / "a.json", "--tokenizer", texts / "b.json")
    rows = json.loads(cli("tokenizer", "eval", *inputs, *chosen, "--json").out)
    assert [(row["source"], Path(row["tokenizer"]).name) for row in rows] == [
        (source, name) for source in ("books", "web", "*") for name in ("a.json", "b.json")
    ]
    by = {(row["source"], Path(row["tokenizer"]).name): row for row in rows}
    assert by["books", "b.json"]["bytes_per_token"] < by["books", "a.json"]["bytes_per_token"]
    web = by["web", "a.json"]
    assert web["bytes"] == sum(len(TEXT) * (n % 5 + 1) for n in range(40))
    assert web["words"] == sum(17 * (n % 5 + 1) for n in range(40))
    assert (web["lossless"], web["unknown"], web["fertility"]) == (1.0, 0.0, round(web["tokens"] / web["words"], 6))
    assert "bytes/token" in cli("tokenizer", "eval", *inputs, *chosen).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train", "none.jsonl", "-o", "t.json"), "none.jsonl: no such file or directory"),
        (("train", "{}/web.jsonl", "-o", "t.json", "--weight", "wbe=1"), "no source of that name. Did you mean 'web'"),
        (("train", "{}/web.jsonl", "-o", "t.json", "--weight", "web"), "say SOURCE=NUMBER, such as web=0.7"),
        (("train", "{}/web.jsonl", "-o", "t.json", "--vocab-size", "many"), "--vocab-size many: must be a count such as"),
        (("train", "{}/web.jsonl", "-o", "t.json", "--kind", "bpee"), "Did you mean 'bpe'"),
        (("eval", "{}/web.jsonl", "--tokenizer", "none.json"), "tokenizer none.json: No such file"),
    ],
)
def test_wrong_requests_are_sentences(texts: Path, cli: Any, arguments: tuple[str, ...], says: str) -> None:
    result = cli("tokenizer", *(each.format(texts) for each in arguments))
    assert result.code == 2
    assert says in result.err


def test_verify_exits_with_1_and_lists_what_is_wrong(texts: Path, cli: Any) -> None:
    source = {"name": "web", "format": "jsonl", "paths": [str(texts / "web.jsonl")]}
    pipeline = {"name": "t", "sources": [source], "steps": [], "tokenize": {"train": {"vocab_size": 400}, "seq_len": 128}}
    run = cf.Pipeline.from_dict(pipeline).run(texts / "run", executor="inline", workers=1)
    assert (cli("verify", run.root).code, cli("verify", run.root, "--sample", 3).out) == (0, "nothing is wrong\n")
    shard = run.root / "tokens" / "shard-00000.arrow"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.unlink()
    shard.write_bytes(content)
    result = cli("verify", run.root)
    assert result.code == 1
    assert "tokens/shard-00000.arrow: its sha256 is" in result.out
