"""What a path in a pipeline file stands for, and what is said when it stands for nothing."""

from __future__ import annotations

import gzip
import hashlib
import os

import pytest
from pydantic import ValidationError

from corpus_forge.errors import InputError
from corpus_forge.io.paths import PathSource, describe, describe_all, expand, has_glob, open_input
from corpus_forge.io.source import Access, InputFile

ACCESS = Access()
OLD = 1_700_000_000


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ["a.warc.gz", "b.warc.gz", "deep/er/c.warc.gz", "deep/d.txt", ".hidden.gz", "odd[1].txt"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["b.warc.gz", "a.warc.gz", "b.warc.gz"], ["a.warc.gz", "b.warc.gz"]),
        (["*.gz"], ["a.warc.gz", "b.warc.gz"]),
        (["./*.gz"], ["./a.warc.gz", "./b.warc.gz"]),
        (["**/*.gz"], ["a.warc.gz", "b.warc.gz", "deep/er/c.warc.gz"]),
        (["deep/**"], ["deep/d.txt", "deep/er/c.warc.gz"]),
        (["[ab].warc.g?"], ["a.warc.gz", "b.warc.gz"]),
        (["odd[1].txt"], ["odd[1].txt"]),
        (["s3://bucket/key", "https://example.org/a[1]?b=*"], ["https://example.org/a[1]?b=*", "s3://bucket/key"]),
    ],
)
def test_paths_are_expanded_sorted_once_and_kept_as_written(tree, paths, found):
    assert expand(paths, ACCESS) == found


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_list_holds_paths_and_globs(tree, pack):
    (tree / "list").write_bytes(pack(b"\xef\xbb\xbf# comment\r\n\r\n  deep/d.txt\n*.warc.gz\na.warc.gz"))
    assert expand(["@list"], ACCESS) == ["a.warc.gz", "b.warc.gz", "deep/d.txt"]


ALLOWED = "Use a local path without a scheme, or one of s3://, gs://, http://, https://."
HERE = "Known: a.warc.gz, b.warc.gz, deep, odd[1].txt."


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a.wrac.gz", f"a.wrac.gz: no such file. Looked in the folder '.'. Did you mean 'a.warc.gz'? {HERE}"),
        ("depp/q", "depp/q: no such file. There is no folder 'depp'. Did you mean 'deep'?"),
        ("xyz/q", "xyz/q: no such file. There is no folder 'xyz'."),
        ("deep/*.gz", "deep/*.gz: matches no file. Looked in the folder 'deep'. Known: d.txt, er."),
        ("deep", "deep: is a folder. Write a glob that says which files, such as deep/*.txt."),
        ("file:///etc/passwd", f"file:///etc/passwd: 'file://' is not supported. {ALLOWED}"),
        ("zip://a::s3://b/c", f"zip://a::s3://b/c: 'zip://' is not supported. {ALLOWED}"),
        ("@none", f"none: no such file. Looked in the folder '.'. {HERE}"),
        ("@empty", "empty: the list holds no path. Write one path a line."),
        ("@nested", "nested: a list of paths cannot hold another one, @empty. Name both in the pipeline file."),
    ],
)
def test_what_matches_nothing_says_where_was_looked_and_what_is_there(tree, path, message):
    if path in ("@empty", "@nested"):
        (tree / path[1:]).write_bytes({"@empty": b"\n# nothing\n", "@nested": b"@empty\n"}[path])
    with pytest.raises(InputError) as error:
        expand([path], ACCESS)
    assert str(error.value) == message


def test_a_damaged_list_is_refused(tree):
    (tree / "list.gz").write_bytes(gzip.compress(b"a.warc.gz\n" * 100)[:-9])
    with pytest.raises(InputError, match=r"^list.gz: not a readable list of paths: the gzip stream is damaged"):
        expand(["@list.gz"], ACCESS)


def test_has_glob():
    assert [has_glob(path) for path in ["a*", "a?", "a[b]", "s3://b/*", "s3://b/k?region=x", "a"]] == [True] * 4 + [False] * 2


def test_open_input_reads_and_seeks(tree):
    with open_input("deep/d.txt", ACCESS) as file:
        assert (file.read(), file.seek(5), file.read(1)) == (b"deep/d.txt", 5, b"d")


@pytest.mark.parametrize("path", ["deep", "none", "ftp://x/y"])
def test_open_input_refuses(tree, path):
    with pytest.raises(InputError, match=path):
        open_input(path, ACCESS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_named(tree):
    (tree / "a.warc.gz").chmod(0)
    with pytest.raises(InputError, match=r"^a.warc.gz: cannot be read: Permission denied.$"):
        open_input("a.warc.gz", ACCESS)


def test_local_files_are_known_by_their_content(tree):
    digest = "blake2b:" + hashlib.blake2b(b"deep/d.txt", digest_size=32).hexdigest()
    assert describe("deep/d.txt", ACCESS, {}) == InputFile("deep/d.txt", 10, digest)


def test_many_are_described_in_the_order_given(tree):
    uris = ["deep/d.txt", "a.warc.gz", "b.warc.gz"]
    assert describe_all(uris, ACCESS, {}) == [describe(uri, ACCESS, {}) for uri in uris]


def test_an_unchanged_file_is_not_hashed_again(tree):
    os.utime("a.warc.gz", (OLD, OLD))
    cache: dict = {}
    first = describe("a.warc.gz", ACCESS, cache)
    (entry,) = cache.values()
    entry["digest"] = "from the cache"
    assert describe("./a.warc.gz", ACCESS, cache) == InputFile("./a.warc.gz", first.size, "from the cache")


def test_a_changed_file_is_hashed_again(tree):
    os.utime("a.warc.gz", (OLD, OLD))
    cache: dict = {}
    describe("a.warc.gz", ACCESS, cache)
    (tree / "a.warc.gz").write_bytes(b"A.warc.gz")
    os.utime("a.warc.gz", (OLD, OLD + 1))
    assert describe("a.warc.gz", ACCESS, cache).digest == "blake2b:" + hashlib.blake2b(b"A.warc.gz", digest_size=32).hexdigest()


def test_a_file_that_has_just_changed_is_not_trusted_by_its_timestamp(tree):
    (tree / "new").write_bytes(b"1")
    cache: dict = {}
    describe("new", ACCESS, cache)
    assert cache == {}


def test_a_source_takes_one_path_or_many(tree):
    assert PathSource(name="x", paths="*.gz").locate(ACCESS) == ["a.warc.gz", "b.warc.gz"]
    assert PathSource(name="x", paths=["a.warc.gz"]).paths == ["a.warc.gz"]
    with pytest.raises(ValidationError):
        PathSource(name="x", paths=[])
