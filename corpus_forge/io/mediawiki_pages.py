"""The pages of a MediaWiki XML dump, one after the other, in memory bounded by the longest page.

The stream is cut at `<page>` and `</page>`: text in a dump is escaped, so these can be nothing else, and a page that is broken
costs that page. Each piece is parsed by itself with the standard library; a piece has no document type, so it can define no
entities.

Format: https://www.mediawiki.org/wiki/Help:Export, https://www.mediawiki.org/xml/export-0.11.xsd.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from corpus_forge.document import Fault

_OPEN, _CLOSE = b"<page>", b"</page>"
HEAD_BYTES = 1 << 20
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_FILES = ("-2", "6", "14")
"""Namespaces of media, files and categories, whose links show no words. They have English names in every language, too."""
_ENGLISH = ("file", "image", "category", "media")


@dataclass(frozen=True)
class Site:
    """What the head of a dump says of the wiki."""

    language: str | None = None
    base: str = ""
    unseen: tuple[str, ...] = _ENGLISH
    """Prefixes of links that show no words, in lower case."""

    def url(self, title: str) -> str | None:
        """Address of a page."""
        return self.base + quote(title.replace(" ", "_"), safe="/:(),!*'@") if self.base else None


@dataclass(frozen=True)
class Page:
    """A page and its last revision; `text` is wikitext."""

    title: str
    namespace: int
    number: int | None
    redirect: bool
    model: str
    date: str | None
    text: str


def pieces(blocks: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """First what precedes the first page, then each page; None for one of more than `limit` bytes. The last may be cut."""
    buffer, inside, seen, headed, too_long = b"", False, 0, False, False
    for block in blocks:
        buffer += block
        while (at := buffer.find(mark := _CLOSE if inside else _OPEN, max(seen - len(_CLOSE), 0))) >= 0:
            if inside:
                yield None if too_long or at + len(mark) > limit else buffer[: at + len(mark)]
                buffer = buffer[at + len(mark) :]
            else:
                if not headed:
                    yield buffer[:at]
                buffer = buffer[at:]
            inside, headed, seen, too_long = not inside, True, 0, False
        seen = len(buffer)
        if seen > (limit if inside else HEAD_BYTES):
            too_long, buffer = inside, buffer[-len(_CLOSE) :]
            seen = 0
    if inside or not headed:
        yield None if too_long else buffer


def site_of(head: bytes) -> Site:
    """What the head says; as much as nothing when it cannot be read."""
    if b"<!DOCTYPE" in head:
        return Site()
    try:
        root = ET.fromstring(head + (b"" if b"</mediawiki>" in head else b"</mediawiki>"))  # noqa: S314 - no document type
    except ET.ParseError:
        return Site()
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    names = {each.get("key"): (each.text or "").casefold() for each in root.iter(f"{space}namespace")}
    unseen = dict.fromkeys([*_ENGLISH, *(names[key] for key in _FILES if names.get(key))])
    main_page = root.findtext(f"{space}siteinfo/{space}base") or ""
    return Site(root.get(_LANG), main_page.rpartition("/")[0] + "/" if "/" in main_page else "", tuple(unseen))


def page_of(piece: bytes) -> Page | Fault:
    """The page in a piece, or why there is none."""
    try:
        page = ET.fromstring(piece)  # noqa: S314 - it begins with <page>: no document type, no entities
    except ET.ParseError as error:
        cut = not piece.endswith(_CLOSE)
        return Fault("record:truncated" if cut else "record:xml", f"the page is not well-formed: {error}")
    revision = page.find("revision[last()]")
    namespace = page.findtext("ns") or "0"
    if revision is None or not namespace.lstrip("-").isdigit():
        return Fault("record:xml", "the page has no revision, or its namespace is no number")
    number = page.findtext("id") or ""
    return Page(
        title=page.findtext("title") or "",
        namespace=int(namespace),
        number=int(number) if number.isdigit() and len(number) < 19 else None,
        redirect=page.find("redirect") is not None,
        model=revision.findtext("model") or "wikitext",
        date=revision.findtext("timestamp"),
        text=revision.findtext("text") or "",
    )
