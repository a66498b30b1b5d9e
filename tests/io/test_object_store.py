"""Object stores, by a folder that stands in for one: listing, reading, and what is said when something is missing."""

from __future__ import annotations

import errno

import pyarrow.fs as pafs
import pytest

from corpus_forge.errors import InputError
from corpus_forge.io import object_store
from corpus_forge.io.paths import describe, expand, open_input
from corpus_forge.io.source import Access

ACCESS = Access()
KEYS = [
    "bucket/segments/1/warc/a.warc.gz",
    "bucket/segments/1/wet/a.wet.gz",
    "bucket/segments/2/warc/b.warc.gz",
    "bucket/segments/2/warc/sub/c.warc.gz",
    "bucket/top.gz",
]


@pytest.fixture
def store(tmp_path, monkeypatch):
    for key in KEYS:
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(key.encode() * 1000)
    seen = pafs.SubTreeFileSystem(str(tmp_path), pafs.LocalFileSystem())
    monkeypatch.setattr(object_store, "filesystem", lambda scheme, bucket, options: seen)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("segments/*/warc/*.warc.gz", [KEYS[0], KEYS[2]]),
        ("segments/[1]/*/*.gz", [KEYS[0], KEYS[1]]),
        ("segments/[!1]/warc/*.gz", [KEYS[2]]),
        ("segments/**/*.warc.gz", [KEYS[0], KEYS[2], KEYS[3]]),
        ("**", KEYS),
        ("*.gz", [KEYS[4]]),
        ("segments/*/wet/a.wet.gz", [KEYS[1]]),
    ],
)
def test_globs_match_by_folder(store, path, found):
    assert expand([f"s3://bucket/{path}"], ACCESS) == [f"s3://{key}" for key in found]
    assert expand([f"gs://bucket/{path}?region=x"], ACCESS) == [f"gs://{key}?region=x" for key in found]


def test_a_glob_lists_only_the_folders_it_must(store, monkeypatch):
    listed = []
    real = object_store._list
    monkeypatch.setattr(object_store, "_list", lambda fs, folder, deep: listed.append(folder) or real(fs, folder, deep))
    expand(["s3://bucket/segments/*/warc/*.warc.gz"], ACCESS)
    assert sorted(listed) == ["bucket/segments", "bucket/segments/1/warc", "bucket/segments/2/warc"]


def test_objects_are_read_and_sought(store):
    with open_input("s3://bucket/top.gz", ACCESS) as file:
        assert file.read(13) == b"bucket/top.gz"
        assert (file.seek(-6, 2), file.read()) == (12994, b"top.gz")


def test_an_object_without_etag_is_known_by_size_and_date(store):
    file = describe("s3://bucket/top.gz", ACCESS, {})
    assert file.size == 13000
    assert file.digest == f"modified:{(store / 'bucket/top.gz').stat().st_mtime_ns}:13000"


def test_an_etag_is_what_an_object_is_known_by(store, monkeypatch):
    class Stream:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def metadata(self):
            return {"ETag": b'"abc-2"', "Content-Length": b"13000"}

    class Store:
        def get_file_info(self, path):
            return pafs.FileInfo(path, pafs.FileType.File, size=13000)

        def open_input_stream(self, path):
            return Stream()

    monkeypatch.setattr(object_store, "filesystem", lambda *_: Store())
    assert describe("s3://bucket/top.gz", ACCESS, {}).digest == "etag:abc-2:13000"


@pytest.mark.parametrize("act", [lambda uri: open_input(uri, ACCESS), lambda uri: describe(uri, ACCESS, {})])
def test_a_missing_object_is_named_with_its_neighbours(store, act):
    with pytest.raises(InputError) as error:
        act("s3://bucket/tpo.gz")
    assert str(error.value) == (
        "s3://bucket/tpo.gz: no such object. Looked in 'bucket'. Did you mean 'top.gz'? Known: segments, top.gz."
    )


def test_a_glob_that_matches_nothing(store):
    with pytest.raises(InputError, match=r"matches no object. Looked in 'bucket/segments'. .*Known: 1, 2."):
        expand(["s3://bucket/segments/*/wrac/*.gz"], ACCESS)


@pytest.mark.parametrize("uri", ["s3:///key", "s3://name:secret@bucket/key"])
def test_credentials_in_an_address_are_refused_and_not_repeated(uri):
    with pytest.raises(InputError) as error:
        open_input(uri, ACCESS)
    assert "secret" not in str(error.value)
    assert "credentials belong in the environment" in str(error.value)


def test_a_store_that_fails_while_reading_is_told_from_damaged_data_by_its_errno(store):
    class Broken:
        def readinto(self, buffer):
            raise OSError("AWS Error NETWORK_CONNECTION")

        def close(self):
            return None

    with pytest.raises(OSError, match="NETWORK") as error:
        object_store._Object(Broken()).read(10)
    assert error.value.errno == errno.EIO
