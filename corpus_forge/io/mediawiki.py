"""Dumps of Wikipedia and other wikis (`pages-articles.xml.bz2`); the format `mediawiki`.

The dump is streamed; articles become text in the sandbox, since wikitext can hold what no parser is ready for. Redirects and
other namespaces are no documents: they are counted and passed over. `offset` is the number of the page in its file, from 0.
One file is one shard, so take the dump in parts (`pages-articles1.xml-p1p41242.bz2`), as Wikimedia offers them for large
languages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from corpus_forge.document import Fault, Outcome, Removal
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.mediawiki_pages import Page, Site, page_of, pieces, site_of
from corpus_forge.io.paths import PathSource, open_input
from corpus_forge.io.source import BATCH_BYTES, BATCH_ROWS, Access, Piece
from corpus_forge.registry import formats
from corpus_forge.units import ByteSize

Entry = tuple[int, Page | Fault]


@formats.add("mediawiki")
class MediaWikiSource(PathSource):
    """XML dumps of Wikipedia and other wikis, wikitext made text."""

    format: ClassVar[str] = "mediawiki"

    namespaces: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Namespaces whose pages are documents; 0 has the articles."""
    drop_sections: tuple[str, ...] = ()
    """Headings of sections that are left out, with all below them."""
    language: str | None = None
    """Language of the articles; by default what the dump says."""
    max_page_bytes: ByteSize = Field(default=16 << 20, ge=1)
    """A longer page is quarantined; MediaWiki allows 2 MiB of text."""
    timeout: float = Field(default=60.0, gt=0, le=86400)
    """Seconds a page may take to become text."""

    def extra_columns(self) -> dict[str, pa.DataType]:
        """What the dump says of a page."""
        return {"title": pa.string(), "page": pa.int64(), "language": pa.string()}

    def identity(self) -> dict[str, Any]:
        """Parameters, and the version of the engine that reads wikitext."""
        import corpus_forge.extract  # noqa: F401 - it registers the engine
        from corpus_forge.extract.engine import engine_identity

        return {**super().identity(), **engine_identity("wikitext")}

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """See Source."""
        rows = BatchBuilder("text", self.extra_columns())
        with open_input(piece.uri, access) as raw:
            found = pieces(open_decompressed(raw).blocks(), self.max_page_bytes)
            waiting: list[Entry] = []
            size, site = 0, Site()
            for row, page in self._entries(found):
                if isinstance(page, Site):
                    site = page
                elif isinstance(page, str):
                    rows.skip(page)
                else:
                    waiting.append((row, page))
                    size += len(page.text) if isinstance(page, Page) else 0
                if len(waiting) == BATCH_ROWS or size >= BATCH_BYTES:
                    self._add(rows, waiting, site)
                    waiting, size = [], 0
                    yield rows.take()
            self._add(rows, waiting, site)
        yield from rows.rest()

    def _entries(self, found: Iterator[bytes | None]) -> Iterator[tuple[int, Site | Page | Fault | str]]:
        """First what the head says, then each page with its number; a name where a page is counted only."""
        row = -1
        try:
            for piece in found:
                if row < 0:
                    yield 0, _site(piece or b"")
                else:
                    yield row, self._entry(piece)
                row += 1
        except DamagedStream as damage:
            scope = "record" if row > 0 else "file"
            yield max(row, 0), Fault(f"{scope}:{'truncated' if damage.truncated else 'damaged'}", str(damage))

    def _entry(self, piece: bytes | None) -> Page | Fault | str:
        if piece is None:
            return Fault("limit:page_bytes", f"the page has more than {self.max_page_bytes} bytes")
        page = page_of(piece)
        if isinstance(page, Fault):
            return page
        if page.redirect:
            return "redirect"
        if page.namespace not in self.namespaces:
            return f"namespace {page.namespace}"
        return page if page.model == "wikitext" else f"model {page.model[:40]}"

    def _add(self, rows: BatchBuilder, waiting: list[Entry], site: Site) -> None:
        """Convert the pages that wait, and add all in order."""
        pages = [page for _, page in waiting if isinstance(page, Page)]
        texts, faults = self._converted(pages, site) if pages else (pa.array([], pa.large_string()), {})
        at = 0
        for row, page in waiting:
            if isinstance(page, Fault):
                rows.quarantine(row, -1, None, None, page)
                continue
            place = (row, -1, site.url(page.title), page.date)
            text = texts[at].as_py()
            if at in faults:
                rows.quarantine(*place, faults[at], page.text)
            elif not text:
                rows.remove(*place, Removal("read.empty"), "")
            else:
                rows.add(*place, text, page.title, page.number, self.language or site.language)
            at += 1

    def _converted(self, pages: list[Page], site: Site) -> tuple[pa.Array, dict[int, Fault]]:
        from corpus_forge.sandbox.shared import shared_sandbox

        about = {"drop": list(site.unseen), "sections": [name.casefold() for name in self.drop_sections]}
        settings = pa.array([json.dumps(about)] * len(pages), pa.large_string())
        sandbox = shared_sandbox({"engine": "wikitext"}, self.timeout)
        return sandbox.run(pa.array([page.text for page in pages], pa.large_string()), settings)


def _site(head: bytes) -> Site | Fault:
    if b"<mediawiki" not in head:
        return Fault("file:not_mediawiki", "the file does not begin as a MediaWiki dump does, with <mediawiki>")
    return site_of(head)
