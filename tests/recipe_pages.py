"""Small corpora for the shipped recipes: real pages of the example archive, and among them some with a known end.

PROSE are pages that every family of rules keeps. Each planted page says by its URL what is wrong with it. What they are
written as (a crawl, files of a named corpus) is what the recipe reads.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from web_archives import http, response

import corpus_forge as cf

ARCHIVE = Path(__file__).parent.parent / "examples/data/docs.warc.gz"
BOOK = "https://debian-handbook.info/browse/en-US/"
PROSE = tuple(
    f"{BOOK}sect.{name}.html"
    for name in (
        "computer-layers",
        "ubuntu",
        "office-suites",
        "role-of-distributions",
        "windows-emulation",
        "kernel-role-and-tasks",
        "how-to-migrate",
        "why-gnu-linux",
        "graphical-desktops",
        "main-desktop-tools",
    )
)
COPIED, NEARLY_COPIED = f"{BOOK}sect.ubuntu.html", f"{BOOK}sect.computer-layers.html"
TEST_ITEM = f"{BOOK}sect.knoppix.html"
GERMAN = "https://debian-handbook.info/browse/de-DE/sect.backup.html"
UNLIKE_BOOKS = tuple(
    f"https://httpd.apache.org/docs/2.4/en/{name}.html" for name in ("programs/htpasswd", "platform/rpm", "mod/mod_proxy_http")
)
SIGNALS = {
    "rps_doc_word_count": (50, 100_000),
    "rps_doc_mean_word_length": (3, 10),
    "rps_doc_symbol_to_word_ratio": (None, 0.1),
    "rps_lines_start_with_bulletpoint": (None, 0.9),
    "rps_doc_frac_lines_end_with_ellipsis": (None, 0.3),
    "rps_doc_frac_no_alph_words": (None, 0.2),
    "rps_doc_frac_chars_top_2gram": (None, 0.2),
    "rps_doc_frac_chars_top_3gram": (None, 0.18),
    "rps_doc_frac_chars_top_4gram": (None, 0.16),
    **{f"rps_doc_frac_chars_dupe_{n}grams": (None, (20 - n) / 100) for n in range(5, 11)},
}
"""RedPajama's signals that the recipe looks at, and Gopher's bounds."""


@cache
def archive() -> dict[str, str]:
    """HTML by URL, of the whole example archive."""
    found: dict[str, str] = {}
    for batch in cf.read_warc(str(ARCHIVE)):
        found.update(zip(batch["url"].to_pylist(), batch["html"].to_pylist(), strict=True))
    return found


@cache
def text_of(url: str) -> str:
    """The main text of a page of the archive."""
    return cf.extract(archive()[url], url)


def planted() -> dict[str, str]:
    """HTML by URL: the prose first, so that copies come after what they copy, then what should not stay."""
    html = archive()
    shouted = " ".join(_scraps(text_of(f"{BOOK}sect.creating-accounts.html").upper(), 20)[:1])
    return {
        **{url: html[url] for url in PROSE},
        "https://adult.example/page": html[f"{BOOK}conclusion.html"],
        "https://arxiv.org/abs/1": html[f"{BOOK}foreword.html"],
        "https://german.example/": html[GERMAN],
        "https://short.example/": page("This page has hardly a word to say, and the rest of them are links and menus."),
        "https://repeats.example/": page("It is the same sentence that we have to read all the time. " * 60),
        "https://lorem.example/": page(lorem()),
        "https://scraps.example/": page("\n".join(_scraps(text_of(f"{BOOK}sect.apt-file.html"), 4))),
        "https://shouts.example/": page(f"{text_of(f'{BOOK}sect.creating-accounts.html')}\n{shouted}"),
        "https://test.example/": html[TEST_ITEM],
        "https://copy.example/": html[COPIED],
        "https://nearly.example/": html[NEARLY_COPIED].replace("hardware", "machine", 1),
    }


def lorem() -> str:
    """Good prose, and a line that was forgotten in it."""
    return f"{text_of(f'{BOOK}sect.ipv6.html')}\nLorem ipsum is a text that stands where another one should."


def _scraps(text: str, words: int) -> list[str]:
    """The words of a text without their marks, so many at a time."""
    bare = [word.strip('.,:;!?"()') for word in text.split()]
    return [" ".join(bare[start : start + words]) for start in range(0, len(bare), words)]


def page(text: str) -> str:
    """HTML with a paragraph for each line."""
    lines = "</p><p>".join(text.split("\n"))
    return f"<html><body><main><h1>A page</h1><p>{lines}</p></main></body></html>"


def write_crawl(folder: Path, dump: str, kind: str, pages: dict[str, str]) -> str:
    """Pages as the one file of a crawl below `folder`: HTML (warc), or texts (wet). The folder's name."""
    path = f"crawl-data/{dump}/segments/1/{kind}/a.{kind}.gz"
    file = folder / path
    file.parent.mkdir(parents=True)
    if kind == "warc":
        blocks = (
            response(http(html.encode(), headers="Content-Type: text/html; charset=utf-8\r\n"), url)
            for url, html in pages.items()
        )
    else:
        blocks = (response(text.encode(), url, "conversion", "text/plain") for url, text in pages.items())
    file.write_bytes(b"".join(map(gzip.compress, blocks)))
    (folder / f"crawl-data/{dump}/{kind}.paths.gz").write_bytes(gzip.compress(path.encode()))
    return str(folder)


def write_lines(path: Path, rows: Iterable[dict]) -> str:
    """A gzip of one JSON object a line. Its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return str(path)


def write_refinedweb(path: Path, pages: dict[str, str]) -> str:
    """A Parquet file as RefinedWeb has them. Its name."""
    size = len(pages)
    columns = {"content": list(pages.values()), "url": list(pages), "dump": ["CC-MAIN-2023-06"] * size, "segment": ["1"] * size}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return str(path)


def gutenberg(title: str, chapters: Iterable[str]) -> str:
    """A plain text as Project Gutenberg has them, with what it writes around a book."""
    head = f"The Project Gutenberg EBook of {title}, by Somebody\n\nTitle: {title}\n\nAuthor: Somebody\n\nLanguage: English\n\n"
    book = "\n\n".join(chapters)
    start, end = (f"*** {word} OF THIS PROJECT GUTENBERG EBOOK ***" for word in ("START", "END"))
    return f"{head}{start}\n\n{book}\n\n{end}\n\nProject Gutenberg's licence.\n"
