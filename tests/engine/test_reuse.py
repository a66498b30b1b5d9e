"""What a change runs again, and that the result equals that of a fresh run. Counted from the log: tasks started by stage."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from small_corpus import pipeline_dict, tree_digest, write_shard

from corpus_forge.engine.workspace import Workspace
from corpus_forge.pipeline import Pipeline

SHARDS = 6
AFTER_DEDUP = {"apply": SHARDS, "publish": SHARDS, "tokenizer: train": 1, "encode": SHARDS, "pack": 1}
EVERYTHING = {"read": SHARDS, "filter + redact": SHARDS, "dedup: partition": SHARDS, "dedup: reduce": 1, **AFTER_DEDUP}
WITHOUT_READ = {stage: count for stage, count in EVERYTHING.items() if stage != "read"}


def with_step(index: int, name: str, **fields):
    def change(data: dict, folder: Path) -> None:
        data["steps"][index][name].update(fields) if isinstance(data["steps"][index][name], dict) else None
        if not isinstance(data["steps"][index][name], dict):
            data["steps"][index][name] = fields

    return change


def with_key(key: str, **fields):
    def change(data: dict, folder: Path) -> None:
        data[key] = {**data[key], **fields}

    return change


def append_step(step):
    return lambda data, folder: data["steps"].append(step)


def drop_step(index: int):
    return lambda data, folder: data["steps"].pop(index)


def touch(data, folder):
    for path in folder.glob("*.jsonl"):
        path.touch()


def move_inputs(data, folder):
    moved = folder.parent / "elsewhere"
    shutil.copytree(folder, moved)
    data["sources"][0]["paths"] = [f"{moved}/*.jsonl"]


def change_one_byte(data, folder):
    path = folder / "2.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"river", b"liver", 1))


def drop_input(data, folder):
    (folder / "5.jsonl").unlink()


def add_first(data, folder):
    write_shard(folder / "00.jsonl", 77)


def add_last(data, folder):
    write_shard(folder / "9.jsonl", 78)


ONE_MORE = {**{stage: count + (count == SHARDS) for stage, count in AFTER_DEDUP.items()}, "dedup: reduce": 1}
MUTATIONS = {
    "nothing": (lambda data, folder: None, {}),
    "pipeline name": (lambda data, folder: data.update(name="other"), {}),
    "times of the inputs": (touch, {}),
    "place of the inputs": (move_inputs, {"publish": SHARDS}),
    "interval of a rule": (with_step(0, "filter", rules="gopher_quality", set={"word_count": [60, 100000]}), WITHOUT_READ),
    "kinds of a cheap step": (with_step(1, "redact", kinds=["email", "ip"]), WITHOUT_READ),
    "a step at the end": (append_step({"redact": ["phone"]}), {"redact:2": 0}),
    "a step less": (drop_step(1), {**WITHOUT_READ, "filter": SHARDS, "filter + redact": 0}),
    "normalisation of dedup": (
        with_step(2, "dedup", method="exact", normalize="whitespace"),
        {"dedup: partition": SHARDS, "dedup: reduce": 1, **AFTER_DEDUP},
    ),
    "number of buckets": (with_step(2, "dedup", method="exact", buckets=3), {"dedup: partition": SHARDS, "dedup: reduce": 3}),
    "vocabulary": (with_key("tokenize", train={"vocab_size": 600}), {"tokenizer: train": 1, "encode": SHARDS, "pack": 1}),
    "sequence length": (with_key("tokenize", seq_len=256), {"pack": 1}),
    "one byte of one input": (
        change_one_byte,
        {"read": 1, "filter + redact": 1, "dedup: partition": 1, "dedup: reduce": 1, **AFTER_DEDUP},
    ),
    "an input that sorts first": (add_first, {"read": 1, "filter + redact": 1, "dedup: partition": 1, **ONE_MORE}),
    "an input that sorts last": (add_last, {"read": 1, "filter + redact": 1, "dedup: partition": 1, **ONE_MORE}),
    "an input less": (
        drop_input,
        {"dedup: reduce": 1, "apply": 5, "publish": 5, "tokenizer: train": 1, "encode": 5, "pack": 1},
    ),
}


def started(run: Path) -> Counter:
    """Tasks started by the last run, by stage."""
    events = Workspace(run).events()
    last = max(i for i, event in enumerate(events) if event["event"] == "run")
    return Counter(event["stage"] for event in events[last:] if event["event"] == "start")


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_runs_what_it_must_and_nothing_else(corpus, tmp_path, name):
    change, expected = MUTATIONS[name]
    run = tmp_path / "run"
    Pipeline.from_dict(pipeline_dict(corpus)).run(run, executor="inline")
    assert started(run) == EVERYTHING

    data = pipeline_dict(corpus)
    change(data, corpus)
    pipeline = Pipeline.from_dict(data)
    planned = {stage.name: stage.to_run for stage in pipeline.plan(run).stages if stage.to_run}
    pipeline.run(run, executor="inline")

    if name == "a step at the end":
        expected = {"redact:2": SHARDS}
        assert {s: n for s, n in started(run).items() if s.startswith(("read", "filter", "dedup"))} == {}
    elif name == "number of buckets":
        assert {s: n for s, n in started(run).items() if s.startswith(("read", "filter", "dedup"))} == expected
    else:
        assert started(run) == {stage: count for stage, count in expected.items() if count}
    known = {stage: count for stage, count in started(run).items() if stage in planned}
    assert known == planned

    fresh = tmp_path / "fresh"
    pipeline.run(fresh, executor="inline")
    assert tree_digest(run) == tree_digest(fresh)


def test_workers_and_executor_run_nothing_again(corpus, tmp_path):
    run = tmp_path / "run"
    pipeline = Pipeline.from_dict(pipeline_dict(corpus))
    pipeline.run(run, executor="inline")
    pipeline.run(run, executor="inline", workers=4)
    assert started(run) == {}


def test_going_back_to_the_first_settings_runs_nothing(corpus, tmp_path):
    run = tmp_path / "run"
    first = Pipeline.from_dict(pipeline_dict(corpus))
    first.run(run, executor="inline")
    digest = tree_digest(run)
    changed = pipeline_dict(corpus)
    changed["tokenize"]["seq_len"] = 256
    Pipeline.from_dict(changed).run(run, executor="inline")
    assert tree_digest(run) != digest
    first.run(run, executor="inline")
    assert started(run) == {}
    assert tree_digest(run) == digest


def test_the_plan_says_why(corpus, tmp_path):
    run = tmp_path / "run"
    data = pipeline_dict(corpus)
    assert {stage.reason for stage in Pipeline.from_dict(data).plan(run).stages if stage.to_run} == {"never run"}
    Pipeline.from_dict(data).run(run, executor="inline")
    assert {stage.reason for stage in Pipeline.from_dict(data).plan(run).stages} == {"nothing changed"}

    write_shard(corpus / "00.jsonl", 77)
    reasons = {stage.name: stage.reason for stage in Pipeline.from_dict(data).plan(run).stages}
    assert reasons["read"] == f"new input: {corpus}/00.jsonl"
    assert reasons["dedup: reduce"].startswith("follows from")

    (corpus / "00.jsonl").unlink()
    data["tokenize"]["seq_len"] = 256
    reasons = {stage.name: stage.reason for stage in Pipeline.from_dict(data).plan(run).stages}
    assert reasons["pack"] == "changed: seq_len: 128 → 256"


def test_after_clean_what_is_shown_stays_and_a_rerun_gives_the_same(corpus, tmp_path):
    run = tmp_path / "run"
    pipeline = Pipeline.from_dict(pipeline_dict(corpus))
    digest = tree_digest(pipeline.run(run, executor="inline").root)
    from corpus_forge.pipeline import Run

    assert Run.open(run).clean()["files"] > 0
    assert not (run / "work").exists()
    assert tree_digest(run) == digest
    pipeline.run(run, executor="inline")
    assert tree_digest(run) == digest


def test_tokens_of_an_earlier_pipeline_do_not_stay(corpus, tmp_path):
    run = tmp_path / "run"
    Pipeline.from_dict(pipeline_dict(corpus)).run(run, executor="inline")
    assert (run / "tokens").is_dir()
    Pipeline.from_dict(pipeline_dict(corpus, tokenize=None)).run(run, executor="inline")
    assert not (run / "tokens").exists()
