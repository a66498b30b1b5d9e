"""The pages with gold texts, and the pages that speed is measured on, as plain JSON lines that both interpreters read.

Made once from the folder CORPUS_FORGE_TEST_DATA and kept in benchmarks/.inputs. Four sets whose annotators draw the line at
different places; extraction.md says whose. A page whose language nobody noted has that of its gold text, by lid.176.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SETS = {"wcxb": "wcxb_dev", "scrapinghub": "scrapinghub", "readability": "readability", "trafilatura": "trafilatura_eval"}
INPUTS = Path(__file__).parent.parent / ".inputs" / "extraction"
CODE = "pages of code"
SPEED = {"WCXB": 14 << 20, "web archives": 6 << 20, CODE: 4 << 20}
"""Samples for speed, bytes of HTML of each. Pages of code are those of the archives with a tag of CODE_TAGS in 300 bytes."""
CODE_TAGS = ("<pre", "<code", "<tt", "<kbd", "<span class=")


class Gold(NamedTuple):
    """What is known of a page besides its HTML. text is None where the set has snippets alone."""

    key: str
    url: str
    kind: str
    language: str
    text: str | None
    wanted: list[str]
    unwanted: list[str]


def prepare(data: Path, folder: Path) -> str:
    """Write NAME.pages.jsonl (what contestants see) and NAME.gold.jsonl of each set, and the samples; a digest of all."""
    sources = [data / "extraction_gold" / f"{name}.jsonl.zst" for name in SETS.values()]
    parts = [hashlib.sha256(path.read_bytes()).digest() for path in sources]
    digest = hashlib.sha256(b"".join([*parts, json.dumps(SPEED).encode()])).hexdigest()[:12]
    if not (folder / f"ready-{digest}").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in zip(SETS, sources, strict=True):
            _write_set(folder, name, list(rows(source)))
        _write_sample(folder / "WCXB.speed.jsonl", (row["html"] for row in read(folder / "wcxb.pages.jsonl")), SPEED["WCXB"])
        _write_sample(folder / "web archives.speed.jsonl", _archived(data), SPEED["web archives"])
        _write_sample(folder / f"{CODE}.speed.jsonl", filter(is_of_code, _archived(data)), SPEED[CODE])
        (folder / f"ready-{digest}").touch()
    return digest


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of JSON lines."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def read_gold(folder: Path, name: str) -> list[Gold]:
    """What is known of every page of a set."""
    return [Gold(**row) for row in read(folder / f"{name}.gold.jsonl")]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of JSON lines in zstd."""
    import zstandard

    with path.open("rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8"):
            yield json.loads(line)


def _write_set(folder: Path, name: str, noted: list[dict[str, Any]]) -> None:
    import corpus_forge as cf

    texts = [row["text"] if row.get("text") else " ".join(row.get("must_include") or []) for row in noted]
    found = cf.detect_language(texts).column("language").to_pylist()
    with (folder / f"{name}.pages.jsonl").open("w") as pages, (folder / f"{name}.gold.jsonl").open("w") as golds:
        for number, (row, guess) in enumerate(zip(noted, found, strict=True), 1):
            said = row.get("lang") or "und"
            language = guess if said == "und" else said
            gold = Gold(
                str(row.get("id", number)), row.get("url") or "", row.get("page_type") or "", language, row.get("text"),
                row.get("must_include") or [], row.get("must_exclude") or [],
            )  # fmt: skip
            golds.write(json.dumps(gold._asdict()) + "\n")
            pages.write(json.dumps({"key": gold.key, "url": gold.url, "language": language, "html": row["html"]}) + "\n")


def _archived(data: Path) -> Iterator[str]:
    import corpus_forge as cf

    for path in sorted((data / "warc").glob("*.warc.gz")):
        for batch in cf.read_warc(str(path)):
            yield from (page for page in batch.column("html").to_pylist() if page)


def is_of_code(page: str) -> bool:
    """Is there a tag of code in every 300 characters, and a block of it?"""
    return "<pre" in page and 300 * sum(page.count(tag) for tag in CODE_TAGS) >= len(page)


def _write_sample(path: Path, pages: Iterator[str], size: int) -> None:
    """An even sample of about so many bytes."""
    every = list(pages)
    step = max(1, sum(len(page.encode("utf-8", "replace")) for page in every) // size)
    with path.open("w") as file:
        file.writelines(json.dumps({"html": page}) + "\n" for page in every[step // 2 :: step])
