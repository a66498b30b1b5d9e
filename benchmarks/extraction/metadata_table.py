"""Titles, authors and days that pages give of themselves, against what WCXB's annotators noted; beside trafilatura's.

Two values are the same where their letters and digits are. Where the annotators noted nothing, nothing is counted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gold

COLUMNS = {"title": "title", "author": "author", "published": "publish_date"}
_OTHER = re.compile(r"\W+")


def measure(data: Path) -> dict[str, Any]:
    """{side: {column: {gold, found, same}}}, and the seconds of each."""
    rows = list(gold.rows(data / "extraction_gold" / f"{gold.SETS['wcxb']}.jsonl.zst"))
    found = {}
    for name, read in (("corpus-forge", _ours), ("trafilatura", _theirs)):
        begin = time.perf_counter()
        said = read([row["html"] for row in rows], [row["url"] for row in rows])
        print(f"metadata, {name}: {time.perf_counter() - begin:.1f} s", flush=True)
        found[name] = {column: _counts(said[column], [row[noted] for row in rows]) for column, noted in COLUMNS.items()}
    return found


def _ours(pages: list[str], urls: list[str]) -> dict[str, list]:
    import pyarrow as pa

    import corpus_forge as cf

    return cf.page_metadata(pages, list(COLUMNS), pa.array(urls, pa.string())).to_pydict()


def _theirs(pages: list[str], urls: list[str]) -> dict[str, list]:
    import logging

    from trafilatura.metadata import extract_metadata

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    said: dict[str, list] = {name: [] for name in COLUMNS}
    for page, url in zip(pages, urls, strict=True):
        known = extract_metadata(page, default_url=url)
        for column, attribute in (("title", "title"), ("author", "author"), ("published", "date")):
            said[column].append(getattr(known, attribute, None))
    return said


def _counts(said: Sequence[str | None], noted: Sequence[str | None]) -> dict[str, int]:
    pairs = [(_plain(a), _plain(b)) for a, b in zip(said, noted, strict=True) if _plain(b)]
    return {"gold": len(pairs), "found": sum(bool(a) for a, _ in pairs), "same": sum(a == b for a, b in pairs)}


def _plain(text: str | None) -> str:
    return _OTHER.sub(" ", (text or "").lower()).strip()
