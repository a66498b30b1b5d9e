"""Requests that cannot be done, from the shell: exit code 2 and a sentence that names what is wrong; nothing is written."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from corpus_forge.cli import main
from corpus_forge.pipeline import Pipeline

PIPELINE = "name: tiny\nsources: [{name: a, format: jsonl, paths: [a.jsonl]}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a pipeline, its input of two documents, and a file where a folder is expected."""
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(PIPELINE)
    Path("a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in ("one", "two")))
    Path("file").write_text("x")
    Path("foreign").mkdir()
    Path("foreign/theirs").write_text("x")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the program says of a request that it refuses."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    text = capsys.readouterr().err
    assert ended.value.code == 2, text
    assert "bug" not in text
    return text


@pytest.mark.parametrize("verb", ["run", "plan"])
@pytest.mark.parametrize("output", ["file", "foreign"])
def test_what_is_no_run_is_left_alone_and_plan_says_so_too(capsys, verb, output):
    assert f"{output}: not empty and not a run directory" in said(capsys, verb, "tiny.yaml", "-o", output)


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_an_object_store_is_no_place_for_a_run_yet(capsys, verb):
    assert "object stores are for reading" in said(capsys, verb, "tiny.yaml", "-o", "s3://bucket/run")


@pytest.mark.parametrize("output", ["file/run", "/proc/run"])
def test_a_place_that_cannot_be_written(capsys, output):
    assert f"{output}: cannot be written" in said(capsys, "run", "tiny.yaml", "-o", output)


@pytest.mark.parametrize("verb", ["status", "report", "clean", "removed"])
def test_a_file_is_no_run(capsys, verb):
    assert "file: not a run directory" in said(capsys, verb, "file")


@pytest.mark.parametrize("asked", [1 << 64, 1 << 80, 7])
def test_an_id_that_no_document_has(capsys, asked):
    Pipeline.from_yaml("tiny.yaml").run("made", executor="inline")
    assert f"--id {asked}: no such document" in said(capsys, "explain", "made", "--id", str(asked))


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_an_executor_in_this_process_joins_no_cluster(capsys, verb):
    assert "joins no cluster" in said(capsys, verb, "tiny.yaml", "--executor", "inline", "--address", "auto")


def test_a_library_call_names_the_nearest_executor():
    with pytest.raises(Exception, match="Did you mean 'inline'"):
        Pipeline.from_yaml("tiny.yaml").plan(executor="inlin")


def test_a_cluster_that_is_not_there_is_told_within_seconds():
    """In a process of its own: one that is in a cluster already would use that one."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        command = [sys.executable, "-m", "corpus_forge", "run", "tiny.yaml", "--address", address]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"--address {address}: no Ray cluster" in done.stderr
