"""Plain text in any compression; the format `text`. A document is a file, a line or a paragraph.

Text files have no frame that could be damaged, so what is not UTF-8 is mended rather than lost: invalid bytes become U+FFFD
and NULs go, both counted. A file that is mostly such bytes is no text, and is quarantined. `offset` is the number of the line
where the document begins, from 0.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from corpus_forge.document import Fault, Outcome
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.lines import lines
from corpus_forge.io.paths import PathSource, open_input
from corpus_forge.io.source import Access, Piece
from corpus_forge.registry import formats
from corpus_forge.units import ByteSize

NOT_TEXT_SHARE = 0.3
"""A whole file of which more than this share was mended is no text; prose in Latin-1 has about 0.05."""
_REPLACEMENT = "\ufffd".encode()

Unit = tuple[int, bytes | Fault]
"""Line number, and a document or why there is none."""


@formats.add("text")
class TextSource(PathSource):
    """Files of plain text."""

    format = "text"

    unit: Literal["file", "line", "paragraph"] = "file"
    """What a document is; blank lines part paragraphs."""
    max_bytes: ByteSize = Field(default=256 << 20, ge=1)
    """A longer document is quarantined."""

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """See Source."""
        rows = BatchBuilder("text")
        with open_input(piece.uri, access) as raw:
            content = _Mended(open_decompressed(raw).blocks())
            for row, text in _until_damage(_CUTS[self.unit], content, self.max_bytes):
                if isinstance(text, Fault):
                    rows.quarantine(row, -1, None, None, text)
                else:
                    rows.add(row, -1, None, None, text)
                    content.report(rows)
                if rows.full:
                    yield rows.take()
        yield from rows.rest()


class _Mended:
    """Blocks of valid UTF-8 without NULs and BOM, made of any blocks.

    `utf8` and `nul` count what was mended since the last report, `ends` all line ends.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.utf8 = self.nul = self.ends = 0

    def __iter__(self) -> Iterator[bytes]:
        ahead = b""
        for number, block in enumerate(self._blocks):
            data = ahead + (block.removeprefix(codecs.BOM_UTF8) if number == 0 else block)
            mended, used = self._mend(data, final=False)
            ahead = data[used:]
            yield mended
        if ahead:
            yield self._mend(ahead, final=True)[0]

    def _mend(self, data: bytes, final: bool) -> tuple[bytes, int]:
        text, used = codecs.utf_8_decode(data, "replace", final)
        data = data[:used]
        self.ends += data.count(b"\n")
        nul = data.count(0)
        invalid = text.count("\ufffd") - data.count(_REPLACEMENT)
        if not nul and not invalid:
            return data, used
        self.nul, self.utf8 = self.nul + nul, self.utf8 + invalid
        return text.replace("\0", "").encode(), used

    def report(self, rows: BatchBuilder) -> None:
        """Add what was mended since the last time to the counts of a batch."""
        for kind, count in (("utf8", self.utf8), ("nul", self.nul)):
            if count:
                rows.clean(kind, count)
        self.utf8 = self.nul = 0


Cut = Callable[[_Mended, int], Iterator[Unit]]


def _until_damage(cut: Cut, content: _Mended, limit: int) -> Iterator[Unit]:
    """The units, then what broke the stream off, if anything did; the unit in which it broke off goes with it."""
    scope = "file"
    try:
        for unit in cut(content, limit):
            yield unit
            scope = "record"
    except DamagedStream as damage:
        row = content.ends if scope == "record" else 0
        yield row, Fault(f"{scope}:{'truncated' if damage.truncated else 'damaged'}", str(damage))


def _file(content: _Mended, limit: int) -> Iterator[Unit]:
    """The file as one document: whole, or not at all."""
    parts: list[bytes] = []
    size = 0
    for block in content:
        parts.append(block)
        size += len(block)
        if size > limit:
            yield 0, _too_long("file", limit)
            return
    # U+FFFD takes three bytes, and stands for one at least.
    original = size - 2 * content.utf8 + content.nul
    if content.utf8 + content.nul > NOT_TEXT_SHARE * original:
        yield 0, Fault("file:not_text", f"{content.utf8} invalid sequences and {content.nul} NULs; {size} bytes are left")
    elif text := b"".join(parts):
        yield 0, Fault("record:empty_text", "the file is blank") if text.isspace() else text


def _lines(content: _Mended, limit: int) -> Iterator[Unit]:
    """Each line that is not blank, without its end."""
    for row, line in enumerate(lines(content, limit)):
        if line is None:
            yield row, _too_long("line", limit)
        elif line and not line.isspace():
            yield row, line.removesuffix(b"\r")


def _paragraphs(content: _Mended, limit: int) -> Iterator[Unit]:
    """Lines that no blank line parts, joined by line ends."""
    parts: list[bytes] = []
    start = size = 0
    for row, line in enumerate(lines(content, limit)):
        if line is not None and (not line or line.isspace()):
            if size:
                yield start, b"\n".join(parts) if parts else _too_long("paragraph", limit)
            parts, size = [], 0
            continue
        start = start if size else row
        size += limit + 1 if line is None else len(line) + bool(size)
        if line is not None and size <= limit:
            parts.append(line.removesuffix(b"\r"))
        else:
            parts.clear()
    if size:
        yield start, b"\n".join(parts) if parts else _too_long("paragraph", limit)


def _too_long(unit: str, limit: int) -> Fault:
    return Fault("limit:document_bytes", f"the {unit} has more than {limit} bytes")


_CUTS: dict[str, Cut] = {"file": _file, "line": _lines, "paragraph": _paragraphs}
