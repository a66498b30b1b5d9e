"""Places to values: references and escapes decoded, tags and white space out, days and languages in one form.

Six short strings a page, so plain Python: some 10 microseconds a page. A value that is no day, no language tag or no address is
null rather than passed on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from corpus_forge.extract.engine import normalise
from corpus_forge.extract.metadata import fields
from corpus_forge.extract.metadata.days import day_of, day_of_url
from corpus_forge.extract.metadata.places import FORM, JSON, MARKUP, START, STOP, WORTH

if TYPE_CHECKING:
    from corpus_forge.extract.metadata.find import Places

MAX_CHARACTERS = 500
_TAG = re.compile(r"<[^>]*>")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8}){0,3}")
_BY = re.compile(
    r"(?:(?:written|posted|published|story|words|text) )?(?:by|von|par|por|di|door|af|av|przez)[: ]\s*|author:\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MAX_AUTHOR = 100
_SITE = re.compile(r" (?:[|·•»~]|[-–—]+) ")
_WORD = re.compile(r"\w+")


def decoded(column: str, places: Places, urls: Sequence[str | None]) -> list[str | None]:
    """The values of a column, null where there is none."""
    if column == "title":
        pages = range(places.pages)
        return [title_of(strings(places, page, fields.TITLE), strings(places, page, fields.HEADING)) for page in pages]
    field, read = fields.COLUMNS.index(column), _READERS[column]
    return [read(strings(places, page, field), url) for page, url in enumerate(urls)]


def strings(places: Places, page: int, field: int) -> list[str]:
    """What stands at the places of a field, decoded; without what is blank."""
    start = int(places.offsets[page])
    found = []
    for row in places.rows[page, field].tolist():
        if not row[WORTH]:
            break
        raw = places.data[start + row[START] : start + row[STOP]].tobytes().decode("utf-8", "replace")
        found.append(_plain(raw, row[FORM]))
    return [text for text in found if text]


def body(places: Places, page: int) -> str:
    """The text of the article in JSON-LD, lines kept; empty where there is none."""
    place = places.rows[page, fields.BODY, 0].tolist()
    start = int(places.offsets[page])
    raw = places.data[start + place[START] : start + place[STOP]].tobytes().decode("utf-8", "replace")
    text = unescape(_TAG.sub(" ", unescape(_json_string(raw))))
    lines = (" ".join(line.split()) for line in normalise(text).split("\n"))
    return "\n".join(line for line in lines if line)


def _plain(raw: str, form: int) -> str:
    if form == JSON:
        raw = _json_string(raw)
    elif form == MARKUP:
        raw = _TAG.sub(" ", raw)
    return " ".join(normalise(unescape(raw)).split())


def _json_string(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        return json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return raw


def title_of(titles: list[str], headings: list[str]) -> str | None:
    """The heading where half of its words are in the title, which often names the site too; else the title without the site."""
    title, heading = "".join(titles[:1]), "".join(headings[:1])
    words = _WORD.findall(heading.lower())
    known = set(_WORD.findall(title.lower()))
    if words and (not known or 2 * sum(word in known for word in words) >= len(words)):
        return heading[:MAX_CHARACTERS]
    return _without_site(title)[:MAX_CHARACTERS] or None


def _without_site(title: str) -> str:
    """`A title - The Site` as `A title`: what stands behind the last mark, if it is short and shorter than the rest."""
    marks = list(_SITE.finditer(title))
    if not marks:
        return title
    head, tail = title[: marks[-1].start()], title[marks[-1].end() :]
    return head if len(tail.split()) <= 5 and len(tail) < len(head) and len(head.split()) > 1 else title


def _author(values: list[str], _url: str | None) -> str | None:
    names = [_BY.sub("", value, count=1) if _BY.match(value) else value for value in values]
    known = dict.fromkeys(name.strip(" ,;|") for name in names if len(name) <= _MAX_AUTHOR and "://" not in name)
    return ", ".join(name for name in known if name) or None


def _published(values: list[str], url: str | None) -> str | None:
    return next(filter(None, map(day_of, values)), None) or day_of_url(url or "")


def _language(values: list[str], _url: str | None) -> str | None:
    return values[0].replace("_", "-") if values and _LANGUAGE.fullmatch(values[0]) else None


def _address(values: list[str], url: str | None) -> str | None:
    if not values:
        return None
    try:
        whole = urljoin(url or "", values[0])
    except ValueError:
        return None
    return whole if _ADDRESS.fullmatch(whole) else None


_READERS: dict[str, Callable[[list[str], str | None], str | None]] = {
    "author": _author,
    "published": _published,
    "html_language": _language,
    "canonical_url": _address,
    "license_link": _address,
}
