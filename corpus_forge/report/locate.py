"""Documents of a run by URL, domain or id, and where each of their tokens lies: the first step of a takedown.

documents/ is read batch by batch, without texts. A domain means its host and all below it, compared as the DNS does; Arrow
throws out nearly all URLs before the exact comparison, which is Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus_forge.errors import InputError, RequestError
from corpus_forge.steps.url_lists import checked, host_of, parents
from corpus_forge.tokens.positions import find_documents

SPANS = pa.schema(
    [
        ("id", pa.uint64()),
        ("url", pa.string()),
        ("shard", pa.string()),
        ("row", pa.int64()),
        ("start", pa.int64()),
        ("stop", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Wanted:
    """Which documents: those with one of the URLs, on one of the domains or below, with one of the ids."""

    urls: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, urls: Sequence[str], domains: Sequence[str], ids: Sequence[int]) -> Wanted:
        """Checked; RequestError when nothing is asked for, or a domain or id is none."""
        if not (urls or domains or ids):
            raise RequestError("locate: say which documents: URLs, domains or ids.")
        for number in ids:
            if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 0 <= number < 1 << 64:
                raise RequestError(f"ids: {number!r} is no document's id.")
        try:
            named = tuple(checked("domains", domain) for domain in domains)
        except ValueError as error:
            raise RequestError(f"--domain: {error}") from None
        return cls(tuple(urls), named, tuple(map(int, ids)))

    def matching(self, batch: pa.RecordBatch) -> pa.Array:
        """bool[n] for rows with `id` and `url`."""
        urls = batch.column("url").cast(pa.string())
        mask = pc.is_in(batch.column("id"), pa.array(self.ids, pa.uint64()))
        mask = pc.or_(mask, pc.is_in(urls, pa.array(self.urls, pa.string())))
        return pc.or_(mask, self._on_domains(urls)) if self.domains else mask

    def _on_domains(self, urls: pa.Array) -> pa.Array:
        """A host that is percent-encoded or not ASCII may be written in other letters than its domain: those are looked at."""
        possible = pc.match_substring_regex(urls, r"[^\x00-\x7F]|%")
        for domain in self.domains:
            possible = pc.or_(possible, pc.match_substring(urls, domain, ignore_case=True))
        rows = np.flatnonzero(pc.fill_null(possible, False).to_numpy(zero_copy_only=False))
        found = np.zeros(len(urls), bool)
        found[[row for row in rows.tolist() if self._is_on(urls[row].as_py())]] = True
        return pa.array(found)

    def _is_on(self, url: str) -> bool:
        return any(domain in self.domains for domain in parents(host_of(url)))


def find_wanted(root: Path, wanted: Wanted) -> dict[int, str | None]:
    """URLs by id, in the order of ids, of the kept documents that are meant. InputError without documents/ to look in.

    A tokens folder has no URLs: there, ids are taken as they are.
    """
    if not (root / "documents").is_dir():
        if wanted.urls or wanted.domains:
            raise InputError(f"{root}: no documents/ in it, so URLs and domains are unknown. Name the run, or give --ids.")
        return dict.fromkeys(sorted(wanted.ids))
    found: dict[int, str | None] = {}
    for batch in _batches(root / "documents"):
        mine = batch.filter(wanted.matching(batch))
        found |= zip(mine.column("id").to_pylist(), mine.column("url").to_pylist(), strict=True)
    return dict(sorted(found.items()))


def locate(root: Path, wanted: Wanted) -> pa.Table:
    """One row a span of tokens: id, url, shard (a name in tokens/), row, start, stop (in tokens of the row)."""
    urls = find_wanted(root, wanted)
    rows: list[dict[str, Any]] = []
    for uid, places in find_documents(root, np.array(list(urls), np.uint64)).items():
        rows += [{"id": uid, "url": urls[uid], **place._asdict()} for place in places]
    return pa.Table.from_pylist(rows, SPANS)


def read_ids(file: Path) -> list[int]:
    """Ids from a file, one a line; blank lines and `#` comments are left out. InputError names the line that is none."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read: {error}.") from None
    found = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if text and not (text.isascii() and text.isdigit() and int(text) < 1 << 64):
            raise InputError(f"{file}:{number}: {text[:40]!r} is no document's id. Write one number a line.")
        found += [int(text)] if text else []
    return found


def _batches(folder: Path) -> Iterator[pa.RecordBatch]:
    for part in sorted(folder.glob("part-*.parquet")):
        try:
            yield from pq.ParquetFile(part).iter_batches(1 << 16, columns=["id", "url"])
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{part}: cannot be read: {error}") from error
