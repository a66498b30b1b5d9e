"""Library calls with what a notebook has at hand: paths, one name for a list, bytes of every kind; and what is no page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import corpus_forge as cf

PAGE = "<p>Grüße aus dem Garten</p>"
RULES = "family: own\nreading: x\nversion: 1\ntitle: t\nsource: s\nrules: [{signal: word_count, keep: [2, null]}]\n"


@pytest.fixture
def pipeline(tmp_path: Path) -> dict:
    """Documents behind a `Path`, in tuples where YAML would have lists."""
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"text": "one"}) + "\n")
    return {"name": "tiny", "sources": ({"name": "a", "format": "jsonl", "paths": file},), "steps": ("dedup",)}


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_page_may_be_any_kind_of_bytes(kind):
    assert cf.extract(kind(PAGE.encode("latin-1"))) == "Grüße aus dem Garten"


def test_a_lone_surrogate_is_a_replacement_character():
    assert cf.extract("<p>a \udcff b</p>") == "a \ufffd b"


@pytest.mark.parametrize("page", [None, 5, [PAGE]])
def test_what_is_no_page_is_told(page):
    with pytest.raises(cf.RequestError, match="where a page as bytes or str is needed"):
        cf.extract(page)


def test_one_signal_may_stand_alone():
    assert cf.signals(["two words"], "word_count").to_pydict() == {"word_count": [2]}


@pytest.mark.parametrize("call", [cf.signals, cf.detect_language])
def test_no_texts_at_all_are_told(call):
    with pytest.raises(cf.RequestError, match="texts is a NoneType"):
        call(None)


def test_rules_may_be_a_path_object(tmp_path):
    (tmp_path / "own.yaml").write_text(RULES)
    assert cf.apply_rules(["one", "two words"], tmp_path / "own.yaml")["keep"].to_pylist() == [False, True]
    with pytest.raises(cf.RequestError, match="rules are a NoneType"):
        cf.apply_rules(["one"], None)


def test_a_warc_may_be_a_path_object_and_a_file_that_is_none_is_told(tmp_path):
    example = Path(__file__).parent.parent / "examples" / "data" / "docs.warc.gz"
    assert next(iter(cf.read_warc(example))).schema.names == ["offset", "length", "url", "date", "html"]
    (tmp_path / "no.warc").write_text("no archive")
    with pytest.raises(cf.InputError, match=r"no\.warc: cannot be read \(file:"):
        list(cf.read_warc(tmp_path / "no.warc"))


def test_a_pipeline_of_paths_and_tuples_runs(pipeline, tmp_path):
    assert cf.Pipeline.from_dict(pipeline).run(tmp_path / "run", executor="inline").documents()["text"].to_pylist() == ["one"]


@pytest.mark.parametrize("data", [None, 5, "name: tiny"])
def test_a_pipeline_that_is_no_mapping_is_told(data):
    with pytest.raises(cf.ConfigError, match="must be a mapping"):
        cf.Pipeline.from_dict(data)


@pytest.mark.parametrize("arguments", [{"limit": 1.5}, {"workers": 0}, {"max_failed_shards": -1}, {"max_quarantine": 2}])
def test_odd_arguments_of_a_run_are_told_before_anything_is_written(pipeline, tmp_path, arguments):
    with pytest.raises(cf.RequestError, match=f"--{next(iter(arguments)).replace('_', '-')}"):
        cf.Pipeline.from_dict(pipeline).run(tmp_path / "run", executor="inline", **arguments)
    assert not (tmp_path / "run").exists()


def test_one_override_may_stand_alone():
    pipeline = cf.Pipeline.from_yaml("quickstart", overrides="tokenize.seq_len=256")
    assert pipeline.config.tokenize is not None
    assert pipeline.config.tokenize.seq_len == 256
