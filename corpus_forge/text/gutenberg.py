"""Project Gutenberg's plain texts, parted into what the header says and the book itself.

Since about 2004 the book stands between `*** START OF THIS PROJECT GUTENBERG EBOOK …` and `*** END OF …`; older files close
their legal matter with `*END*THE SMALL PRINT!` and have `End of Project Gutenberg's …` behind the book. Credits such as
`Produced by …` directly behind the START mark go too. A file without any mark is kept whole: it may be a book that somebody
cleaned already.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_START = re.compile(
    r"\s{0,20}\*{3} ?START OF (THE|THIS) PROJECT GUTENBERG|\*END ?\*? ?THE SMALL PRINT!|\*END THE SMALL PRINT", re.I
)
_END = re.compile(r"\s{0,20}\*{3} ?END OF (THE|THIS) PROJECT GUTENBERG|\s{0,20}End of (the |this )?Project Gutenberg", re.I)
_CREDITS = re.compile(r"\s{0,20}(Produced by|E-text prepared by|Transcribed (by|from)|This eBook was produced by)", re.I)
_FIELDS = {"title": "title:", "author": "author:", "language": "language:"}
_CODES = {
    "english": "en",
    "french": "fr",
    "german": "de",
    "finnish": "fi",
    "dutch": "nl",
    "italian": "it",
    "spanish": "es",
    "portuguese": "pt",
    "chinese": "zh",
    "greek": "el",
    "swedish": "sv",
    "hungarian": "hu",
    "esperanto": "eo",
    "latin": "la",
    "danish": "da",
    "tagalog": "tl",
    "catalan": "ca",
    "polish": "pl",
    "japanese": "ja",
    "norwegian": "no",
    "welsh": "cy",
}
"""The languages with most books there (https://www.gutenberg.org/browse/languages/), as `lid.176` names them."""
_CREDIT_LINES = 12
"""Credits stand within so many lines of the START mark, if at all."""


class Book(NamedTuple):
    """The lines of a book, the number of the first one in its file, and `title`, `author`, `language` where the header says."""

    lines: Sequence[str]
    first_line: int
    about: dict[str, str]


def parted(lines: Sequence[str]) -> Book:
    """The book in the lines of a file."""
    starts = [number for number, line in enumerate(lines) if _START.match(line)]
    first = starts[-1] + 1 if starts else 0
    # A mark may run over two lines.
    while starts and first < len(lines) and lines[first].strip().endswith("***") and "***" not in lines[first - 1][3:]:
        first += 1
    stop = next((number for number in range(first, len(lines)) if _END.match(lines[number])), len(lines))
    about = _header(lines[: starts[0]]) if starts else {}
    if starts:
        first = _after_credits(lines, first, stop)
    while first < stop and not lines[first].strip():
        first += 1
    return Book(lines[first:stop], first, about)


def _after_credits(lines: Sequence[str], first: int, stop: int) -> int:
    """Past the paragraph that says who made the file."""
    for number in range(first, min(first + _CREDIT_LINES, stop)):
        if _CREDITS.match(lines[number]):
            while number < stop and lines[number].strip():
                number += 1  # noqa: PLW2901 - the paragraph is walked to its end, and the outer loop is left
            return number
    return first


def _header(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        for name, mark in _FIELDS.items():
            if line.lower().startswith(mark) and name not in found and (value := line[len(mark) :].strip()):
                found[name] = _CODES.get(value.lower(), value) if name == "language" else value
    return found
