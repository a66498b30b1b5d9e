"""Text from the outside made safe for a terminal.

A page may hold escape sequences that repaint the screen, and direction marks that make a line read as another. Both are dropped
here, once, for all views; documents themselves are never changed. Newlines and tabs become spaces, so that a row stays a row.
"""

from __future__ import annotations

from itertools import chain

_SPACES = (0x09, 0x0A, 0x0D, 0x2028, 0x2029, 0x85)
_DROPPED = chain(
    range(0x20),
    range(0x7F, 0xA0),  # DEL and C1, among them the one-byte CSI
    (0x00AD, 0x061C, 0xFEFF),
    range(0x200B, 0x2010),  # zero width, left-to-right and right-to-left marks
    range(0x202A, 0x202F),  # embeddings and overrides
    range(0x2060, 0x2070),  # word joiner, isolates, deprecated format marks
    range(0xD800, 0xE000),  # lone surrogates cannot be written
    range(0xFFF9, 0xFFFC),
    range(0xE0000, 0xE0080),  # tags
)
_TABLE: dict[int, str | None] = {**dict.fromkeys(_DROPPED, None), **dict.fromkeys(_SPACES, " ")}


def plain(text: object, limit: int | None = None) -> str:
    """One safe line; `limit` characters at most, the last one `…` when something was cut. None becomes empty."""
    if text is None:
        return ""
    raw = str(text)
    if limit is not None and len(raw) > 8 * limit:
        raw = raw[: 8 * limit]
    line = " ".join(raw.translate(_TABLE).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"


def plain_message(text: object) -> str:
    """Several safe lines: a message whose own line ends stay."""
    return "\n".join(line[: len(line) - len(line.lstrip(" "))] + plain(line) for line in str(text).split("\n"))
