"""Who takes part: extractors by name, each as a function from a page to its text.

Both interpreters load this file, so it needs the standard library alone; a contestant imports its library when it is made. What
a library asks to be told (jusText and goose3 a language) it is told from the gold page, as a user who knows would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OURS, PEERS = "corpus-forge", "peers"
Extract = Callable[[str, str, str], str]
"""(html, url or "", language code or "") → text"""


@dataclass(frozen=True)
class Contestant:
    """environment: whose interpreter. packages: whose versions make the texts. make: the function, after imports."""

    environment: str
    packages: tuple[str, ...]
    make: Callable[[], Extract]
    what: str = "main content"
    skips: tuple[str, ...] = ()
    """Sets, and samples for speed, that would take too long."""


def _engine(name: str, **options: Any) -> Callable[[], Extract]:
    def make() -> Extract:
        from corpus_forge.extract import extract_text, make_engine

        engine = make_engine(name, options)
        return lambda html, url, language: extract_text(engine, html, url or None)

    return make


def _trafilatura(**options: Any) -> Callable[[], Extract]:
    def make() -> Extract:
        import logging

        from trafilatura import extract
        from trafilatura.settings import use_config

        logging.getLogger("trafilatura").addHandler(logging.NullHandler())
        settings = use_config()
        settings.set("DEFAULT", "MAX_FILE_SIZE", str(1 << 40))
        settings.set("DEFAULT", "MIN_FILE_SIZE", "0")
        return lambda html, url, language: extract(html, url=url or None, deduplicate=False, config=settings, **options) or ""

    return make


def _resiliparse(**options: Any) -> Callable[[], Extract]:
    def make() -> Extract:
        from resiliparse.extract.html2text import extract_plain_text

        return lambda html, url, language: extract_plain_text(html, **options)

    return make


def _justext() -> Extract:
    import justext

    names = {
        "ar": "Arabic", "ca": "Catalan", "cs": "Czech", "de": "German", "en": "English", "es": "Spanish", "fa": "Persian",
        "fi": "Finnish", "fr": "French", "it": "Italian", "ko": "Korean", "la": "Latin", "ms": "Malay", "pl": "Polish",
        "pt": "Portuguese", "ru": "Russian",
    }  # fmt: skip
    lists = {code: justext.get_stoplist(name) for code, name in names.items()}

    def extract(html: str, url: str, language: str) -> str:
        paragraphs = justext.justext(html.encode(), lists.get(language, lists["en"]), encoding="utf-8")
        return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)

    return extract


def _readability() -> Extract:
    import html_text
    from readability import Document

    return lambda html, url, language: html_text.extract_text(Document(html, url=url or None).summary(html_partial=True))


def _newspaper() -> Extract:
    from newspaper import Article

    def extract(html: str, url: str, language: str) -> str:
        article = Article(url or "https://example.org/", language=language or "en", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return article.text

    return extract


def _goose() -> Extract:
    from goose3 import Goose

    made: dict[str, Goose] = {}

    def extract(html: str, url: str, language: str) -> str:
        if language not in made:
            settings = {"enable_image_fetching": False, "strict": False}
            told = {"target_language": language, "use_meta_language": False} if language else {}
            made[language] = Goose({**settings, **told})
        return made[language].extract(raw_html=html).cleaned_text

    return extract


def _boilerpy() -> Extract:
    from boilerpy3.extractors import ArticleExtractor

    extractor = ArticleExtractor()
    return lambda html, url, language: extractor.get_content(html)


def _inscriptis() -> Extract:
    from inscriptis import get_text

    return lambda html, url, language: get_text(html)


def _html2text() -> Extract:
    import html2text

    def extract(html: str, url: str, language: str) -> str:
        converter = html2text.HTML2Text(bodywidth=0)
        converter.ignore_links = converter.ignore_images = True
        return converter.handle(html)

    return extract


def _html_text() -> Extract:
    import html_text

    return lambda html, url, language: html_text.extract_text(html)


_LXML = ("lxml",)
CONTESTANTS: dict[str, Contestant] = {
    "forge": Contestant(OURS, ("corpus-forge",), _engine("forge")),
    "cascade": Contestant(OURS, ("corpus-forge", "trafilatura"), _engine("cascade"), "forge, and trafilatura where unsure"),
    "resiliparse": Contestant(OURS, ("resiliparse",), _engine("resiliparse"), "main content, corpus-forge's settings"),
    "resiliparse, defaults": Contestant(
        OURS, ("resiliparse",), _resiliparse(main_content=True), "main_content=True, otherwise the library's defaults"
    ),
    "trafilatura": Contestant(OURS, ("trafilatura", *_LXML), _trafilatura()),
    "trafilatura, fast": Contestant(OURS, ("trafilatura", *_LXML), _trafilatura(fast=True), "fast=True"),
    "trafilatura, precision": Contestant(
        OURS, ("trafilatura", *_LXML), _trafilatura(favor_precision=True), "favor_precision=True"
    ),
    "trafilatura, recall": Contestant(OURS, ("trafilatura", *_LXML), _trafilatura(favor_recall=True), "favor_recall=True"),
    "jusText": Contestant(PEERS, ("jusText", *_LXML), _justext, "stop words of the page's language"),
    "readability-lxml": Contestant(PEERS, ("readability-lxml", "html-text", *_LXML), _readability, "text of its summary"),
    "newspaper4k": Contestant(PEERS, ("newspaper4k", *_LXML), _newspaper, "articles", ("wcxb", "WCXB")),
    "goose3": Contestant(PEERS, ("goose3", *_LXML), _goose, "articles", ("wcxb", "WCXB")),
    "boilerpy3": Contestant(PEERS, ("boilerpy3",), _boilerpy, "ArticleExtractor"),
    "inscriptis": Contestant(PEERS, ("inscriptis", *_LXML), _inscriptis, "all text"),
    "html2text": Contestant(PEERS, ("html2text",), _html2text, "all text"),
    "html-text": Contestant(PEERS, ("html-text", *_LXML), _html_text, "all text"),
    "resiliparse, all text": Contestant(OURS, ("resiliparse",), _resiliparse(), "all text"),
}
