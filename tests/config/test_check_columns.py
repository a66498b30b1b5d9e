"""What can be known before running: columns that no step gives, absent files, a step's own complaints."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from corpus_forge import registry
from corpus_forge.config import Problem, check_columns, pipeline_from_dict

TOKENIZER = json.dumps(
    {"model": {"type": "WordLevel", "vocab": {"a": 0, "</s>": 1}, "unk_token": "a"}, "pre_tokenizer": {"type": "Whitespace"}}
)


def _problems(pipeline: dict[str, Any]) -> list[Problem]:
    return check_columns(pipeline_from_dict(pipeline))


def test_a_sound_pipeline_has_none(pipeline: dict[str, Any]) -> None:
    assert _problems(pipeline) == []


def test_a_step_before_the_one_that_gives_its_column(pipeline: dict[str, Any]) -> None:
    pipeline["steps"] = [{"keep": "gopher"}, "extract"]
    says = "documents of source 'web' have no column 'text' here. The step 'extract' gives it: put 'extract' before it."
    assert _problems(pipeline) == [Problem("steps[0].keep", says, "error")]


def test_a_step_that_nobody_put_in(pipeline: dict[str, Any]) -> None:
    pipeline["steps"] = ["extract", "best"]
    says = "documents of source 'web' have no column 'score' here. A step that gives it: score."
    assert _problems(pipeline) == [Problem("steps[1].best", says)]


def test_a_column_that_was_taken_away(pipeline: dict[str, Any]) -> None:
    pipeline["steps"] = ["extract", "extract"]
    assert _problems(pipeline) == [], "it has the text already: documents pass"
    pipeline["steps"] = ["extract", "score", "best"]
    assert _problems(pipeline) == []


def test_pages_that_never_become_text(pipeline: dict[str, Any]) -> None:
    pipeline["steps"] = []
    says = "documents of source 'web' have no column 'text' here. A step that gives it: extract."
    assert _problems(pipeline) == [Problem("tokenize", says)]
    pipeline["tokenize"] = None
    assert _problems(pipeline) == [Problem("steps", says)]


def test_extract_lets_texts_pass_beside_pages(pipeline: dict[str, Any]) -> None:
    pipeline["sources"].append({"name": "books", "format": "texts", "paths": ["b"]})
    assert _problems(pipeline) == []


def test_steps_complain_for_themselves_once(pipeline: dict[str, Any]) -> None:
    pipeline["sources"].append({"name": "books", "format": "texts", "paths": ["b"]})
    pipeline["steps"][2] = {"keep": "absent"}
    assert _problems(pipeline) == [Problem("steps[2].keep", "the rules are absent; put them there.")]


def test_tokenizer_and_shard_size(pipeline: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    pipeline["tokenize"] = {"tokenizer": str(path), "shard_tokens": 100, "seq_len": 128}
    assert [(problem.where, problem.message.split(";")[0].split(".")[0]) for problem in _problems(pipeline)] == [
        ("tokenize.shard_tokens", "100 is less than one row of 128 tokens"),
        ("tokenize.tokenizer", f"no such file: '{path}'".split(".")[0]),
    ]
    pipeline["tokenize"]["shard_tokens"] = 128
    path.write_text(TOKENIZER)
    assert _problems(pipeline) == []
    pipeline["tokenize"]["tokenizer"] = str(tmp_path)
    assert _problems(pipeline) == [], "the folder that holds it will do"


@pytest.mark.parametrize(
    ("content", "eos", "says"),
    [
        ("{}", None, "not a tokenizer.json"),
        ("no json", None, "not a tokenizer.json"),
        (TOKENIZER.replace("</s>", "end"), None, "has no token that ends a document"),
        (TOKENIZER, "<end>", "has no token '<end>'"),
    ],
)
def test_a_tokenizer_that_would_end_the_run_is_told_before_it(
    pipeline: dict[str, Any], tmp_path: Path, content: str, eos: str | None, says: str
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    pipeline["tokenize"] = {"tokenizer": str(path), "eos": eos}
    [problem] = _problems(pipeline)
    assert problem.where == "tokenize.tokenizer"
    assert says in problem.message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ranks": "absent.tiktoken"}, "absent.tiktoken"),
        ({"pattern": "gtp2"}, "'gtp2' is no known encoding. Did you mean 'gpt2'?"),
        ({"special_tokens": {"<|end|>": 3}}, "<|end|>"),
        ({}, None),
    ],
)
def test_ranks_that_would_end_the_run_are_told_before_it(
    pipeline: dict[str, Any], tmp_path: Path, change: dict[str, Any], says: str | None
) -> None:
    path = tmp_path / "bytes.tiktoken"
    path.write_bytes(b"".join(base64.b64encode(bytes([n])) + f" {n}\n".encode() for n in range(256)))
    ranks = {"ranks": str(path), "pattern": "gpt2", "special_tokens": {"<|endoftext|>": 256}, **change}
    pipeline["tokenize"] = {"tiktoken": ranks}
    found = _problems(pipeline)
    assert [problem.where for problem in found] == (["tokenize.tiktoken"] if says else [])
    assert all(str(says) in problem.message for problem in found)


def test_a_step_that_only_changes_a_column_is_not_said_to_give_it(pipeline: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(registry.steps.get("keep"), "gives", ("text",))
    pipeline["steps"], pipeline["tokenize"] = [{"keep": "gopher"}], None
    assert _problems(pipeline)[0].message.endswith("A step that gives it: extract.")


def test_a_problem_reads_as_a_line() -> None:
    assert str(Problem("steps[0]", "is odd.", "warning")) == "warning: steps[0]: is odd."
