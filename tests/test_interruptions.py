"""A signal, a full disk and a failing shard: the run ends clearly, keeps what it finished, and goes on from there."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_corpus import pipeline_dict, tree_digest

from corpus_forge.engine import workspace as workspace_module
from corpus_forge.errors import RunError
from corpus_forge.pipeline import Pipeline, Run

PLUGINS = Path(__file__).parent / "data" / "plugins"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_politely_and_the_same_command_goes_on(corpus, tmp_path, number):
    gate = tmp_path / "gate"
    pipeline, file = pipeline_dict(corpus, steps=[{"gate": {"file": str(gate)}}, {"dedup": "exact"}]), tmp_path / "gate.json"
    file.write_text(json.dumps(pipeline))
    program = [sys.executable, "-m", "corpus_forge", "run", str(file), "-o", str(tmp_path / "run"), "--executor", "inline"]
    command = [*program, "--plugin", str(PLUGINS / "gate.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tasks = tmp_path / "run" / "work" / "tasks"
    while process.poll() is None and not (tasks.is_dir() and len(list(tasks.iterdir())) == 2):
        time.sleep(0.02)
    process.send_signal(number)
    gate.touch()
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 130, output
    assert "Run the same command again" in output
    assert "Traceback" not in output
    assert Run.open(tmp_path / "run").record["status"] == "interrupted"
    finished = len(list(tasks.iterdir()))
    assert finished in (2, 3)

    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"reused": ' in again.stderr
    assert Run.open(tmp_path / "run").record["stages"][0]["reused"] == finished
    Pipeline.from_dict(pipeline, plugins=[str(PLUGINS / "gate.py")]).run(tmp_path / "fresh", executor="inline")
    assert tree_digest(tmp_path / "run") == tree_digest(tmp_path / "fresh")


def test_a_full_disk_is_a_clear_failure_and_never_a_success(corpus, tmp_path, monkeypatch):
    pipeline = Pipeline.from_dict(pipeline_dict(corpus))
    real, calls = workspace_module.publish_file, []

    def full_at_the_tenth(scratch, path):
        calls.append(path)
        if len(calls) > 10:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        real(scratch, path)

    monkeypatch.setattr(workspace_module, "publish_file", full_at_the_tenth)
    with pytest.raises(RunError, match=r"No space left on device.*Free some space"):
        pipeline.run(tmp_path / "run", executor="inline")
    assert Run.open(tmp_path / "run").record["status"] == "failed"
    assert not (tmp_path / "run" / "documents").exists()
    monkeypatch.setattr(workspace_module, "publish_file", real)
    pipeline.run(tmp_path / "run", executor="inline")
    pipeline.run(tmp_path / "fresh", executor="inline")
    assert tree_digest(tmp_path / "run") == tree_digest(tmp_path / "fresh")
    assert list((tmp_path / "run" / "work" / "tmp").iterdir()) == []


class Killed(BaseException):
    """Stands for kill -9 at one point of the commit: nothing after it runs, no handler sees it as an error."""


@pytest.mark.parametrize("point", range(1, 40, 3))
def test_a_kill_at_any_point_of_a_commit_loses_and_doubles_nothing(corpus, tmp_path, monkeypatch, point):
    """Every fsync, rename and link counts as a point; the run is cut there and started again."""
    pipeline = Pipeline.from_dict(pipeline_dict(corpus, tokenize=None))
    passed = []

    def counted(real):
        def call(*arguments, **keywords):
            passed.append(real)
            if len(passed) == point:
                raise Killed
            return real(*arguments, **keywords)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "link"):
            patch.setattr(os, name, counted(getattr(os, name)))
        patch.setattr(Path, "replace", counted(Path.replace))
        with pytest.raises(Killed):
            pipeline.run(tmp_path / "run", executor="inline")
    pipeline.run(tmp_path / "run", executor="inline")
    pipeline.run(tmp_path / "fresh", executor="inline")
    shown = ("documents", "removed", "quarantine")
    assert tree_digest(tmp_path / "run", shown) == tree_digest(tmp_path / "fresh", shown)


def test_a_failing_shard_ends_the_run_with_1_or_is_left_out_with_3(corpus, tmp_path):
    """The plugin raises for one shard; by default that is a failed run, with --max-failed-shards 1 the others are finished."""
    file = tmp_path / "fails.json"
    file.write_text(json.dumps(pipeline_dict(corpus, steps=[{"fail_on": {"url": "https://example.org/3/"}}])))
    program = [sys.executable, "-m", "corpus_forge", "run", str(file), "--executor", "inline"]
    command = [*program, "--plugin", str(PLUGINS / "fail_on.py"), "-o", str(tmp_path / "run")]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    assert first.returncode == 1
    assert "3.jsonl" in first.stderr
    assert "--max-failed-shards allows 0" in first.stderr
    second = subprocess.run([*command, "--max-failed-shards", "1"], capture_output=True, text=True, check=False)
    assert second.returncode == 3, second.stderr
    run = Run.open(tmp_path / "run")
    assert [failed["shard"] for failed in run.record["failed_shards"]] == [f"{corpus}/3.jsonl"]
    ordinals = {uid >> 32 for uid in run.documents()["id"].to_pylist()}
    assert ordinals == {0, 1, 2, 4, 5}


def test_too_much_quarantine_fails_the_shard_when_asked(corpus, tmp_path):
    (corpus / "0.jsonl").write_text('{"text": "fine"}\n{"text": 3}\n{"text": "fine too"}\n')
    pipeline = Pipeline.from_dict(pipeline_dict(corpus, steps=[], tokenize=None))
    assert pipeline.run(tmp_path / "a", executor="inline").record["totals"]["quarantined"] == 1
    with pytest.raises(RunError, match=r"1 of 3 records in quarantine, more than --max-quarantine 0\.2"):
        pipeline.run(tmp_path / "b", executor="inline", max_quarantine=0.2)
    assert pipeline.run(tmp_path / "c", executor="inline", max_quarantine=0.4).record["status"] == "complete"
