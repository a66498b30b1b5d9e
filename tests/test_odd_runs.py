"""Runs that are not as they should be: file names that are no text, inputs that moved, questions before the end."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

import corpus_forge as cf
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import Interrupted


class Told(Observer):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text(json.dumps({"text": "one"}) + "\n")
    return tmp_path


def pipeline(path: str, *steps: Any) -> cf.Pipeline:
    return cf.Pipeline.from_dict({"name": "tiny", "sources": [{"name": "a", "format": "jsonl", "paths": path}], "steps": steps})


def test_a_file_name_that_is_no_utf8_is_told_in_escapes():
    odd = os.fsdecode(b"bad\xff.jsonl")
    Path("a.jsonl").rename(odd)
    run = pipeline("bad*.jsonl").run("run", executor="inline")
    assert run.documents()["origin"].to_pylist() == ["bad\\udcff.jsonl#0"]
    assert run.explain(id=0)["origin"] == "bad\\udcff.jsonl#0"


def test_an_input_that_moved_is_why_it_is_published_again():
    pipeline("a.jsonl").run("run", executor="inline")
    Path("a.jsonl").rename("b.jsonl")
    stages = {stage.name: stage for stage in pipeline("b.jsonl").plan("run").stages}
    assert (stages["read"].to_run, stages["publish"].to_run) == (0, 1)
    assert stages["publish"].reason == "an input has another path: b.jsonl"


def test_nothing_is_explained_before_there_are_documents_or_with_those_of_an_earlier_run(monkeypatch):
    def stop() -> None:
        raise Interrupted("stopped")

    with monkeypatch.context() as patch:
        patch.setattr("corpus_forge.engine.mapping.check_interrupted", stop)
        with pytest.raises(Interrupted):
            pipeline("a.jsonl").run("run", executor="inline")
        with pytest.raises(cf.InputError, match="no documents/ yet: the run is interrupted"):
            cf.Run.open("run").explain(id=0)
    pipeline("a.jsonl").run("run", executor="inline")
    with monkeypatch.context() as patch:
        patch.setattr("corpus_forge.engine.mapping.check_interrupted", stop)
        with pytest.raises(Interrupted):
            pipeline("a.jsonl", {"redact": ["email"]}).run("run", executor="inline")
    with pytest.raises(cf.InputError, match="documents/ is what an earlier one made"):
        cf.Run.open("run").explain(id=0)


def test_check_lists_a_source_that_may_not_be_read_beside_the_others():
    sources = [
        {"name": name, "format": "jsonl", "paths": path} for name, path in (("web", "http://x.test/a"), ("gone", "gone.jsonl"))
    ]
    found = cf.Pipeline.from_dict({"name": "tiny", "sources": sources}).check()
    assert [(problem.where, problem.level) for problem in found] == [("sources[0]", "error"), ("sources[1]", "error")]


def test_a_wet_file_read_as_warc_is_told_by_check_and_by_the_run():
    head = "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:1>\r\nContent-Length: 4\r\n\r\ntext\r\n\r\n"
    Path("a.wet").write_text(head, newline="")
    wet = cf.Pipeline.from_dict(
        {"name": "tiny", "sources": [{"name": "a", "format": "warc", "paths": "a.wet"}], "steps": ["extract"]}
    )
    assert [problem.message for problem in wet.check()] == ["a.wet: holds no documents of format warc."]
    told = Told()
    wet.run("run", executor="inline", observer=told)
    assert "warning: the inputs hold no documents; passed over by type: conversion (1). Check `format`." in told.messages


def test_a_disk_so_full_that_not_even_the_log_can_grow_is_told_as_such(monkeypatch):
    real = Workspace.log

    def log(space: Workspace, event: str, **fields: Any) -> None:
        if event == "commit":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(space, event, **fields)

    monkeypatch.setattr(Workspace, "log", log)
    with pytest.raises(cf.RunError, match=r"run: the disk is full .* run the same command again"):
        pipeline("a.jsonl").run("run", executor="inline")


def test_a_run_whose_lock_cannot_be_opened_is_told():
    run = pipeline("a.jsonl").run("run", executor="inline")
    Path("run/work/lock").unlink()
    Path("run/work/lock").mkdir()
    with pytest.raises(cf.RequestError, match="run: cannot be written: Is a directory"):
        run.clean()


@pytest.mark.parametrize("longest", [1, 10])
def test_a_step_defined_again_in_a_notebook_is_what_runs(longest):
    for least in (longest, 100):
        names: dict[str, Any] = {"__name__": "cell"}
        exec(f"def again(document):\n    return len(document['text']) >= {least}", names)
        cf.document_step("again_in_a_notebook")(names["again"])
        run = pipeline("a.jsonl", "again_in_a_notebook").run("run", executor="inline")
        assert run.documents().num_rows == (least == 1)
