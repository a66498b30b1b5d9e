"""Every schema of a named corpus, on real texts: all records are read, and `check` says what a broken one lacks."""

from __future__ import annotations

import json

import pytest

from corpus_forge.pipeline import Pipeline

CORPORA = {
    "c4": ("c4", {}),
    "pile": ("pile", {}),
    "refinedweb": ("refinedweb", {}),
    "redpajama_v1": ("redpajama_v1", {}),
    "redpajama_v2/documents": ("redpajama_v2", {}),
    "dolma": ("dolma", {}),
    "third_party": ("dolma", {}),
    "fineweb": ("fineweb", {}),
    "bookcorpus": ("bookcorpus", {"unit": "sentence"}),
    "contamination": ("jsonl", {}),
}
ALWAYS = {
    "refinedweb": ("url", "date", "dump", "segment"),
    "c4": ("url", "date"),
    "pile": ("pile_set_name",),
    "redpajama_v1": ("url", "date", "subset", "language"),
    "redpajama_v2": ("url", "date", "bucket", "language", "language_score", "ccnet_length", "rps_doc_word_count"),
    "dolma": ("url", "date", "dolma_id", "dolma_source"),
    "fineweb": ("url", "date", "dump", "language", "language_score", "token_count", "file_path"),
    "bookcorpus": (),
    "jsonl": (),
}


def run(tmp_path, sources, steps=()):
    return Pipeline.from_dict({"name": "p", "sources": sources, "steps": list(steps)}).run(tmp_path / "run", executor="inline")


@pytest.mark.data
def test_every_schema_is_read_whole(test_data, tmp_path):
    manifest = json.loads((test_data / "MANIFEST.json").read_text())["files"]
    records = {entry["path"]: entry.get("records", 0) for entry in manifest}
    sources, expected = [], {}
    for folder, (corpus, options) in CORPORA.items():
        name = folder.replace("/", "_")
        sources.append({"name": name, "format": corpus, "paths": str(test_data / "sources" / folder / "*"), **options})
        expected[name] = sum(count for path, count in records.items() if path.startswith(f"sources/{folder}/"))
    made = run(tmp_path, sources)
    assert made.record["totals"]["quarantined"] == 0
    table = made.documents()
    assert {name: table["source"].to_pylist().count(name) for name in expected} == expected
    for source in sources:
        rows = table.filter([name == source["name"] for name in table["source"].to_pylist()])
        assert [name for name in ALWAYS[source["format"]] if rows[name].null_count] == [], source["name"]


@pytest.mark.data
def test_signals_of_redpajama_decide(test_data, tmp_path):
    paths = str(test_data / "sources/redpajama_v2/documents/*")
    keep = {"columns": {"rps_doc_word_count": [500, None], "language": ["en"]}}
    made = run(tmp_path, [{"name": "r", "format": "redpajama_v2", "paths": paths}], [{"select": keep}])
    kept = made.documents()
    assert 0 < kept.num_rows < 150
    assert min(kept["rps_doc_word_count"].to_pylist()) >= 500
    assert set(made.removed()["rule"].to_pylist()) <= {"select.rps_doc_word_count", "select.language"}


@pytest.mark.data
def test_subsets_of_the_pile_are_sources(test_data, tmp_path):
    paths = str(test_data / "sources/pile/*")
    sources = [
        {"name": n, "format": "pile", "subset": s, "paths": paths} for n, s in (("cc", "Pile-CC"), ("qa", "StackExchange"))
    ]
    made = run(tmp_path, sources)
    table = made.documents()
    assert set(zip(table["source"].to_pylist(), table["pile_set_name"].to_pylist(), strict=True)) == {
        ("cc", "Pile-CC"),
        ("qa", "StackExchange"),
    }
    assert made.record["totals"]["removed"] == 300 - table.num_rows


def test_check_reads_first_records_and_says_what_is_missing(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"content": "a"}\n{"text": "b", "meta": {}}\n{"text": 5}\n')
    pipeline = Pipeline.from_dict(
        {"name": "p", "sources": [{"name": "pile", "format": "pile", "paths": str(tmp_path / "a.jsonl")}]}
    )
    told = [str(problem) for problem in pipeline.check()]
    assert told == [
        f"warning: sources[0]: {tmp_path}/a.jsonl: record 0 cannot be used (record:no_text)."
        " the record has no field 'text'; it has content. Map the text by `text_field`.",
        f"warning: sources[0]: {tmp_path}/a.jsonl: record 2 cannot be used (record:text_type). the text is of type int.",
        "warning: sources[0]: no value for the columns 'pile_set_name' in the first 1 records."
        " Map them by `columns`; null drops one.",
    ]
    assert pipeline.check(read=False) == []


def test_a_broken_source_ends_no_run(tmp_path):
    lines = ['{"text": "good", "meta": {"pile_set_name": "Github"}}', '{"text": ', '{"meta": {}}', '{"text": ["wrong"]}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    made = run(tmp_path, [{"name": "pile", "format": "pile", "subset": "Github", "paths": str(tmp_path / "a.jsonl")}])
    assert made.documents()["pile_set_name"].to_pylist() == ["Github"]
    assert made.quarantine()["reason"].to_pylist() == ["record:json", "record:no_text", "record:text_type"]


def test_columns_that_a_step_needs_come_from_a_source(tmp_path):
    sources = [{"name": "a", "format": "jsonl", "paths": ["x"], "columns": {"score": {"field": "s", "type": "number"}}}]
    steps = [{"select": {"columns": {"score": [1, None]}}}]
    assert Pipeline.from_dict({"name": "p", "sources": sources, "steps": steps})._refuse_errors() is None
    steps = [{"select": {"columns": {"scoer": [1, None]}}}]
    [problem] = [p for p in Pipeline.from_dict({"name": "p", "sources": sources, "steps": steps}).check() if "steps" in p.where]
    assert "documents of source 'a' have no column 'scoer'" in problem.message
    assert "columns: {scoer: its_field}" in problem.message
