"""Transfer and content encodings of an HTTP body, taken off with bounded output.

A body that is cut keeps what decodes, as in a browser; one that claims an encoding it does not have is taken as it is when
it looks like HTML, and is damaged otherwise.
"""

from __future__ import annotations

import re
import zlib

import brotli
import zstandard

MAX_NESTED = 2
"""gzip in gzip exists; more is an attack or a mistake."""
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]*<(?:!doctype\s|!--|\?xml|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_NONE = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit", "7bit"})
_OUTPUT_BYTES = 1 << 20


class BodyError(Exception):
    """The body cannot be decoded; `reason` goes into quarantine."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


def looks_like_html(body: bytes) -> bool:
    """True when the first thing in it is a tag, a doctype or a comment."""
    return _HTML.match(body[:2048]) is not None


def dechunk(body: bytes) -> bytes:
    """A chunked body as one piece. What follows a broken chunk is lost; a body without chunks is itself."""
    parts: list[bytes] = []
    at = 0
    while size := _SIZE.match(body, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        at = size.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return b"".join(parts) if parts else body


def unpack(body: bytes, encodings: str, limit: int) -> bytes:
    """The body without its content encodings (`gzip, br`: applied in that order). BodyError when it cannot be had."""
    names = [name.strip().removeprefix("x-") for name in encodings.split(",")]
    names = [name for name in names if name not in _NONE]
    if len(names) > MAX_NESTED:
        raise BodyError("record:content_encoding", f"{len(names)} nested content encodings; at most {MAX_NESTED} are read")
    for name in reversed(names):
        if not body:
            return body
        body = _unpack_one(body, name, limit)
    return body


def _unpack_one(body: bytes, name: str, limit: int) -> bytes:
    decode = {"gzip": _gunzip, "deflate": _inflate, "br": _brotli, "zstd": _zstd}.get(name)
    if decode is not None and (decoded := decode(body, limit)) is not None:
        if len(decoded) > limit:
            raise BodyError("limit:body_bytes", f"the {name} body grows past {limit} bytes")
        return decoded
    if looks_like_html(body):
        return body
    problem = "cannot be decoded" if decode else "is not known"
    raise BodyError("record:content_encoding", f"Content-Encoding '{name[:40]}' {problem}; the body begins {body[:16]!r}")


def _gunzip(body: bytes, limit: int) -> bytes | None:
    """All members, up to limit + 1 bytes; None when it is not gzip or is damaged before its end."""
    decoded = b""
    while body[:2] == b"\x1f\x8b" and len(decoded) <= limit:
        member = zlib.decompressobj(31)
        try:
            decoded += member.decompress(body, limit + 1 - len(decoded))
        except zlib.error:
            return None
        body = member.unused_data
    return decoded or None


def _inflate(body: bytes, limit: int) -> bytes | None:
    """RFC 9110 says zlib; many servers send raw deflate."""
    for wbits in (15, -15):
        try:
            return zlib.decompressobj(wbits).decompress(body, limit + 1) or None
        except zlib.error:
            continue
    return None


def _brotli(body: bytes, limit: int) -> bytes | None:
    decoder = brotli.Decompressor()
    parts, size = [], 0
    try:
        part = decoder.process(body, output_buffer_limit=_OUTPUT_BYTES)
        while part and size <= limit:
            parts.append(part)
            size += len(part)
            part = b"" if decoder.is_finished() else decoder.process(b"", output_buffer_limit=_OUTPUT_BYTES)
    except brotli.error:
        return None
    return b"".join(parts) or None


def _zstd(body: bytes, limit: int) -> bytes | None:
    """Windows up to 8 MiB, as RFC 9659 asks of HTTP."""
    reader = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(body, read_across_frames=True)
    try:
        return reader.read(limit + 1) or None
    except zstandard.ZstdError:
        return None
