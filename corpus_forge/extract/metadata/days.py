"""Days as pages write them, as YYYY-MM-DD.

ISO 8601 first, in any length; RFC 2822; English, German, French, Spanish, Italian, Portuguese and Polish months; day before
month where dots part them. `04/05/2024` could be either and is none, `25/05/2024` is May.
"""

from __future__ import annotations

import datetime
import re

_NAMES = (
    "january jan januar janvier enero gennaio janeiro stycznia",
    "february feb februar février febrero febbraio fevereiro lutego",
    "march mar märz mars marzo março marca",
    "april apr avril abril aprile kwietnia",
    "may mai mayo maggio maio maja",
    "june jun juni juin junio giugno junho czerwca",
    "july jul juli juillet julio luglio julho lipca",
    "august aug août agosto sierpnia",
    "september sep sept septembre septiembre settembre setembro września",
    "october oct oktober octobre octubre ottobre outubro października",
    "november nov novembre noviembre novembro listopada",
    "december dec dezember décembre diciembre dicembre dezembro grudnia",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_ISO = re.compile(r"\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?\d*Z?)?")
_DOTS = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)\b")
_SLASHES = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-]((?:19|20)\d\d)\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|er|\.)?[ -](?:de )?([^\W\d_]{3,12})\.?[ ,-](?:de )? ?((?:19|20)\d\d)\b")
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b")
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?:[/-]|$)")
MAX_CHARACTERS = 80


def day_of(text: str) -> str | None:
    """The first day in a short text; None for none."""
    text = text[:MAX_CHARACTERS]
    if match := _ISO.search(text) or _COMPACT.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if match := _DOTS.search(text):
        return _day(match[3], match[2], match[1])
    if match := _SLASHES.search(text):
        return _slashes(int(match[1]), int(match[2]), match[3])
    if (match := _DAY_FIRST.search(text)) and match[2].lower() in _MONTHS:
        return _day(match[3], _MONTHS[match[2].lower()], match[1])
    if (match := _MONTH_FIRST.search(text)) and match[1].lower() in _MONTHS:
        return _day(match[3], _MONTHS[match[1].lower()], match[2])
    return None


def day_of_url(url: str) -> str | None:
    """The day in a path such as /2024/05/25/."""
    match = _IN_URL.search(url)
    return _day(match[1], match[2], match[3]) if match else None


def _slashes(first: int, second: int, year: str) -> str | None:
    if first == second or second > 12:
        return _day(year, first, second)
    return _day(year, second, first) if first > 12 else None


def _day(year: str | int, month: str | int, day: str | int) -> str | None:
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
