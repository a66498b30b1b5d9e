"""Pages with the text that people say is theirs: one JSON object a line, plain or zstd."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from corpus_forge.errors import InputError

_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gob", "gov", "govt", "net", "or", "org"])


@dataclass(frozen=True)
class GoldPage:
    """html: the page in UTF-8. text: its lines in order. domain: what pages are kept together by."""

    key: str
    domain: str
    html: bytes
    text: str
    kind: str = ""
    """Type of page, for reports."""
    language: str = ""
    url: str = ""


def read_gold(path: Path) -> list[GoldPage]:
    """Every row with `html` and `text`; `url`, `page_type` and `lang` where they are. InputError, with the line, for what is
    no JSON.
    """
    return list(_rows(path))


def _rows(path: Path) -> Iterator[GoldPage]:
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                html, text = row["html"], row["text"]
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{path}, line {number}: a JSON object with 'html' and 'text' is needed ({error!r})."
                ) from error
            if text is None:
                continue
            yield GoldPage(
                str(row.get("id", number)), domain_of(row.get("url") or str(number)), html.encode("utf-8", "replace"), text,
                row.get("page_type") or "", row.get("lang") or "", row.get("url") or "",
            )  # fmt: skip


def _opened(path: Path) -> io.TextIOBase:
    if path.suffix == ".zst":
        import zstandard

        return io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(path.open("rb"), closefd=True), "utf-8")
    return path.open(encoding="utf-8")


def domain_of(url: str) -> str:
    """The domain that somebody registered, nearly: the last two labels, three below `co.uk` and its like."""
    labels = (urlsplit(url).hostname or url).lower().rstrip(".").split(".")
    few = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-few:])
