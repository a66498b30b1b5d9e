"""A tokens folder behind s3://, gs://, http:// or https://: its shards, fetched when they are first read, in a bounded cache.

    CACHE/folders/DIGEST OF THE ADDRESS/    index.json, fetched anew whenever the folder is opened; the tokenizer and its tables
    CACHE/shards/SHA256.arrow               shards, by what is in them: two runs that share one share its file

Only what has the digest that the index names gets a name in the cache, so a file there is never checked again. Any number of
processes may share a cache: a shard is fetched by one while the others wait. When the cache is full, the shards that were used
longest ago go; what is still mapped stays readable, and its space comes back once it is let go. The cost of a cache smaller
than the tokens: rows are read in a shuffled order, so shards that went are fetched again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from corpus_forge.errors import InputError
from corpus_forge.tokens.index import INDEX_FILE, ShardEntry

READ_AT_ONCE = 1 << 22
SMALL_BYTES = 1 << 30
"""No index, tokenizer or table is larger."""
RETRY_SECONDS = (1, 4, 16, 60)
"""Waits between attempts when the store or the network fails."""
BESIDE = ("tokenizer.json", "token_bytes.npy", "word_start.npy", "sentencepiece.model")
_SHA256 = re.compile("[0-9a-f]{64}")


def is_remote(path: str | Path) -> bool:
    """True for an address with a scheme."""
    return "://" in str(path)


def default_cache() -> Path:
    """CORPUS_FORGE_CACHE, or corpus-forge/ in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("CORPUS_FORGE_CACHE") or f"{base}/corpus-forge").expanduser()


class RemoteFolder:
    """The folder at `uri`, or its tokens/. `folder` is the local one that has index.json.

    `cache_bytes` bounds the shards that are kept. InputError: no such folder, an address that may not be read.
    """

    def __init__(self, uri: str, cache: str | Path | None, cache_bytes: int, allow_http: bool) -> None:
        self.cache = Path(cache or default_cache()).expanduser()
        self.cache_bytes, self.allow_http = cache_bytes, allow_http
        self.folder = self.cache / "folders" / hashlib.blake2b(uri.encode(), digest_size=16).hexdigest()
        self._shards = self.cache / "shards"
        for folder in (self.folder, self._shards):
            folder.mkdir(parents=True, exist_ok=True)
        self.uri = self._find(uri)

    def shard(self, entry: ShardEntry) -> tuple[Path, list[str]]:
        """The local file of a shard, and the digests of shards that had to go for it. InputError when the digest differs."""
        if not _SHA256.fullmatch(str(entry.sha256)):
            raise InputError(f"{self.uri}/{INDEX_FILE}: shard {entry.path}: sha256 is {entry.sha256!r}, no digest.")
        file, gone = self._shards / f"{entry.sha256}.arrow", []
        if not _used(file):
            with _locked(self._shards / f"{entry.sha256}.lock"):
                if not _used(file):
                    self._fetch(entry.path, file, entry.sha256, self.cache_bytes)
                    gone = self._make_room(file)
        return file, gone

    def beside(self) -> Path:
        """`folder` with the tokenizer and its tables, as far as there are any."""
        for name in BESIDE:
            if not (self.folder / name).is_file():
                with suppress(InputError):
                    self._fetch(name, self.folder / name, None, SMALL_BYTES)
        return self.folder

    def _find(self, uri: str) -> str:
        """The address that has an index.json."""
        base, _, options = uri.partition("?")
        tail = f"?{options}" if options else ""
        first: InputError | None = None
        for folder in (base.rstrip("/"), f"{base.rstrip('/')}/tokens"):
            self.uri = folder + tail
            try:
                self._fetch(INDEX_FILE, self.folder / INDEX_FILE, None, SMALL_BYTES)
                return self.uri
            except InputError as error:
                first = first or error
        raise InputError(f"{uri}: neither {INDEX_FILE} nor tokens/{INDEX_FILE} can be read there: {first}") from first

    def _fetch(self, name: str, file: Path, sha256: str | None, most: int) -> None:
        """Make `file` of what lies at `name`, whole or not at all. Failures of the store are tried again."""
        base, _, options = self.uri.partition("?")
        uri = f"{base}/{name}" + (f"?{options}" if options else "")
        part = file.with_name(f".{file.name}.{secrets.token_hex(8)}.tmp")
        for wait in (*RETRY_SECONDS, None):
            try:
                digest = self._download(uri, part, most)
                if sha256 not in (None, digest):
                    raise InputError(f"{uri}: its sha256 is {digest}, the index says {sha256}.")
                part.replace(file)
                return
            except OSError as error:
                if wait is None:
                    raise InputError(f"{uri}: cannot be fetched: {error}") from error
                time.sleep(wait)
            finally:
                part.unlink(missing_ok=True)

    def _download(self, uri: str, part: Path, most: int) -> str:
        """sha256 of what was fetched."""
        digest, size = hashlib.sha256(), 0
        with self._open(uri) as source, part.open("xb") as sink:
            while block := source.read(READ_AT_ONCE):
                size += len(block)
                if size > most:
                    raise InputError(f"{uri}: larger than {most:,} bytes. Give a larger cache_size.")
                digest.update(block)
                sink.write(block)
        return digest.hexdigest()

    def _open(self, uri: str) -> BinaryIO:
        scheme = uri.partition("://")[0]
        if scheme in ("http", "https"):
            from corpus_forge.io.access import Access
            from corpus_forge.io.http_files import open_url

            return open_url(uri, Access(allow_http=self.allow_http))
        if scheme in ("s3", "gs"):
            from corpus_forge.io.object_store import open_object

            return open_object(uri)
        raise InputError(f"{uri}: '{scheme}://' is not supported. Use a local path, or s3://, gs://, http://, https://.")

    def _make_room(self, new: Path) -> list[str]:
        """Drop the shards that were used longest ago until all fit; their digests."""
        held = []
        for file in self._shards.glob("*.arrow"):
            with suppress(FileNotFoundError):
                stat = file.stat()
                held.append((stat.st_mtime_ns, file.name, stat.st_size))
        total, gone = sum(size for _, _, size in held), []
        for _, name, size in sorted(held):
            if total <= self.cache_bytes:
                break
            if name != new.name:
                (self._shards / name).unlink(missing_ok=True)
                total -= size
                gone.append(name.removesuffix(".arrow"))
        return gone


def _used(file: Path) -> bool:
    """True when the file is there; it is then the one used last."""
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time. The file stays: who removes it would let two in."""
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
