"""Tokens behind an address: fetched when they are read, checked, kept up to a size, whatever fails in between."""

from __future__ import annotations

import http.server
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pyarrow.fs as pafs
import pytest
from token_folders import edit_index, metadata, pack, write_folder

from corpus_forge.errors import InputError, RequestError
from corpus_forge.io import object_store
from corpus_forge.tokens import remote
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.token_mixture import TokenMixture

SHARDS = [[(1, [5] * 300)], [(2, [6] * 200)], [(3, [7] * 127)]]
URI = "s3://bucket/run"


@pytest.fixture
def bucket(tmp_path, monkeypatch) -> Path:
    """A run in a store that is a folder."""
    folder = write_folder(tmp_path / "store" / "bucket" / "run" / "tokens", [pack(documents) for documents in SHARDS])
    store = pafs.SubTreeFileSystem(str(tmp_path / "store"), pafs.LocalFileSystem())
    monkeypatch.setattr(object_store, "filesystem", lambda scheme, bucket, options: store)
    monkeypatch.setenv("CORPUS_FORGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remote, "RETRY_SECONDS", (0, 0))
    return folder


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    """Names of what is fetched, in order."""
    names, real = [], remote.RemoteFolder._open
    monkeypatch.setattr(remote.RemoteFolder, "_open", lambda self, uri: names.append(uri.rpartition("/")[2]) or real(self, uri))
    return names


def kept(tmp_path: Path) -> list[str]:
    return sorted(file.name for file in (tmp_path / "cache" / "shards").glob("*.arrow"))


def test_a_shard_is_fetched_at_its_first_use_and_once(bucket, fetched, tmp_path) -> None:
    local = TokenDataset(bucket)
    for _ in range(2):
        with TokenDataset(f"{URI}/tokens") as dataset:
            assert len(dataset) == len(local) == 6
            assert dataset[3]["tokens"].tolist() == local[3]["tokens"].tolist()
    assert fetched == ["index.json", "shard-00001.arrow", "index.json"]
    assert kept(tmp_path) == [f"{local.shards[1].sha256}.arrow"]
    with TokenDataset(URI, cache=tmp_path / "other") as dataset:
        assert [row["tokens"].tolist() for row in dataset] == [row["tokens"].tolist() for row in local]
        assert dataset.path == URI
    assert not list((tmp_path / "other").rglob("*.tmp"))


def test_readers_give_the_same_batches_and_state_as_beside_the_shards(bucket) -> None:
    far, near = TokenDataset(URI).reader(4, seed=3), TokenDataset(bucket).reader(4, seed=3)
    for _ in range(3):
        assert np.array_equal(next(far).tokens, next(near).tokens)
    assert far.state_dict() == near.state_dict()
    mixture = TokenMixture({"a": URI})
    assert next(mixture.reader(2)).tokens.shape == (2, 128)


def test_options_of_an_address_stay_at_its_end(bucket, fetched, monkeypatch) -> None:
    seen, store = [], object_store.filesystem("", "", "")
    monkeypatch.setattr(object_store, "filesystem", lambda *where: seen.append(where) or store)
    _ = TokenDataset("gs://bucket/run/tokens/?region=x")[0]
    assert set(seen) == {("gs", "bucket", "region=x")}


def test_a_shard_that_is_not_what_the_index_says_is_refused_and_not_kept(bucket, tmp_path) -> None:
    whole = (bucket / "shard-00000.arrow").read_bytes()
    (bucket / "shard-00000.arrow").write_bytes(whole[:-1] + b"x")
    with pytest.raises(
        InputError, match=r"s3://bucket/run/tokens/shard-00000\.arrow: its sha256 is [0-9a-f]{64}, the index says"
    ):
        _ = TokenDataset(URI)[0]
    assert kept(tmp_path) == []
    (bucket / "shard-00000.arrow").write_bytes(whole)
    assert TokenDataset(URI)[0]["tokens"][0] == 5


@pytest.mark.parametrize("digest", ["../../evil", "AB" * 32, "", 7])
def test_a_digest_that_is_none_never_becomes_a_file_name(bucket, digest) -> None:
    edit_index(bucket, lambda index: index["shards"][0].update(sha256=digest))
    with pytest.raises(InputError, match=r"no digest|damaged index"):
        _ = TokenDataset(URI)[0]


def test_the_cache_keeps_what_was_used_last(bucket, fetched, tmp_path) -> None:
    """Room for two of three shards; the one read again stays."""
    sizes = [(bucket / f"shard-0000{n}.arrow").stat().st_size for n in range(3)]
    dataset = TokenDataset(URI, cache_size=sum(sizes) - 1)
    names = [f"{entry.sha256}.arrow" for entry in dataset.shards]
    held = dataset[0]["tokens"]
    _ = dataset[3]
    for age, name in enumerate((names[1], names[0])):
        os.utime(tmp_path / "cache" / "shards" / name, ns=(age, age))
    _ = dataset[5]
    assert kept(tmp_path) == sorted([names[0], names[2]])
    assert held.tolist() == [5] * 128
    assert dataset[3]["tokens"].tolist()[:72] == [6] * 72, "what went is fetched again"
    assert fetched.count("shard-00001.arrow") == 2
    with pytest.raises(InputError, match=r"larger than 10 bytes\. Give a larger cache_size"):
        _ = TokenDataset(URI, cache=tmp_path / "small", cache_size=10)[0]


def test_failures_of_the_store_are_tried_again(bucket, monkeypatch, tmp_path) -> None:
    failing, real = [OSError(5, "reset"), OSError(5, "reset")], remote.RemoteFolder._open

    def flaky(self, uri):
        if failing and uri.endswith(".arrow"):
            raise failing.pop()
        return real(self, uri)

    monkeypatch.setattr(remote.RemoteFolder, "_open", flaky)
    assert TokenDataset(URI)[0]["tokens"][0] == 5
    failing[:] = [OSError(5, "reset")] * 3
    with pytest.raises(InputError, match=r"shard-00001\.arrow: cannot be fetched: .*reset"):
        _ = TokenDataset(URI)[3]


def test_two_processes_share_a_cache_and_fetch_once(bucket, tmp_path) -> None:
    """The lock is held while another would fetch: it waits, and finds the file."""
    entry = TokenDataset(URI).shards[0]
    first = remote.RemoteFolder(URI, None, 1 << 30, False)
    second = remote.RemoteFolder(URI, None, 1 << 30, False)
    second._fetch = lambda *_: pytest.fail("it was there already")  # type: ignore[method-assign]
    with remote._locked(tmp_path / "cache" / "shards" / f"{entry.sha256}.lock"):
        waiting = threading.Thread(target=second.shard, args=(entry,))
        waiting.start()
        first._fetch(entry.path, tmp_path / "cache" / "shards" / f"{entry.sha256}.arrow", entry.sha256, 1 << 30)
    waiting.join(10)
    assert not waiting.is_alive()


def test_the_tokenizer_and_its_tables_come_too(tmp_path, bucket, tokenizer) -> None:
    ids = tokenizer.encode(["the lazy dog"]).ids.tolist()
    meta = metadata(vocab_size=tokenizer.vocab_size, tokenizer_sha256=tokenizer.sha256)
    shutil.rmtree(bucket)
    write_folder(bucket, [pack([(1, ids)])], meta)
    (bucket / "tokenizer.json").write_bytes(tokenizer.content)
    dataset = TokenDataset(URI)
    assert dataset.decode(0) == "the lazy dog<|eos|>"
    assert sorted(file.name for file in dataset.folder.iterdir()) == ["index.json", "tokenizer.json"]
    assert TokenDataset(bucket.parent).folder == bucket


def test_a_dataset_that_is_sent_away_opens_the_same_cache(bucket, tmp_path) -> None:
    dataset = TokenDataset(URI, cache=tmp_path / "mine", cache_size="1 GB")
    again = pickle.loads(pickle.dumps(dataset))
    assert again[0]["tokens"][0] == 5
    assert len(list((tmp_path / "mine" / "shards").glob("*.arrow"))) == 1


def test_wrong_addresses_say_what_is_wrong(bucket) -> None:
    with pytest.raises(InputError, match=r"neither index\.json nor tokens/index\.json can be read there: .*no such object"):
        TokenDataset("s3://bucket/other")
    with pytest.raises(InputError, match="'ftp://' is not supported"):
        TokenDataset("ftp://host/run")
    with pytest.raises(InputError, match="only with --allow-http"):
        TokenDataset("http://127.0.0.1:9/run")
    for size in ("5 PB", "", -3, "a"):
        with pytest.raises(RequestError, match="is no size"):
            TokenDataset(URI, cache_size=size)


@pytest.fixture
def site(bucket):
    """The store behind http."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(bucket.parents[1]))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_http_is_read_when_it_is_allowed(site, bucket) -> None:
    with TokenDataset(f"{site}/run", allow_http=True) as far, TokenDataset(bucket) as near:
        assert [row["tokens"].tolist() for row in far] == [row["tokens"].tolist() for row in near]
    with pytest.raises(InputError, match="answered 404"):
        TokenDataset(f"{site}/gone", allow_http=True)


def test_reading_from_far_needs_numpy_and_pyarrow_alone(site, tmp_path) -> None:
    program = f"""
import sys
import corpus_forge.io.object_store
from corpus_forge.tokens.dataset import TokenDataset
assert len(TokenDataset({site + "/run"!r}, cache={str(tmp_path / "c")!r}, allow_http=True)[0]["tokens"]) == 128
heavy = {{"pydantic", "ray", "gigatoken", "tokenizers", "numba", "torch", "yaml"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_index_that_changed_is_read_anew(bucket) -> None:
    assert len(TokenDataset(URI)) == 6
    edit_index(bucket, lambda index: index.update(shards=index["shards"][:1]))
    assert len(TokenDataset(URI)) == 3
    assert json.loads((TokenDataset(URI).folder / "index.json").read_text())["run"] == "r"
