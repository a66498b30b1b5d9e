"""Files of books; the format `books`, in the two layouts that corpora have.

`sentences` is BookCorpus: one sentence a line, book after book. A book ends at a blank line, before a line that matches
`boundary`, or after `max_sentences`, since the published files have no mark of their own; `unit: sentence` keeps each line a
document. `gutenberg` is Project Gutenberg: one file a book, of which what lies outside its START and END marks is licence and
legal matter that goes; title, author and language are read from what precedes the START mark. `offset` is the line where the
document begins, from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from corpus_forge.document import Fault, Outcome
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.lines import lines
from corpus_forge.io.paths import PathSource, open_input
from corpus_forge.io.source import Access, Piece
from corpus_forge.registry import formats
from corpus_forge.text.gutenberg import parted
from corpus_forge.units import ByteSize, Count

MAX_LINE_BYTES = 1 << 20
SENTENCES_PER_BOOK = 6_700
"""BookCorpus has 74,004,228 sentences in 11,038 books (Zhu et al. 2015, https://arxiv.org/abs/1506.06724, table 2)."""
_BLOCK_LINES = 4096

Numbered = tuple[int, bytes | None]


class _Text(NamedTuple):
    row: int
    text: str | Fault
    about: dict[str, str]


@formats.add("books")
class BooksSource(PathSource):
    """Files of books: a sentence a line (BookCorpus), or Project Gutenberg's plain texts."""

    format = "books"

    layout: Literal["sentences", "gutenberg"] = "sentences"
    unit: Literal["book", "sentence"] = "book"
    """What a document is, in the layout `sentences`."""
    boundary: str | None = None
    """A regular expression (RE2) that finds the first line of a book, such as `^isbn`."""
    max_sentences: Count = Field(default=SENTENCES_PER_BOOK, ge=1)
    """A longer book is cut."""
    max_bytes: ByteSize = Field(default=64 << 20, ge=1)
    """A longer book is quarantined."""

    @field_validator("boundary")
    @classmethod
    def _linear(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                pc.match_substring_regex(pa.array([""]), value)
            except pa.ArrowInvalid as error:
                raise ValueError(f"is no regular expression of RE2: {error}") from None
        return value

    def extra_columns(self) -> dict[str, pa.DataType]:
        """What the header of a Gutenberg text says."""
        names = ("title", "author", "language") if self.layout == "gutenberg" else ()
        return dict.fromkeys(names, pa.string())

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """See Source."""
        rows = BatchBuilder("text", self.extra_columns())
        with open_input(piece.uri, access) as raw:
            numbered = enumerate(lines(open_decompressed(raw).blocks(), MAX_LINE_BYTES))
            found = self._gutenberg(numbered) if self.layout == "gutenberg" else self._sentences(numbered)
            for row, text, about in _until_damage(found):
                if isinstance(text, Fault):
                    rows.quarantine(row, -1, None, None, text)
                else:
                    rows.add(row, -1, None, None, text, *(about.get(name) for name in self.extra_columns()))
                if rows.full:
                    yield rows.take()
        yield from rows.rest()

    def _gutenberg(self, numbered: Iterator[Numbered]) -> Iterator[_Text]:
        """The file as one document."""
        size, kept = 0, []
        for _, line in numbered:
            size += MAX_LINE_BYTES if line is None else len(line) + 1
            if size > self.max_bytes:
                yield _Text(0, Fault("limit:document_bytes", f"the book has more than {self.max_bytes} bytes"), {})
                return
            kept.append(_decoded(line or b"").removesuffix("\r"))
        book = parted(kept)
        empty = not any(line.strip() for line in book.lines)
        text = Fault("record:empty_text", "nothing but boilerplate") if empty else "\n".join(book.lines).strip("\n")
        yield _Text(book.first_line, text, book.about)

    def _sentences(self, numbered: Iterator[Numbered]) -> Iterator[_Text]:
        start, size = 0, 0
        book: list[str] = []
        for row, line, begins in self._with_boundaries(numbered):
            blank = line is not None and not line.strip()
            full = len(book) == (1 if self.unit == "sentence" else self.max_sentences)
            if book and (blank or begins or full):
                yield self._book(start, book, size)
                book, size = [], 0
            if line is None:
                yield _Text(row, Fault("limit:line_bytes", f"the line has more than {MAX_LINE_BYTES} bytes"), {})
            elif not blank:
                start = start if book else row
                # A book that is too long is not held in memory to be thrown away.
                book.append(line if size <= self.max_bytes else "")
                size += len(line) + 1
        if book:
            yield self._book(start, book, size)

    def _book(self, start: int, book: list[str], size: int) -> _Text:
        if size > self.max_bytes:
            return _Text(start, Fault("limit:document_bytes", f"the book has more than {self.max_bytes} bytes"), {})
        return _Text(start, "\n".join(book), {})

    def _with_boundaries(self, numbered: Iterator[Numbered]) -> Iterator[tuple[int, str | None, bool]]:
        """Lines, and whether a book begins with them, matched by the thousand; a damage is raised after the lines before it."""
        damage: DamagedStream | None = None
        block: list[tuple[int, str | None]] = []
        while damage is None:
            block.clear()
            try:
                for row, line in islice(numbered, _BLOCK_LINES):
                    block.append((row, None if line is None else _decoded(line).removesuffix("\r")))
            except DamagedStream as error:
                damage = error
            texts = [text for _, text in block]
            yield from zip((row for row, _ in block), texts, self._begins(texts), strict=True)
            if not block:
                break
        if damage is not None:
            raise damage

    def _begins(self, block: list[str | None]) -> list[bool]:
        if self.boundary is None:
            return [False] * len(block)
        matches = pc.match_substring_regex(pa.array(block, pa.string()), self.boundary)
        return pc.fill_null(matches, False).to_pylist()


def _decoded(line: bytes) -> str:
    """UTF-8, or else Latin-1, which older Gutenberg texts are in; a BOM and NULs go."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return text.replace("\0", "")


def _until_damage(texts: Iterator[_Text]) -> Iterator[_Text]:
    """The texts, then what broke the file off, if anything did."""
    row = -1
    try:
        for each in texts:
            row = each.row
            yield each
    except DamagedStream as damage:
        scope = "file" if row < 0 else "record"
        yield _Text(row + 1, Fault(f"{scope}:{'truncated' if damage.truncated else 'damaged'}", str(damage)), {})
