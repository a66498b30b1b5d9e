"""One contestant in a process of its own, pinned to a core: the texts of a set, or its speed on a sample.

    python side.py NAME texts PAGES OUT CORE [FOLDS]     PAGES: *.pages.jsonl; OUT: a text a line, null where it raised
    python side.py NAME speed PAGES CORE                 one line of JSON: pages, bytes, processor seconds of a pass

Speed is that of work alone: the library is imported, its models are loaded and the pages are in memory before the clock runs,
and passes go on for a second at least. forge and cascade are timed as pipelines call them, a column of pages in and a column of
texts out; the others take pages one by one, as strings. FOLDS: models of forge's cross-validation, each page by the one that
has not seen its domain.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from contestants import CONTESTANTS, Extract
from gold import read

LEAST_S = 1.0


def main() -> None:
    """Do what the command line says."""
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20_000)
    name, what, pages, *rest = sys.argv[1:]
    core = int(rest[1] if what == "texts" else rest[0])
    if core >= 0:
        os.sched_setaffinity(0, {core})
    if what == "texts":
        print(json.dumps(write_texts(name, Path(pages), Path(rest[0]), Path(rest[2]) if len(rest) > 2 else None)))
    else:
        print(json.dumps(time_it(name, Path(pages))))


def write_texts(name: str, pages: Path, out: Path, folds: Path | None) -> dict:
    """A line of OUT for every page; versions, and how many pages raised."""
    extract = by_fold(name, folds, pages.name.split(".")[0]) if folds else single(name)
    raised = 0
    with out.open("w") as file:
        for row in read(pages):
            try:
                text = extract(row)
            except Exception:  # noqa: BLE001 - a library that raises has no text for the page; how often is in the table
                text = None
                raised += 1
            file.write(json.dumps(text) + "\n")
    return {"versions": {package: version(package) for package in CONTESTANTS[name].packages}, "raised": raised}


def single(name: str) -> Callable[[dict], str]:
    """Text of a row by one contestant."""
    extract = CONTESTANTS[name].make()
    return lambda row: extract(row["html"], row["url"], row["language"])


def by_fold(name: str, folder: Path, of: str) -> Callable[[dict], str]:
    """Text of a row of a set by the fold's model that has seen no page of its domain."""
    from folds import Folds

    from corpus_forge.extract import extract_text

    folds = Folds(name, folder, of)
    return lambda row: extract_text(folds.engine(row["key"]), row["html"], row["url"] or None)


def time_it(name: str, path: Path) -> dict:
    """Seconds of the processor for a pass over the sample: where others work too, those of the clock say little."""
    pages = [row["html"] for row in read(path)]
    work = by_column(name, pages) if name in ("forge", "cascade") else one_by_one(CONTESTANTS[name].make(), pages)
    passes, begin = 0, time.process_time()
    while passes == 0 or time.process_time() - begin < LEAST_S:
        work()
        passes += 1
    seconds = (time.process_time() - begin) / passes
    return {"pages": len(pages), "bytes": sum(len(page.encode("utf-8", "replace")) for page in pages), "seconds": seconds}


def by_column(name: str, pages: list[str]) -> Callable[[], object]:
    """An engine of ours on a column of pages."""
    import pyarrow as pa

    from corpus_forge.extract import make_engine

    column, urls, engine = pa.array(pages, pa.large_string()), pa.nulls(len(pages), pa.string()), make_engine(name)
    engine.columns(column.slice(0, 1), urls.slice(0, 1))
    return lambda: engine.columns(column, urls)


def one_by_one(extract: Extract, pages: list[str]) -> Callable[[], object]:
    """Every page of the sample; what raises has been paid for too."""

    def work() -> None:
        for page in pages:
            try:
                extract(page, "", "en")
            except Exception:  # noqa: BLE001 - as above
                continue

    one = pages[0]
    extract(one, "", "en")
    return work


if __name__ == "__main__":
    main()
