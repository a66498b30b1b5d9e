"""ARC, the Internet Archive's format before WARC: one line `URL IP date type length`, then so many bytes, then a newline.

Read by the same walk as WARC and not by warcio, which gives up at the first wrong length and on files that were compressed
as a whole: only so is every damaged place counted and every record behind it read. The cost is this file. The format:
https://archive.org/web/researcher/ArcFileFormat.php.
"""

from __future__ import annotations

import re
from typing import ClassVar

from corpus_forge.document import Fault
from corpus_forge.io.warc import WebArchiveSource
from corpus_forge.io.warc_cursor import Framing
from corpus_forge.io.warc_records import Record, Walk
from corpus_forge.registry import formats

ARC_START = b"filedesc://"
MAX_LINE = 16 << 10
_LINE_END = re.compile(rb"\n")
# The address may hold spaces. Version 2 has five more fields between the type and the length.
_LINE = re.compile(
    rb"([a-z][a-z0-9+.-]{1,20}:.*?) ([0-9a-fA-F.:]{3,45}) (\d{8,18}) (\S+)(?: \S+ \S+ \S+ \S+ \S+)? (\S+)\s*", re.IGNORECASE
)
_FRAMING = Framing(
    begins=re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,20}:"),
    looks=22,
    start=re.compile(
        rb"\n(?=(?:https?|ftp|dns):[^\n]{1,2048} [0-9a-fA-F.:]{3,45} \d{14} \S{1,200}(?: [^\n]{1,2048})? \d{1,18}\r?\n)"
    ),
    span=8 << 10,
    tails=(1, (b"\n",)),
)


@formats.add("arc")
class ArcSource(WebArchiveSource):
    """ARC files, versions 1 and 2, plain or compressed."""

    format: ClassVar[str] = "arc"


class ArcWalk(Walk):
    """ARC records; those of web addresses are responses."""

    framing, foreign = _FRAMING, "file:not_arc"

    def _parse(self, item: Record) -> Fault | None:
        cursor = self._cursor
        if not cursor.at_record():
            return Fault("record:junk", "no record begins here")
        line = cursor.head(MAX_LINE, _LINE_END)
        fields = _LINE.fullmatch(line) if line else None
        if fields is None:
            return Fault("record:bad_header", "not an ARC header line")
        url, _, date, content_type, length = (value.decode("utf-8", "replace") for value in fields.groups())
        web = url.startswith(("http:", "https:"))
        item.type = "arc_header" if url.startswith("filedesc:") else "response"
        item.url, item.date = url, _iso(date)
        item.content_type = "application/http" if web else content_type
        return self._go_on(item, int(length) if length.isdecimal() and len(length) < 19 else None)


def _iso(date: str) -> str:
    """`20080430204825` → `2008-04-30T20:48:25Z`; other lengths stay as they are."""
    if len(date) != 14:
        return date
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}Z"
