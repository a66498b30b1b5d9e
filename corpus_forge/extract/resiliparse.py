"""The engine `resiliparse`: main content by rules over a fast HTML5 parser (lexbor), some 2 to 4 ms a page.

The default, because it is an order of magnitude faster than extractors that score blocks, and has no limit on nesting. Its
cost is precision: it keeps more boilerplate than `trafilatura` does, and loses short `<ul>` lists, which it takes for menus.

Parameters, each against the library's default on pages with gold text (400 of WCXB, 181 of Scrapinghub's benchmark; F1 over
word 3-grams):

* `alt_texts=False`: 0.855 → 0.860 and 0.891 → 0.909. Alternative texts repeat captions and name icons.
* `comments=False`: → 0.865 and → 0.924. Comment sections are another text by other people.
* `preserve_formatting=True`: line rules (C4, FineWeb) need the lines. List bullets stay, gold texts do not care.

Its rules for main content take time that grows faster than the square of how deep `<div>` and `<article>` are nested
(8,000: 2 s, 20,000: 19 s; parsing alone: 6 ms). No page made by people nests them by the thousand; one that does gives all
its text instead.

Library: https://resiliparse.chatnoir.eu (Bevendorff et al., ECIR 2018).
"""

from __future__ import annotations

import re
from importlib.metadata import version

from corpus_forge.registry import extractors

DEEP = 2048
"""Open `<div>` and `<article>` from which on main content is not looked for: up to there it takes 0.1 s at worst."""
_NESTING = re.compile(r"<(/?)(?:div|article)\b", re.IGNORECASE)


@extractors.add("resiliparse")
class Resiliparse:
    """`resiliparse.extract.html2text.extract_plain_text` on the main content."""

    @property
    def version(self) -> str:
        """Version of the library."""
        return version("resiliparse")

    def extract(self, html: str, url: str | None) -> str:
        """Text of the main content, one block a line; `url` is not used."""
        from resiliparse.extract.html2text import extract_plain_text

        return extract_plain_text(
            html,
            main_content=not _is_deep(html),
            preserve_formatting=True,
            list_bullets=True,
            alt_texts=False,
            comments=False,
            links=False,
            form_fields=False,
            noscript=False,
        )


def _is_deep(html: str) -> bool:
    if html.count("<div") + html.count("<DIV") + html.count("<article") + html.count("<ARTICLE") <= DEEP:
        return False
    depth = 0
    for tag in _NESTING.finditer(html):
        depth = depth + 1 if not tag[1] else max(0, depth - 1)
        if depth > DEEP:
            return True
    return False
