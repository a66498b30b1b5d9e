"""How a page becomes WARC records: request, response and metadata, one gzip member each, as Common Crawl writes them.

Everything that varies between real captures (charset in the HTTP header or not, content encoding, server, time) is drawn
from the sha256 of the URL: nothing here depends on the clock, on order or on chance. The records are written out by hand,
a dozen lines of the WARC 1.0 standard, so that no library's defaults reach the bytes; a test reads them back with warcio.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import uuid
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import brotli

Headers = tuple[tuple[str, str], ...]

START = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)
SERVERS = ("nginx", "Apache", "nginx/1.24.0", "Apache/2.4.62 (Debian)")
HTTP_TYPES = ("request", "response", "revisit")
WARCINFO = (
    b"software: corpus-forge examples/data/build.py\r\n"
    b"description: pages of free documentation repacked as HTTP responses; dates, IPs and servers are made up\r\n"
    b"format: WARC File Format 1.0\r\n"
)


@dataclass(frozen=True)
class Page:
    """An HTML page. `charset` is what its bytes are in; `headers` are its HTTP headers, once `encode_body` made them."""

    url: str
    body: bytes
    charset: str
    language: str
    headers: Headers = ()


@dataclass(frozen=True)
class Capture:
    """What a crawler got for a URL. `kind` is the WARC-Type; for one without HTTP, `headers` holds its Content-Type."""

    url: str
    status: str
    headers: Headers
    body: bytes
    kind: str = "response"


def draw(url: str, purpose: str, choices: int) -> int:
    """A number below `choices` that depends on the URL and the purpose alone."""
    return int.from_bytes(hashlib.sha256(f"{purpose} {url}".encode()).digest()[:8], "big") % choices


def encode_body(page: Page) -> Page:
    """The page as a server sends it: 1 in 7 without a charset; 4 in 40 compressed by gzip, 1 by brotli, 1 by deflate."""
    content_type = "text/html" if draw(page.url, "charset", 7) == 0 else f"text/html; charset={page.charset}"
    lot = draw(page.url, "encoding", 40)
    if lot < 4:
        encoding, body = "gzip", gzip.compress(page.body, 9, mtime=0)
    elif lot == 4:
        encoding, body = "br", brotli.compress(page.body, quality=9)
    elif lot == 5:
        encoding, body = "deflate", zlib.compress(page.body, 9)
    else:
        encoding, body = "", page.body
    headers = [("Content-Type", content_type), ("Server", SERVERS[draw(page.url, "server", len(SERVERS))])]
    headers += [("Content-Encoding", encoding)] if encoding else []
    return replace(page, body=body, headers=(*headers, ("Content-Length", str(len(body)))))


@dataclass
class WarcFile:
    """WARC records in the making: `members` are the gzip members so far, the warcinfo record first."""

    filename: str
    members: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._write("warcinfo", {"WARC-Filename": self.filename}, "application/warc-fields", WARCINFO)

    def add(self, capture: Capture) -> None:
        """One capture: request, then what came back, then metadata."""
        common = {"WARC-IP-Address": f"203.0.113.{draw(urlsplit(capture.url).netloc, 'address', 254) + 1}"}
        common["WARC-Target-URI"] = capture.url
        self._write("request", common, "application/http; msgtype=request", _request(capture.url))
        self._write_answer(capture, common)
        fetch = f"fetchTimeMs: {40 + draw(capture.url, 'fetch', 900)}\r\n".encode()
        self._write("metadata", {"WARC-Target-URI": capture.url}, "application/warc-fields", fetch)

    def _write_answer(self, capture: Capture, common: dict[str, str]) -> None:
        if capture.kind not in HTTP_TYPES:
            self._write(capture.kind, common, dict(capture.headers)["Content-Type"], capture.body)
            return
        payload = {"WARC-Payload-Digest": _digest(capture.body)}
        block = _http(f"HTTP/1.1 {capture.status}", capture.headers) + capture.body
        self._write(capture.kind, common | payload, "application/http; msgtype=response", block)

    def _write(self, kind: str, extra: dict[str, str], content_type: str, block: bytes) -> None:
        """One record as one gzip member; records are a second apart."""
        number = len(self.members)
        moment = START + timedelta(seconds=number)
        head = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{self.filename}#{number}')}>",
            "WARC-Date": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **extra,
            "WARC-Block-Digest": _digest(block),
            "Content-Type": content_type,
            "Content-Length": str(len(block)),
        }
        record = _http("WARC/1.0", tuple(head.items())) + block + b"\r\n\r\n"
        self.members.append(gzip.compress(record, 9, mtime=0))


def _http(first_line: str, headers: Headers) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode()


def _request(url: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = (("User-Agent", "corpus-forge-example/1.0"), ("Accept-Encoding", "br,gzip,deflate"), ("Host", parts.netloc))
    return _http(f"GET {target} HTTP/1.1", headers)


def _digest(content: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()
