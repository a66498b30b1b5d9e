"""What can be known before running: columns that no step gives, absent files, a step's own complaints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus_forge.config import Problem, check_columns, pipeline_from_dict


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
    path.write_text("{}")
    pipeline["tokenize"]["shard_tokens"] = 128
    assert _problems(pipeline) == []


def test_a_problem_reads_as_a_line() -> None:
    assert str(Problem("steps[0]", "is odd.", "warning")) == "warning: steps[0]: is odd."
