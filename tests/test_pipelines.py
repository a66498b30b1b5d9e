"""Shipped pipelines: they resolve to what is written down, their schema accepts them, and nothing in them is missing.

The resolved form of each is golden: tests/data/resolved. When a step gets a new parameter, look at the difference and
write it again with `python tests/test_pipelines.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from corpus_forge.config import check_columns, json_schema, load_pipeline, pipeline_from_dict
from corpus_forge.config.recipes import recipes
from corpus_forge.io import load_formats
from corpus_forge.steps import load_steps

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "data" / "resolved"
NAMES = ("commoncrawl", "jsonl_to_tokens", "quickstart")


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    load_formats()
    load_steps()
    monkeypatch.chdir(ROOT)


def _golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def test_these_are_shipped() -> None:
    assert tuple(recipes()) == NAMES
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_resolved_is_golden_and_stable(name: str) -> None:
    config = load_pipeline(name)
    assert config.resolved() == _golden(name)
    assert pipeline_from_dict(_golden(name)) == config


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_them_as_written_and_as_resolved(name: str) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(yaml.safe_load(recipes()[name].read_text(encoding="utf-8")))
    validator.validate(_golden(name))


@pytest.mark.parametrize("name", NAMES)
def test_no_column_or_model_is_missing(name: str) -> None:
    problems = [str(problem) for problem in check_columns(load_pipeline(name))]
    expected = ["error: tokenize.tokenizer: no such file: 'tokenizer.json'"] if name == "jsonl_to_tokens" else []
    assert [problem.split(". Give")[0] for problem in problems] == expected


@pytest.mark.parametrize("name", NAMES)
def test_each_opens_with_what_it_makes_and_how_to_run_it(name: str) -> None:
    lines = recipes()[name].read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert lines[0].endswith(".")
    assert any(line.startswith(f"#   corpus-forge run {name}") for line in lines)


def test_quickstart_finds_its_data_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [path] = load_pipeline("quickstart").sources[0].model_dump()["paths"]
    assert Path(path) == ROOT / "examples/data/docs.warc.gz"
    assert Path(path).is_file()


if __name__ == "__main__":
    load_formats()
    load_steps()
    for _name in NAMES:
        _text = json.dumps(load_pipeline(_name).resolved(), indent=2, ensure_ascii=False) + "\n"
        (GOLDEN / f"{_name}.json").write_text(_text, encoding="utf-8")
