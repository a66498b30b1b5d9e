"""Files in S3 and Google Cloud Storage, by pyarrow.fs: open, describe, list.

Credentials come from the environment, as the clouds' own tools take them; one in the address is refused, since an address
is written into every document's origin. Options that are no secrets may follow a `?`: region, endpoint_override, scheme.
Globs list folder by folder, so that `segments/*/warc/*.gz` never lists what lies beside; `**` lists all below it.
"""

from __future__ import annotations

import errno
import io
import re
from functools import cache
from typing import BinaryIO, cast

import pyarrow.fs as pafs

from corpus_forge.errors import InputError, nearest
from corpus_forge.io.access import InputFile

BUFFER_BYTES = 4 << 20
"""One request fetches so much."""
_GLOB = re.compile(r"[*\[]")


@cache
def filesystem(scheme: str, bucket: str, options: str) -> pafs.FileSystem:
    """The store that holds a bucket; one client a process."""
    uri = f"{scheme}://{bucket}" + (f"?{options}" if options else "")
    return pafs.FileSystem.from_uri(uri)[0]


def open_object(uri: str) -> BinaryIO:
    """A seekable binary file. InputError when it is not there; an OSError with an errno when the store fails."""
    store, path = _resolve(uri)
    try:
        return cast("BinaryIO", io.BufferedReader(_Object(store.open_input_file(path)), BUFFER_BYTES))
    except FileNotFoundError:
        raise InputError(_missing(store, uri, path)) from None
    except OSError as error:
        raise OSError(error.errno or errno.EIO, f"{uri}: {error}") from error


def describe_object(uri: str) -> InputFile:
    """Size and `etag:…` of an object; time of the last change where a store has no etags. InputError if it cannot be had."""
    store, path = _resolve(uri)
    try:
        info = store.get_file_info(path)
        if not info.is_file:
            raise InputError(_missing(store, uri, path))
        with store.open_input_stream(path) as stream:
            metadata = {key.lower(): value.decode("utf-8", "replace") for key, value in (stream.metadata() or {}).items()}
    except OSError as error:
        raise InputError(f"{uri}: cannot be read: {error}") from None
    version = f"etag:{metadata['etag'].strip(chr(34))}" if metadata.get("etag") else f"modified:{info.mtime_ns}"
    return InputFile(uri, info.size, f"{version}:{info.size}")


def glob_objects(uri: str) -> list[str]:
    """URIs of the objects that match, in no order; InputError when none does."""
    head, _, options = uri.partition("?")
    store, path = _resolve(uri)
    prefix = head[: len(head) - len(path)]
    suffix = f"?{options}" if options else ""
    try:
        found = _walk(store, *_split(path))
    except OSError as error:
        raise InputError(f"{uri}: cannot be listed: {error}") from None
    if not found:
        raise InputError(f"{uri}: matches no object. {_around(store, _split(path)[0], path)}")
    return [prefix + name + suffix for name in found]


class _Object(io.RawIOBase):
    """A pyarrow file as a raw Python file whose errors always carry an errno: what fails here is the store, not the data."""

    def __init__(self, file: pafs.NativeFile) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            return self._file.readinto(buffer)
        except OSError as error:
            raise OSError(error.errno or errno.EIO, str(error)) from error

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _resolve(uri: str) -> tuple[pafs.FileSystem, str]:
    """The store and the path `bucket/key` in it."""
    scheme, _, rest = uri.partition("://")
    path, _, options = rest.partition("?")
    bucket = path.partition("/")[0]
    if not bucket or "@" in bucket:
        raise InputError(
            f"{scheme}://…: write {scheme}://BUCKET/KEY; credentials belong in the environment, not in an address."
        )
    try:
        return filesystem(scheme, bucket, options), path
    except (OSError, ValueError) as error:
        raise InputError(f"{uri}: cannot be used: {error}") from None


def _split(path: str) -> tuple[str, list[str]]:
    """The folder before the first pattern, and the parts from there on."""
    parts = path.split("/")
    first = next(at for at, part in enumerate(parts) if _GLOB.search(part))
    return "/".join(parts[:first]), parts[first:]


def _walk(store: pafs.FileSystem, folder: str, parts: list[str]) -> list[str]:
    head, rest = parts[0], parts[1:]
    if "**" in head:
        pattern = _pattern("/".join(parts))
        return [
            info.path for info in _list(store, folder, True) if info.is_file and pattern.fullmatch(_below(folder, info.path))
        ]
    if not _GLOB.search(head):
        inner = f"{folder}/{head}"
        return _walk(store, inner, rest) if rest else [inner] * store.get_file_info(inner).is_file
    pattern = _pattern(head)
    matching = [info for info in _list(store, folder, False) if pattern.fullmatch(info.base_name)]
    if not rest:
        return [info.path for info in matching if info.is_file]
    return [name for info in matching if not info.is_file for name in _walk(store, info.path, rest)]


def _list(store: pafs.FileSystem, folder: str, recursive: bool) -> list[pafs.FileInfo]:
    return store.get_file_info(pafs.FileSelector(folder, allow_not_found=True, recursive=recursive))


def _below(folder: str, path: str) -> str:
    return path[len(folder) + 1 :]


def _pattern(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` stays in a folder, `**` does not, `[…]` is a class."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    tokens = re.split(r"(\*\*/|\*\*|\*|\[!?[^\]]+\])", glob)
    return re.compile("".join(parts.get(token) or _class(token) for token in tokens), re.DOTALL)


def _class(token: str) -> str:
    if not token.startswith("["):
        return re.escape(token)
    inner = token[1:-1].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"


def _missing(store: pafs.FileSystem, uri: str, path: str) -> str:
    return f"{uri}: no such object. {_around(store, path.rpartition('/')[0], path)}"


def _around(store: pafs.FileSystem, folder: str, path: str) -> str:
    """Where was looked, and what is there."""
    try:
        names = [info.base_name for info in _list(store, folder, False)]
    except OSError as error:
        return f"Its folder '{folder}' cannot be listed: {error}"
    return f"Looked in '{folder}'. {nearest(path.rpartition('/')[2], names)}"
