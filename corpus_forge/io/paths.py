"""Paths as written in a pipeline file, and the files they stand for: local, in an object store, or behind http.

A path may be plain, a glob, or `@list.txt`: a file of paths. What is found is sorted by code point and taken once, so that
the order of a listing never shows in the output. Local paths stay as they were written, since they appear in `origin`; the
cost is that the same file by two spellings is two inputs.
"""

from __future__ import annotations

import glob
import hashlib
import io
import os
import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydantic import Field, field_validator

from corpus_forge.errors import InputError, nearest
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.http_files import describe_url, open_url
from corpus_forge.io.object_store import describe_object, glob_objects, open_object
from corpus_forge.io.source import Access, InputFile, Source

SCHEMES = ("s3", "gs", "http", "https")
HASHING_THREADS = 4
LIST_BYTES = 256 << 20
RACY_NS = 2_000_000_000
_MAGIC = re.compile(r"[*?\[]")


def has_glob(path: str) -> bool:
    """True when the path has one of the characters `*`, `?`, `[`; `?` is no glob where a scheme makes it a query."""
    return bool(_MAGIC.search(path.partition("?")[0] if "://" in path else path))


def scheme_of(uri: str) -> str:
    """`s3`, `gs`, `http`, `https`, or "" for a local path; InputError for any other scheme."""
    if "://" not in uri:
        return ""
    scheme = uri.partition("://")[0]
    if scheme not in SCHEMES:
        allowed = ", ".join(f"{name}://" for name in SCHEMES)
        raise InputError(f"{uri}: '{scheme}://' is not supported. Use a local path without a scheme, or one of {allowed}.")
    return scheme


def open_input(uri: str, access: Access) -> BinaryIO:
    """A binary file to read; seekable unless it comes by http. InputError when it is not there or may not be read."""
    scheme = scheme_of(uri)
    if not scheme:
        return _open_local(uri)
    if scheme.startswith("http"):
        return open_url(uri, access)
    return open_object(uri)


def _open_local(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file. {_neighbours(path)}") from None
    except IsADirectoryError:
        raise InputError(_directory_message(path)) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from None


def expand(paths: Iterable[str], access: Access) -> list[str]:
    """All files that the paths stand for, sorted, without repeats.

    A path is a file; a glob (`*`, `?`, `[…]`, and `**` for any folders; hidden files are left out), local or under a
    fixed prefix of an object store; or `@FILE`, a list of such paths, one a line, `#` for comments, in any compression.
    Relative paths in a list are relative to the working directory, as they are in a pipeline file.
    InputError says what matches nothing, where was looked, and what is there instead.
    """
    found: set[str] = set()
    for path in paths:
        found.update(_expand_one(path, access))
    return sorted(found)


def _expand_one(path: str, access: Access) -> list[str]:
    if not path.strip():
        raise InputError("a path is empty. Name files, globs or @lists.")
    if path.startswith("@"):
        return expand(read_list(path[1:], access), access)
    scheme = scheme_of(path)
    if not scheme:
        return _expand_local(path)
    if scheme.startswith("http") or not has_glob(path):
        return [path]
    return glob_objects(path)


def _expand_local(path: str) -> list[str]:
    if Path(path).is_file():
        return [path]
    if not has_glob(path):
        raise InputError(_directory_message(path) if Path(path).is_dir() else f"{path}: no such file. {_neighbours(path)}")
    # Path.glob would rewrite what is kept as written: './a' as 'a'.
    found = [name for name in glob.glob(path, recursive=True) if Path(name).is_file()]  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not found:
        raise InputError(f"{path}: matches no file. {_neighbours(path)}")
    return found


def read_list(uri: str, access: Access) -> list[str]:
    """The paths in a file, one a line, without blank lines and `#` comments; in any compression. InputError if it has none."""
    content = bytearray()
    with open_input(uri, access) as raw:
        try:
            for block in open_decompressed(raw).blocks():
                content += block
                if len(content) > LIST_BYTES:
                    raise InputError(f"{uri}: a list of paths of more than {LIST_BYTES} bytes. Cut it into several.")
            lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
        except (DamagedStream, UnicodeDecodeError) as error:
            raise InputError(f"{uri}: not a readable list of paths: {error}.") from None
    listed = [line for line in lines if line and not line.startswith("#")]
    if not listed:
        raise InputError(f"{uri}: the list holds no path. Write one path a line.")
    if nested := next((line for line in listed if line.startswith("@")), None):
        raise InputError(f"{uri}: a list of paths cannot hold another one, {nested}. Name both in the pipeline file.")
    return listed


def _neighbours(path: str) -> str:
    """Where was looked, and what is there."""
    fixed = _MAGIC.split(path)[0] + "x" if has_glob(path) else path
    wanted = folder = Path(fixed).parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    try:
        names = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        return f"The folder '{folder}' cannot be listed: {error.strerror}."
    if folder == wanted:
        return f"Looked in the folder '{folder}'. {nearest(Path(path).name, names)}"
    missing = wanted.relative_to(folder).parts[0]
    guess, _, _ = nearest(missing, names).partition("Known:")
    return f"There is no folder '{folder / missing}'. {guess}".rstrip()


def _directory_message(path: str) -> str:
    names = sorted(entry.name for entry in Path(path).iterdir() if entry.is_file())
    example = f"*{Path(names[0]).suffix}" if names else "**"
    return f"{path}: is a folder. Write a glob that says which files, such as {Path(path) / example}."


def describe(uri: str, access: Access, cache: dict[str, Any]) -> InputFile:
    """Size and digest of one file; `cache` (JSON values) spares hashing a local file that has not changed.

    Local files are known by the BLAKE2b digest of their content; objects by etag and size, which costs one request; http by
    etag, or else by the date of the last change. InputError when the file is not there or may not be read.
    """
    scheme = scheme_of(uri)
    if not scheme:
        return _describe_local(uri, cache)
    if scheme.startswith("http"):
        return describe_url(uri, access)
    return describe_object(uri)


def describe_all(uris: Iterable[str], access: Access, cache: dict[str, Any]) -> list[InputFile]:
    """`describe` for many files, a few at a time, in the order given."""
    with ThreadPoolExecutor(HASHING_THREADS) as pool:
        return list(pool.map(lambda uri: describe(uri, access, cache), uris))


def _blake2b() -> hashlib.blake2b:
    """As safe as sha256 and half as expensive where the processor has no instructions for that."""
    return hashlib.blake2b(digest_size=32)


def _describe_local(path: str, cache: dict[str, Any]) -> InputFile:
    with _open_local(path) as file:
        stat = os.fstat(file.fileno())
        key = str(Path(path).absolute())
        seen = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        entry = cache.get(key)
        if isinstance(entry, dict) and entry.get("seen") == seen:
            return InputFile(path, stat.st_size, entry["digest"])
        digest = "blake2b:" + hashlib.file_digest(cast("io.BufferedReader", file), _blake2b).hexdigest()
    # A file changed this recently can change again under the same timestamp, so what was seen proves nothing yet.
    if time.time_ns() - stat.st_mtime_ns > RACY_NS:
        cache[key] = {"seen": seen, "digest": digest}
    return InputFile(path, stat.st_size, digest)


class PathSource(Source):
    """A source whose files are named by paths; the formats that read files extend it."""

    paths: list[str] = Field(min_length=1)
    """Files, globs, and `@lists`; a single one may stand alone."""

    @field_validator("paths", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def locate(self, access: Access) -> list[str]:
        """See `expand`."""
        return expand(self.paths, access)
