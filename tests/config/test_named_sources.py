"""Named corpora: every shipped file is right, a pipeline may say otherwise, and a file of one's own works the same."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from corpus_forge import registry
from corpus_forge.config import json_schema, named_sources
from corpus_forge.config.named_sources import load_source, resolved, shipped
from corpus_forge.config.sources_page import page
from corpus_forge.errors import ConfigError, InputError, RequestError
from corpus_forge.io import load_formats
from corpus_forge.pipeline import Pipeline
from corpus_forge.registry import Registry

ROOT = Path(__file__).parent.parent.parent
MANY = ["bookcorpus", "c4", "common_crawl", "common_crawl_wet", "dclm", "dolma", "fineweb", "fineweb_edu", "gutenberg", "mc4"]
MANY += ["pile", "redpajama_v1", "redpajama_v2", "refinedweb", "slimpajama", "wikipedia"]


@pytest.fixture(autouse=True)
def real_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """The formats themselves, not the small ones of this folder."""
    monkeypatch.undo()
    load_formats()


def write(folder: Path, **changes) -> str:
    values = {
        "title": "Ours",
        "format": "jsonl",
        "licence": "CC0",
        "where": "here",
        "citation": "us",
        "read": {"text_field": "body", "columns": {"a": "x", "b": "y"}},
        **changes,
    }
    (folder / "ours.yaml").write_text(yaml.safe_dump({key: value for key, value in values.items() if value is not None}))
    return str(folder / "ours.yaml")


def source(tmp_path: Path, **entry):
    [made] = Pipeline.from_dict({"name": "p", "sources": [{"name": "s", "paths": "x", **entry}]}).config.sources
    return made


def test_these_come_along():
    assert list(shipped()) == MANY
    assert not set(shipped()) & set(registry.formats), "a format of that name would hide the corpus"


@pytest.mark.parametrize("name", MANY)
def test_each_makes_a_source(name, tmp_path):
    needed = {"dump": "CC-MAIN-2024-51"} if name.startswith("common") else {"paths": ["x"]}
    made = Pipeline.from_dict({"name": "p", "sources": [{"name": "s", "format": name, **needed}]}).config
    assert made.sources[0].corpus == name
    again = Pipeline.from_dict(json.loads(json.dumps(made.resolved()))).config
    assert again == made
    assert again.resolved()["sources"][0]["format"] == load_source(name).format
    jsonschema.Draft202012Validator(json_schema()).validate({"name": "p", "sources": [{"name": "s", "format": name, **needed}]})


def test_the_page_of_sources_is_that_of_the_files():
    assert (ROOT / "docs" / "sources.md").read_text("utf-8") == page(), "docs/sources.md says how to write it"


def test_what_a_pipeline_says_comes_first(tmp_path):
    ours = write(tmp_path)
    made = source(tmp_path, format=ours, text_field="other", columns={"b": None, "c": "z"})
    assert (made.text_field, made.corpus) == (("other",), "ours")
    assert {name: column.field for name, column in made.columns.items()} == {"a": ("x",), "c": ("z",)}


def test_the_corpus_is_no_part_of_the_fingerprint(tmp_path):
    named, plain = (
        source(tmp_path, format=write(tmp_path)),
        source(tmp_path, format="jsonl", text_field="body", columns={"a": "x", "b": "y"}),
    )
    assert named.identity() == plain.identity()


def test_hyphens_are_underscores(tmp_path):
    assert source(tmp_path, format="fineweb-edu") == source(tmp_path, format="fineweb_edu")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": "jsonlines"}, r"format: no source format is named 'jsonlines'. Did you mean 'jsonl'"),
        (
            {"read": {"text_feild": "x"}},
            r"read\.text_feild: the format jsonl has no such parameter\. Did you mean 'text_field'",
        ),
        ({"read": {"name": "x"}}, r"read\.name"),
        ({"licence": None}, r"licence: is required"),
        ({"colour": "red"}, r"colour: unknown key"),
        ({"read": {"text_field": 3}}, r"sources\[0\]\.text_field"),
    ],
)
def test_mistakes_in_a_file_of_ones_own(tmp_path, changes, says):
    with pytest.raises(RequestError, match=says):
        source(tmp_path, format=write(tmp_path, **changes))


def test_files_that_are_none(tmp_path):
    with pytest.raises(RequestError, match=r"none\.yaml: cannot be read: No such file.*Shipped corpora: bookcorpus, c4"):
        source(tmp_path, format=str(tmp_path / "none.yaml"))
    (tmp_path / "list.yaml").write_text("[1]")
    with pytest.raises(RequestError, match="must be a mapping with title"):
        source(tmp_path, format=str(tmp_path / "list.yaml"))
    with pytest.raises(InputError):
        load_source(str(tmp_path))


def test_names_and_subsets_that_do_not_exist(tmp_path):
    with pytest.raises(ConfigError, match=r"no source format is named \"fineweb_du\". Did you mean 'fineweb_edu'"):
        source(tmp_path, format="fineweb_du")
    with pytest.raises(ConfigError, match=r"sources\[0\].subset: pile has no subset \"Arxiv\". Did you mean 'ArXiv'"):
        source(tmp_path, format="pile", subset=["Github", "Arxiv"])
    assert source(tmp_path, format="pile", subset="ArXiv").subset == ("ArXiv",)


def test_a_name_in_small_registries(monkeypatch):
    monkeypatch.setattr(registry, "formats", Registry("source format"))
    assert named_sources.shipped_of(registry.formats) == []
    with pytest.raises(ConfigError, match="no source format is named 'jsonl'"):
        resolved({"format": "c4"}, "sources[0]")
