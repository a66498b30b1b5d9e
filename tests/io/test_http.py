"""From the block of a response record to a page, or to the reason why there is none."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.io.http import PageRules, page_from_http, parse_response, split_content_type
from corpus_forge.io.http_body import BodyError, dechunk, looks_like_html, unpack

HTML = b"<html><body>page</body></html>"
RULES = PageRules(frozenset({200}), frozenset({"text/html"}), 1000)
BOMB = b"<p>" + bytes(1 << 20)


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


def block(body: bytes = HTML, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *(headers or ("Content-Type: text/html",)), "", ""]).encode() + body


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(HTML)),
        ("x-gzip", gzip.compress(HTML)),
        ("gzip", gzip.compress(HTML[:9]) + gzip.compress(HTML[9:])),
        ("deflate", zlib.compress(HTML)),
        ("deflate", raw_deflate(HTML)),
        ("br", brotli.compress(HTML)),
        ("zstd", zstandard.compress(HTML)),
        ("gzip, br", brotli.compress(gzip.compress(HTML))),
        ("identity", HTML),
        ("utf-8", HTML),
        # The archive has unpacked it already, but kept the header.
        ("gzip", HTML),
        ("br", HTML),
        ("no-such-encoding", HTML),
    ],
)
def test_content_encodings_are_taken_off(encoding, body):
    assert unpack(body, encoding, 1000) == HTML


@pytest.mark.parametrize("encode", [gzip.compress, zlib.compress, raw_deflate, brotli.compress, zstandard.compress])
def test_a_body_is_unpacked_up_to_the_bound_and_no_byte_further(encode):
    name = {brotli.compress: "br", gzip.compress: "gzip", zstandard.compress: "zstd"}.get(encode, "deflate")
    assert unpack(encode(HTML), name, len(HTML)) == HTML
    for body in (HTML, BOMB):
        with pytest.raises(BodyError) as error:
            unpack(encode(body), name, len(HTML) - 1)
        assert error.value.reason == "limit:body_bytes"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"\x1f\x8b\x08garbage"),
        ("br", b"\xff\xfe\xff"),
        ("zstd", b"nope"),
        ("compress", b"\x1f\x9d"),
        ("gzip,gzip,gzip", HTML),
    ],
)
def test_what_cannot_be_decoded_is_quarantined(encoding, body):
    page = page_from_http(block(body, "Content-Type: text/html", f"Content-Encoding: {encoding}"), RULES)
    assert page.fault is not None
    assert page.fault.reason == "record:content_encoding"


def test_a_cut_body_keeps_what_decodes():
    whole = b"<p>" + bytes(range(65, 91)) * 40
    cut = unpack(gzip.compress(whole)[:-12], "gzip", 10_000)
    assert cut
    assert whole.startswith(cut)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"4\r\nabcd\r\n3;x=y\r\nefg\r\n0\r\n\r\n", b"abcdefg"),
        (b"4\nabcd\n0\n\n", b"abcd"),
        (b"4\r\nabcd\r\nzz\r\nefg", b"abcd"),
        (b"ff\r\nabcd", b"abcd"),
        (b"0\r\n\r\n", b""),
        (HTML, HTML),
        (b"", b""),
    ],
)
def test_chunks_are_joined_and_a_broken_one_ends_the_body(body, expected):
    assert dechunk(body) == expected


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_chunking_is_undone_exactly(parts):
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert dechunk(chunked) == b"".join(parts)


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, deflate", "chunked"]))
def test_no_bytes_raise_anything_but_a_body_error(body, encoding):
    try:
        size, reason = len(unpack(dechunk(body), encoding, 500)), ""
    except BodyError as error:
        size, reason = 0, error.reason
    assert reason in ("", "record:content_encoding", "limit:body_bytes")
    assert size <= max(500, len(body))


@pytest.mark.parametrize(
    ("capture", "rule", "value", "detail"),
    [
        (block(status="HTTP/1.1 404 Not Found"), "read.status", 404.0, ""),
        (block(status="HTTP/1.0 301"), "read.status", 301.0, ""),
        (block(b"%PDF", "Content-Type: Application/PDF"), "read.content_type", None, "application/pdf"),
        (block(b"GIF89a", "Server: x"), "read.content_type", None, "unknown"),
        (block(b""), "read.empty", None, ""),
        (block(b"\0\0"), "read.empty", None, ""),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html", "read.empty", None, ""),
    ],
)
def test_what_is_no_page_leaves_by_a_rule(capture, rule, value, detail):
    assert page_from_http(capture, RULES).removal == (rule, value, detail)


@pytest.mark.parametrize("capture", [b"", b"\r\n", b"HTTP/1.1 OK\r\n\r\n", b"HTTPX/1.1 200 OK\r\n\r\n", b"<html>"])
def test_a_response_without_a_status_is_damaged(capture):
    assert page_from_http(capture, RULES).fault.reason == "record:bad_http"


def test_a_body_past_the_bound_is_quarantined():
    assert page_from_http(block(b"<p>" + b"x" * 1000), RULES).fault.reason == "limit:body_bytes"


@pytest.mark.parametrize(
    "headers", [('Content-Type:text/HTML;charset="Latin-1"',), ("X: y", "content-type: text/html; charset=latin-1")]
)
def test_a_page_is_decoded_by_its_header(headers):
    assert page_from_http(block("<p>é".encode("latin-1"), *headers), RULES).html == "<p>é"


def test_a_page_without_a_type_is_known_by_its_first_tag():
    assert page_from_http(block(HTML, "Server: x"), RULES).html == HTML


def test_a_head_of_bare_newlines_is_read():
    response = parse_response(b"HTTP/1.0 200\nContent-Type: text/html\n\nbody")
    assert (response.status, response.content_type, response.body) == (200, "text/html", b"body")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/html", ("text/html", None)),
        ("Text/HTML ; Charset = 'utf-8'; x", ("text/html", "utf-8")),
        ("text/html,text/html", ("text/html", None)),
        ("", ("", None)),
    ],
)
def test_content_types_are_taken_apart(value, expected):
    assert split_content_type(value) == expected


@pytest.mark.parametrize(
    ("body", "html"), [(b"\xef\xbb\xbf \n<!DOCTYPE html>", True), (b"<a href=x>", True), (b"< 3", False), (b"{", False)]
)
def test_html_is_known_by_its_first_tag(body, html):
    assert looks_like_html(body) is html
