"""The engine forge over generated and mutated pages: `make fuzz`, or `python tests/forge_fuzz.py --cases N --seed S`.

What must hold of every input: no error, no hang (a minute a batch ends the process with a traceback), UTF-8 out for UTF-8 in,
an expected F1 between 0 and 1, and the same text alone as in a batch. With NUMBA_BOUNDSCHECK=1, and a cache of its own
(NUMBA_CACHE_DIR), an index out of place is an error too. Kernels only: what Arrow and the step do is tested elsewhere.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from forge_fuzz_pages import PAGE, TEXTS, batch

from corpus_forge.extract.forge.extractor import Texts, extractor_of
from corpus_forge.extract.forge.options import ForgeOptions

BATCH = 500
OPTIONS = [
    ForgeOptions(),
    ForgeOptions(format="markdown", links=True, alt=True),
    ForgeOptions(comments="drop", tables="drop"),
]
LONG = [
    "<p>", "<div>", "</div>", "<a href=x>", "<b>", "<li>", "<td>", "<table>", "<pre>\n", "<br>", "<title>", "<script>", "<svg>",
    "&", "&#", "<", "</", "<!--", "<!", "<a b='", "<p class=a>", "<h1>x", "<ul><li>", "<dl><dt>", "<select>", "<textarea>", " ",
    "a", "a ",
]  # fmt: skip


def extract(pages: list[bytes], options: ForgeOptions) -> tuple[list[bytes], Texts]:
    """Texts of a batch."""
    offsets = np.cumsum([0, *map(len, pages)])
    data = np.frombuffer(b"".join(pages) or b"\0", np.uint8)
    texts = extractor_of(options.model).extract(data, offsets, options.bits())
    return [texts.data[a:b].tobytes() for a, b in zip(texts.ends[:-1].tolist(), texts.ends[1:].tolist(), strict=True)], texts


def check(pages: list[bytes], number: int) -> int:
    """Raise for what must not be; bytes of text."""
    options = OPTIONS[number % len(OPTIONS)]
    found, texts = extract(pages, options)
    for page, text in zip(pages, found, strict=True):
        if is_utf8(page) and not is_utf8(text):
            raise AssertionError(f"not UTF-8: {page!r}")
    if not ((texts.sure >= 0) & (texts.sure <= 1)).all():
        raise AssertionError("an expected F1 is out of place")
    for k in range(number % 7, len(pages), 97):
        if extract([pages[k]], options)[0] != [found[k]]:
            raise AssertionError(f"another text alone: {pages[k]!r}")
    return sum(map(len, found))


def is_utf8(data: bytes) -> bool:
    """Is it?"""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def slowest(size: int) -> tuple[float, str]:
    """(ns a byte, piece) of the slowest page of `size` bytes that is one piece over and over."""
    worst = (0.0, "")
    for piece in [*LONG, *TEXTS]:
        page = (piece * (size // len(piece.encode())))[:size].encode()
        for options in OPTIONS:
            start = time.perf_counter()
            extract([page], options)
            worst = max(worst, ((time.perf_counter() - start) / len(page) * 1e9, piece))
    return worst


def run(cases: int, seed: int, pages: list[bytes]) -> None:
    """All batches; prints what the docs record."""
    read = written = 0
    extract([PAGE.encode()], OPTIONS[0])  # compiles, which may take minutes
    start = time.perf_counter()
    for number in range(cases // BATCH):
        faulthandler.dump_traceback_later(60, exit=True)
        inputs = batch(seed, number, BATCH, pages)
        read += sum(map(len, inputs))
        written += check(inputs, number)
    faulthandler.cancel_dump_traceback_later()
    checked = "on" if os.environ.get("NUMBA_BOUNDSCHECK") == "1" else "off"
    print(
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}: {cases // BATCH * BATCH:,} inputs, seed {seed}, bounds checks"
        f" {checked}: {read:,} bytes in, {written:,} out, {time.perf_counter() - start:.0f} s, no fault"
    )
    for size in (100_000, 400_000):
        ns, piece = slowest(size)
        print(f"slowest page of {size:,} equal bytes: {ns:.0f} ns a byte, {piece!r}")


def whole_pages() -> list[bytes]:
    """What is mutated: pages of the tests, and real ones where CORPUS_FORGE_TEST_DATA says that there are some."""
    pages = [PAGE.encode(), PAGE.replace("p>", "li>").encode(), PAGE.replace("<p", "<td").encode()]
    folder = os.environ.get("CORPUS_FORGE_TEST_DATA")
    if folder:
        from corpus_forge.extract.training.gold import read_gold

        pages += [page.html for page in read_gold(Path(folder) / "extraction_gold/scrapinghub.jsonl.zst")]
    return pages


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    run(given.cases, given.seed, whole_pages())


if __name__ == "__main__":
    main()
