"""Pages with what people say is their text: one JSON object a line, plain or zstd.

`text` is the whole text of a page. Where people looked at a few places of a page only, `wanted` lists snippets that belong to
its text and `unwanted` some that do not (`must_include` and `must_exclude`, as benchmarks call them, are read too); of other
blocks nothing is known but, where `guesses` lists the texts that other extractors make of the page, what all of them agree on.
A text counts before snippets, snippets before guesses.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corpus_forge.errors import InputError

_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gob", "gov", "govt", "net", "or", "org"])


@dataclass(frozen=True)
class GoldPage:
    """html: the page in UTF-8. text: its lines in order; None where snippets are known alone. domain: what pages are kept
    together by.
    """

    key: str
    domain: str
    html: bytes
    text: str | None
    kind: str = ""
    """Type of page, for reports."""
    language: str = ""
    url: str = ""
    source: str = ""
    """The file's name without its endings."""
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()
    """Texts that other extractors make of the page."""
    weight: float = 1.0
    """Of the page beside others when it is learned from; 0: it is tried alone."""
    own: bool = True
    """Whether who labelled it draws the line where the model shall draw it."""


def read_gold(path: Path, weight: float = 1.0, own: bool = True) -> list[GoldPage]:
    """Every row with `html` and `text`, or `wanted` and `unwanted`; `url`, `page_type` and `lang` where they are. Rows with no
    gold are passed over. InputError, with the line, for what is no such row.
    """
    return [replace(page, weight=weight, own=own) for page in _rows(path)]


def _rows(path: Path) -> Iterator[GoldPage]:
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                page = _page(json.loads(line), number, path.name.split(".")[0])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputError(
                    f"{path}, line {number}: a JSON object with 'html' and 'text', or with lists of snippets, 'wanted' and"
                    f" 'unwanted', is needed ({error!r})."
                ) from error
            if page:
                yield page


def _page(row: dict[str, Any], number: int, source: str) -> GoldPage | None:
    html, url = row["html"].encode("utf-8", "replace"), row.get("url") or ""
    wanted, unwanted = _snippets(row, "wanted", "must_include"), _snippets(row, "unwanted", "must_exclude")
    guesses = _snippets(row, "guesses", "guesses")
    text = row.get("text") if wanted or unwanted or guesses else row["text"]
    if text is not None and not isinstance(text, str):
        raise TypeError("'text' is no string")
    if text is None and not wanted + unwanted + guesses:
        return None
    return GoldPage(
        str(row.get("id", number)), domain_of(url or f"{source} {number}"), html, text, row.get("page_type") or "",
        row.get("lang") or "", url, source, wanted, unwanted, guesses,
    )  # fmt: skip


def _snippets(row: dict[str, Any], name: str, other: str) -> tuple[str, ...]:
    found = row.get(name) or row.get(other) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TypeError(f"'{name}' is no list of strings")
    return tuple(found)


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
