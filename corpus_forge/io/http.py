"""A captured HTTP response as a page: status, content type, and the body with its encodings taken off.

Archives hold what servers and crawlers wrote, so every claim of a header may be wrong: Common Crawl keeps
`Content-Encoding: gzip` beside a body it has already unpacked, chunked bodies come without chunks. A claim that does not
hold is dropped when the body is plainly HTML. Only the few headers that matter are looked at, by one pattern over the
head, which costs a tenth of parsing them all.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from corpus_forge.document import Fault, Removal
from corpus_forge.io.http_body import BodyError, dechunk, looks_like_html, unpack
from corpus_forge.text.charset import html_utf8

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_HEADER = re.compile(
    rb"^(content-type|content-encoding|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"',]+)", re.IGNORECASE)


class Response(NamedTuple):
    """One HTTP response as captured; the body is still encoded."""

    status: int
    content_type: str
    charset: str | None
    transfer_encoding: str
    content_encoding: str
    body: bytes


class Page(NamedTuple):
    """What became of a capture: a text (UTF-8 where it is bytes), or why there is none."""

    html: str | bytes = ""
    removal: Removal | None = None
    fault: Fault | None = None


class PageRules(NamedTuple):
    """Which captures are pages, and how large a body may grow."""

    status: frozenset[int]
    content_types: frozenset[str]
    max_body_bytes: int


def parse_response(block: bytes) -> Response | None:
    """The response in a record's block; None when there is no status line with a number."""
    status = _STATUS.match(block)
    if status is None:
        return None
    end = _HEAD_END.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    headers = {m[1].lower(): m[2].decode("latin-1").strip() for m in _HEADER.finditer(head) if m[2].strip()}
    content_type, charset = split_content_type(headers.get(b"content-type", ""))
    transfer, encoding = headers.get(b"transfer-encoding", ""), headers.get(b"content-encoding", "")
    return Response(int(status[1]), content_type, charset, transfer.lower(), encoding.lower(), body)


def split_content_type(value: str) -> tuple[str, str | None]:
    """`Text/HTML; charset="x"` → (`text/html`, `x`)."""
    essence = value.partition(";")[0].partition(",")[0].strip().lower()
    charset = _CHARSET.search(value)
    return essence, charset[1] if charset else None


def page_from_http(block: bytes, rules: PageRules) -> Page:
    """The page in the block of a `response` record."""
    response = parse_response(block)
    if response is None:
        return Page(fault=Fault("record:bad_http", f"no HTTP status line, but {block[:40]!r}"))
    if response.status not in rules.status:
        return Page(removal=Removal("read.status", float(response.status)))
    if response.content_type and response.content_type not in rules.content_types:
        return Page(removal=Removal("read.content_type", detail=response.content_type))
    try:
        body = dechunk(response.body) if "chunked" in response.transfer_encoding else response.body
        body = unpack(body, response.content_encoding, rules.max_body_bytes)
    except BodyError as error:
        return Page(fault=Fault(error.reason, str(error)))
    return page_from_body(body, response.content_type, response.charset, rules)


def page_from_body(body: bytes, content_type: str, charset: str | None, rules: PageRules) -> Page:
    """The page in bytes that carry no encoding any more; without a content type it is guessed from the first bytes."""
    if not body:
        return Page(removal=Removal("read.empty"))
    if not content_type:
        content_type = "text/html" if looks_like_html(body) else "unknown"
    if content_type not in rules.content_types:
        return Page(removal=Removal("read.content_type", detail=content_type))
    if len(body) > rules.max_body_bytes:
        return Page(fault=Fault("limit:body_bytes", f"the body has {len(body)} bytes, more than {rules.max_body_bytes}"))
    html = html_utf8(body, charset)
    return Page(html) if html else Page(removal=Removal("read.empty"))
