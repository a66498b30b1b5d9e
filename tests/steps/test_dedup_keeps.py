"""Who stays by a column that steps before or the source give, and what steps behind can do with the columns of `dedup`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import corpus_forge as cf
from corpus_forge.errors import RequestError, RunError

SCORES = [0.25, 0.75, None, 0.5, None, -1.0, 0.0, 1.0]
"""Four pairs of copies."""


def run_over(folder: Path, run: str, *steps: Any, **columns: Any) -> cf.Run:
    rows = [{"text": f"text {n // 2}", "score": score} for n, score in enumerate(SCORES)]
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "0.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = columns or {"score": {"field": "score", "type": "number"}}
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/in/*.jsonl"], "columns": columns}
    return cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": list(steps)}).run(folder / run, executor="inline")


@pytest.mark.parametrize(("keep", "expected"), [("highest", [1, 3, 5, 7]), ("lowest", [0, 3, 5, 6])])
def test_the_copy_with_the_best_value_of_a_column_stays(tmp_path, keep, expected):
    run = run_over(tmp_path, "run", {"dedup": {"method": "exact", "keep": keep, "column": "score"}})
    assert run.documents()["id"].to_pylist() == expected
    assert {int(row["detail"]) for row in run.removed().to_pylist()} == set(expected)


def test_a_column_that_is_not_there_or_holds_words_is_named(tmp_path):
    step = {"dedup": {"method": "exact", "keep": "highest", "column": "scroe"}}
    with pytest.raises(RequestError, match="documents of source 'web' have no column 'scroe' here"):
        run_over(tmp_path, "run", step)
    step["dedup"]["column"] = "word"
    with pytest.raises((RequestError, RunError), match=r"keep: column 'word' holds \w*string; numbers are needed"):
        run_over(tmp_path, "run", step, word="text")


@pytest.mark.parametrize("wrong", [{"column": "score"}, {"keep": "highest", "column": "score", "signal": "word_count"}])
def test_a_column_goes_with_highest_and_lowest_alone(tmp_path, wrong):
    with pytest.raises(RequestError, match="keep: highest and lowest need `signal`"):
        run_over(tmp_path, "run", {"dedup": {"method": "exact", **wrong}})


def test_steps_behind_see_the_sizes_and_weights(tmp_path):
    dedup = {"dedup": {"method": "exact", "weight_by": "cluster_size", "weights": {1: 1, 2: 2.5}}}
    run = run_over(tmp_path, "run", dedup, {"select": {"columns": {"cluster_size": [2, None], "cluster_weight": [2.5, 2.5]}}})
    assert run.documents()["id"].to_pylist() == [0, 2, 4, 6]
    with pytest.raises(RequestError, match="no column 'cluster_weight'"):
        run_over(tmp_path, "other", {"dedup": "exact"}, {"select": {"columns": {"cluster_weight": [1, None]}}})
