"""The engine `trafilatura`: the precise extractor, tens of ms a page.

The library's defaults, so that its published scores hold, with two exceptions that make the text depend on the page alone:
`deduplicate=False` (its memory of earlier passages would make results depend on the order of pages) and no limit on the
size of a page (the step has its own, which says so). It fetches nothing. Nesting deeper than about 250 elements is lost
in its parser (libxml2 through lxml).

Library: https://trafilatura.readthedocs.io (Barbaresi, ACL 2021, https://aclanthology.org/2021.acl-demo.15).
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import version
from typing import Any

from corpus_forge.registry import extractors


@extractors.add("trafilatura")
class Trafilatura:
    """`trafilatura.extract` with its defaults."""

    @property
    def version(self) -> str:
        """Version of the library."""
        return version("trafilatura")

    def extract(self, html: str, url: str | None) -> str:
        """Main text, paragraphs on their own lines; empty where the library finds none. `url` helps to judge the page."""
        from trafilatura import extract

        return extract(html, url=url, deduplicate=False, config=_settings()) or ""


@cache
def _settings() -> Any:
    from trafilatura.settings import use_config

    # The library logs every page without main content as an error; here that is a removal with a count.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    settings = use_config()
    settings.set("DEFAULT", "MAX_FILE_SIZE", str(1 << 40))
    settings.set("DEFAULT", "MIN_FILE_SIZE", "0")
    return settings
