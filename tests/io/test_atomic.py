"""Whole or not at all, and the first commit wins."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from corpus_forge.errors import RunError
from corpus_forge.io import atomic
from corpus_forge.io.atomic import commit_exclusively, publish_file, write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_made_and_replaced(tmp_path):
    for content in (b"first", b"second"):
        write_atomically(tmp_path / "file", lambda file, content=content: file.write(content) and None)
        assert (tmp_path / "file").read_bytes() == content
    assert names(tmp_path) == ["file"]


def test_the_temporary_name_lies_in_the_folder_given_and_is_gone_afterwards(tmp_path):
    (tmp_path / "tmp").mkdir()
    seen = []
    write_atomically(tmp_path / "file", lambda file: seen.extend(names(tmp_path / "tmp")), tmp_path / "tmp")
    (name,) = seen
    assert name.startswith(".file.")
    assert names(tmp_path) == ["file", "tmp"]
    assert names(tmp_path / "tmp") == []


def test_a_result_may_be_read_by_whoever_the_user_lets_read(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", lambda file: None)
        commit_exclusively(tmp_path / "commit", b"")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("file", "commit")] == [0o640, 0o640]


def fail(number: int):
    def write(file):
        file.write(b"half")
        raise OSError(number, os.strerror(number))

    return write


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_clear_failure_that_leaves_all_as_it_was(tmp_path, number):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(RunError, match=r"file: the disk is full \(\d+ bytes free in .*\)\. Make room and run the same command"):
        write_atomically(tmp_path / "file", fail(number))
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_disk_that_is_full_only_at_the_end_is_noticed_too(tmp_path, monkeypatch, step):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, step, full)
    with pytest.raises(RunError, match="the disk is full"):
        commit_exclusively(tmp_path / "file", b"data")
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
def test_any_other_failure_passes_through_and_leaves_nothing(tmp_path, error):
    def write(file):
        raise error

    with pytest.raises(type(error)):
        write_atomically(tmp_path / "file", write)
    assert names(tmp_path) == []


def test_the_first_commit_wins(tmp_path):
    assert commit_exclusively(tmp_path / "commit", b"first") is True
    assert commit_exclusively(tmp_path / "commit", b"second") is False
    assert (tmp_path / "commit").read_bytes() == b"first"
    assert names(tmp_path) == ["commit"]


def test_of_many_commits_at_once_exactly_one_wins(tmp_path):
    barrier, won = threading.Barrier(8), []

    def commit(number: int):
        barrier.wait()
        if commit_exclusively(tmp_path / "commit", b"%d" % number):
            won.append(b"%d" % number)

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [(tmp_path / "commit").read_bytes()]


def test_bytes_are_synced_before_the_name_and_the_name_afterwards(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(atomic.os, "fsync", lambda _: done.append(("sync", (tmp_path / "file").exists())))
    write_atomically(tmp_path / "file", lambda file: None)
    assert done == [("sync", False), ("sync", True)]


def test_a_finished_file_is_given_its_name(tmp_path):
    (tmp_path / "scratch").write_bytes(b"new")
    (tmp_path / "file").write_bytes(b"old")
    publish_file(tmp_path / "scratch", tmp_path / "file")
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_finished_file_that_does_not_reach_the_disk_is_not_given_its_name(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "scratch").write_bytes(b"new")
    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(RunError, match="the disk is full"):
        publish_file(tmp_path / "scratch", tmp_path / "file")
    assert names(tmp_path) == ["scratch"]
