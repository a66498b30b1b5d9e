"""What is in docs.warc.gz besides the pages: copies, odd responses, and damage.

Copies are planted, so that deduplication has something to find whose answer is known (duplicates.tsv). Exact copies have the
same body at another URL. Changed copies differ in one way each and say so in a comment, as the pages' licences ask.
Odd responses were written for this file and stand for what a crawl brings besides pages. Damage comes last, on the bytes.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from record import Capture, Headers, Page, draw

PACKAGE_VERSIONS = {
    "apache2-doc": "2.4.71-1~deb12u1",
    "debian-handbook": "11.20220922",
    "python3.11-doc": "3.11.2-6+deb12u9",
}
EXACT_EVERY, CHANGED_EVERY = 22, 15
PARAGRAPH = re.compile(rb'<(p|div class="para")>.*?</(p|div)>', re.S)
LABEL = b"<!-- This copy was changed for the corpus-forge example data; the original is at %s -->"
HTML: Headers = (("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx"))

Twin = tuple[Page, str, str]
"""A copy, the URL of its original, and how it was made."""


def copies(pages: list[Page]) -> Iterator[Twin]:
    """Exact copies of every 22nd page: the same body with a tracking parameter, or by http instead of https."""
    for page in pages[5::EXACT_EVERY]:
        if draw(page.url, "copy", 2):
            yield replace(page, url=f"{page.url}?utm_source=newsletter"), page.url, "exact: tracking parameter"
        else:
            yield replace(page, url=page.url.replace("https://", "http://", 1)), page.url, "exact: http instead of https"


def changed_copies(pages: list[Page]) -> Iterator[Twin]:
    """Changed copies of every 15th page, on a mirror: a notice added, a paragraph taken out, or two paragraphs swapped."""
    ways = (_add_notice, _drop_paragraph, _swap_paragraphs)
    for number, page in enumerate(pages[8::CHANGED_EVERY]):
        how, body = ways[number % len(ways)](page.body)
        end = body.lower().rindex(b"</body>")
        body = body[:end] + LABEL % page.url.encode() + body[end:]
        url = page.url.replace("https://", "https://mirror.example.org/", 1)
        yield replace(page, url=url, body=body), page.url, f"near: {how}"


def _paragraphs(body: bytes) -> list[re.Match[bytes]]:
    """Two paragraphs of 200 bytes or more, without a block inside, from the middle of the page on."""
    found = [match for match in PARAGRAPH.finditer(body) if len(match[0]) >= 200 and match[0].count(b"<div") <= 1]
    return found[len(found) // 2 :][:2]


def _add_notice(body: bytes) -> tuple[str, bytes]:
    notice = b"<p>You are reading a mirror of this page. The mirror is updated once a week.</p>"
    return "a notice added", re.sub(rb"(<body[^>]*>)", lambda match: match[1] + notice, body, count=1)


def _drop_paragraph(body: bytes) -> tuple[str, bytes]:
    """Falls back to a notice where the page has no such paragraph."""
    found = _paragraphs(body)
    if not found:
        return _add_notice(body)
    return "a paragraph taken out", body[: found[0].start()] + body[found[0].end() :]


def _swap_paragraphs(body: bytes) -> tuple[str, bytes]:
    """Falls back to a notice where the page has no two such paragraphs."""
    found = _paragraphs(body)
    if len(found) < 2:
        return _add_notice(body)
    first, second = found
    between = body[first.end() : second.start()]
    return "two paragraphs swapped", body[: first.start()] + second[0] + between + first[0] + body[second.end() :]


def odd_responses() -> list[Capture]:
    """What a crawl brings besides pages, written for this file: redirects, errors, robots.txt, binaries, empty pages."""
    site = "https://docs.example.org"
    plain: Headers = (("Content-Type", "text/plain"),)
    robots = b"User-agent: *\nDisallow: /private/\n"
    captures = [
        Capture(f"{site}/robots.txt", "200 OK", plain, robots),
        Capture("https://mirror.example.org/robots.txt", "404 Not Found", plain, b""),
    ]
    captures += [_redirect(f"{site}/old/{number}", f"{site}/new/{number}", number) for number in range(8)]
    captures += [_error(f"{site}/missing/{number}", "404 Not Found") for number in range(9)]
    captures += [_error(f"{site}/broken", "500 Internal Server Error"), _error(f"{site}/private/", "403 Forbidden")]
    captures += _binaries(site) + _poor_pages(site)
    captures.append(Capture(f"{site}/same", "200 OK", HTML, b"", kind="revisit"))
    captures.append(
        Capture(
            "dns:docs.example.org",
            "",
            (("Content-Type", "text/dns"),),
            b"20250601080000\ndocs.example.org. 60 IN A 203.0.113.9\n",
            "resource",
        )
    )
    return captures


def _redirect(url: str, target: str, number: int) -> Capture:
    status = ("301 Moved Permanently", "302 Found")[number % 2]
    return Capture(
        url, status, (*HTML, ("Location", target)), f'<html><body><a href="{target}">moved</a></body></html>'.encode()
    )


def _error(url: str, status: str) -> Capture:
    return Capture(
        url, status, HTML, f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>".encode()
    )


def _binaries(site: str) -> list[Capture]:
    """An image, a PDF, the same PDF and a run of noise that claim to be HTML, and some JSON."""
    pdf, png = _pdf("A page made for corpus-forge."), _png()
    noise = b"".join(struct.pack(">I", draw(str(number), "noise", 1 << 32)) for number in range(500))
    return [
        Capture(f"{site}/pixel.png", "200 OK", (("Content-Type", "image/png"),), png),
        Capture(f"{site}/page.pdf", "200 OK", (("Content-Type", "application/pdf"),), pdf),
        Capture(f"{site}/mislabelled.pdf", "200 OK", HTML, pdf),
        Capture(f"{site}/noise", "200 OK", HTML, noise),
        Capture(f"{site}/data.json", "200 OK", (("Content-Type", "application/json"),), b'{"pages": 1}'),
    ]


def _poor_pages(site: str) -> list[Capture]:
    """HTML that holds no document: nothing, white space, navigation only, a phrase over and over (at URLs that
    the list `example` blocks, too), a false Content-Encoding.
    """
    links = b"".join(b'<li><a href="/%d">Section %d</a></li>' % (number, number) for number in range(40))
    spam = b"<p>" + b"Buy cheap tickets online today. " * 120 + b"</p>"
    contact = b"<p>Write to editor@docs.example.org or call +1 202 555 0143; our server is 203.0.113.9.</p>"
    return [
        Capture(f"{site}/empty", "200 OK", HTML, b""),
        Capture(f"{site}/blank", "200 OK", HTML, b" \n\t\n " * 20),
        Capture(f"{site}/menu", "200 OK", HTML, b"<html><body><nav><ul>" + links + b"</ul></nav></body></html>"),
        Capture(f"{site}/tickets", "200 OK", HTML, b"<html><body>" + spam + b"</body></html>"),
        Capture("https://casino.example/tickets", "200 OK", HTML, b"<html><body>" + spam + b"</body></html>"),
        Capture(f"{site}/warez/download", "200 OK", HTML, b"<html><body>" + spam + b"</body></html>"),
        Capture(f"{site}/contact", "200 OK", HTML, b"<html><body>" + contact + b"</body></html>"),
        Capture(
            f"{site}/not-gzip", "200 OK", (*HTML, ("Content-Encoding", "gzip")), b"<html><body>not compressed</body></html>"
        ),
    ]


def _png() -> bytes:
    """A grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def _pdf(words: str) -> bytes:
    """The smallest PDF that shows a line of text."""
    stream = f"BT /F1 18 Tf 72 720 Td ({words}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, text) for number, text in enumerate(objects, 1))
    return body + b"trailer << /Root 1 0 R /Size 6 >>\n%%EOF\n"


def damage(members: list[bytes]) -> bytes:
    """The members as one file: one page has a hole of 40 zero bytes, one a false checksum, and the last is cut in half.

    A hole, and not one wrong bit: that often decompresses to other text without an error before the checksum.
    """
    responses = [number for number, member in enumerate(members) if len(member) > 3000]
    third, half = responses[len(responses) // 3], responses[len(responses) // 2]
    members = list(members)
    members[third] = members[third][:600] + bytes(40) + members[third][640:]
    members[half] = members[half][:-8] + b"\0\0\0\0" + members[half][-4:]
    last = responses[-1]
    return b"".join(members[:last]) + members[last][: len(members[last]) // 2]
