"""Shipped pipelines: they resolve to what is written down, their schema accepts them, and only what users bring is missing.

The resolved form of the general ones is golden: tests/data/resolved. When a step gets a new parameter, look at the difference
and write it again with `python tests/test_pipelines.py`. What those after published corpora do is in test_corpus_recipes.py.
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
GENERAL = ("commoncrawl", "jsonl_to_tokens", "quickstart")
BLOCKLIST = "steps[0].url_filter: blacklists/adult/domains: no such file"
BROUGHT = {
    "c4": [],
    "commoncrawl": [],
    "dclm_baseline": [
        BLOCKLIST,
        "steps[5].classify: model openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train.bin: cannot be read",
    ],
    "fineweb": [BLOCKLIST],
    "gopher_massiveweb": [
        f"steps[6].decontaminate: set {name}: test_sets/{name}/{files}: matches no file"
        for name, files in (("wikitext103", "*.txt"), ("lambada", "*.jsonl"))
    ],
    "jsonl_to_tokens": ["tokenize.tokenizer: no such file"],
    "pile_c4_refinedweb_mix": [],
    "quickstart": [],
    "redpajama_v2": [],
    "refinedweb": [BLOCKLIST],
    "wikipedia_books": [],
}
"""Each recipe, and the files besides its sources that a user brings: their absence is all that `check` has to say."""


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    load_formats()
    load_steps()
    monkeypatch.chdir(ROOT)


def _golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def test_these_are_shipped() -> None:
    assert list(recipes()) == list(BROUGHT)
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == list(GENERAL)


@pytest.mark.parametrize("name", GENERAL)
def test_resolved_is_golden_and_stable(name: str) -> None:
    config = load_pipeline(name)
    assert config.resolved() == _golden(name)
    assert pipeline_from_dict(_golden(name)) == config


@pytest.mark.parametrize("name", BROUGHT)
def test_the_schema_accepts_them_as_written_and_as_resolved(name: str) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(yaml.safe_load(recipes()[name].read_text(encoding="utf-8")))
    resolved = load_pipeline(name).resolved()
    validator.validate(resolved)
    assert pipeline_from_dict(resolved).resolved() == resolved


@pytest.mark.parametrize("name", BROUGHT)
def test_no_column_is_missing_and_no_file_but_those_that_users_bring(name: str) -> None:
    problems = [str(problem) for problem in check_columns(load_pipeline(name))]
    assert len(problems) == len(BROUGHT[name])
    for problem, said in zip(problems, BROUGHT[name], strict=True):
        assert problem.startswith(f"error: {said}")


@pytest.mark.parametrize("name", BROUGHT)
def test_each_opens_with_what_it_makes_and_how_to_run_it(name: str) -> None:
    lines = recipes()[name].read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert lines[0].endswith(".")
    assert any(line.startswith(f"#   corpus-forge run {name}") for line in lines)


def test_the_page_of_recipes_has_a_row_for_each() -> None:
    page = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    assert [name for name in BROUGHT if f"| `{name}` |" not in page] == list(GENERAL)
    assert all(f"`{name}`" in page for name in GENERAL)


def test_quickstart_finds_its_data_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [path] = load_pipeline("quickstart").sources[0].model_dump()["paths"]
    assert Path(path) == ROOT / "examples/data/docs.warc.gz"
    assert Path(path).is_file()


if __name__ == "__main__":
    load_formats()
    load_steps()
    for _name in GENERAL:
        _text = json.dumps(load_pipeline(_name).resolved(), indent=2, ensure_ascii=False) + "\n"
        (GOLDEN / f"{_name}.json").write_text(_text, encoding="utf-8")
