"""Block lists by category in the layout of UT1: a folder with `adult/domains`, `adult/urls`, `malware/domains` and so on.

The lists of Université Toulouse Capitole (https://dsi.ut-capitole.fr/blacklists/, CC BY-SA 4.0) are in this form, as are those
of squidGuard, whose meaning is taken over: a domain blocks itself and all below it, an address all that begins with it, cut at
`/` or `?`; scheme, port, user and a leading `www.` do not count. Entries are kept as 64 bits of their BLAKE2b, so that the 4.6
million domains of `adult` take 37 MB and not 500; one of 10¹² addresses is taken for another. Reading them takes 2 µs an entry,
once a process.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.dedup.exact import text_keys
from corpus_forge.document import Removal
from corpus_forge.errors import InputError, nearest
from corpus_forge.steps.url_lists import host_of, list_content, parents

CATEGORY = re.compile(r"[A-Za-z0-9_-]{1,40}")
FILES = ("domains", "urls")
SEGMENTS = 32
"""So many parts of a path are compared with lists of addresses."""
_CHUNK = 1 << 17
_PLAIN = r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$"
_PATH = re.compile(r"^(?:[a-z][a-z0-9+.-]{0,30}:)?(?:[/\\]{2,})?[^/\\?#]*([^#]*)", re.IGNORECASE)


class Category(NamedTuple):
    """One category. domains, urls: uint64[n], sorted, hashes of its entries; sha256 of both files."""

    name: str
    domains: np.ndarray
    urls: np.ndarray
    sha256: str


def load_categories(folder: str, names: tuple[str, ...]) -> list[Category]:
    """The categories in the order given. InputError for an absent folder, category or file, with what there is."""
    if not Path(folder).is_dir():
        raise InputError(f"no such folder: '{folder}'. Give the one with a folder for each category in it, unpacked.")
    known = sorted(path.name for path in Path(folder).iterdir() if any((path / file).is_file() for file in FILES))
    for name in names:
        if name not in known:
            raise InputError(f"{folder} has no category '{name}'. {nearest(name, known)} It has {', '.join(known) or 'none'}.")
    return [_load(Path(folder) / name) for name in names]


def blocked(urls: list[str | None], categories: list[Category]) -> dict[int, Removal]:
    """By row, the first category that has its host or address, and which entry that is."""
    by_host = [(row, host) for row, url in enumerate(urls) for host in parents(host_of(url or ""))]
    by_address = [(row, address) for row, url in enumerate(urls) for address in addresses(url or "")]
    keys = {"domains": _keys([host for _, host in by_host]), "urls": _keys([address for _, address in by_address])}
    found: dict[int, Removal] = {}
    for category in categories:
        for file, places in (("domains", by_host), ("urls", by_address)):
            for hit in np.flatnonzero(_holds(getattr(category, file), keys[file])).tolist():
                row, entry = places[hit]
                found.setdefault(row, Removal(f"url_filter.category.{category.name}", detail=entry))
    return found


def addresses(url: str) -> Iterator[str]:
    """What an address may begin with: `http://www.x.org/a/b?c` → `x.org`, `x.org/a`, `x.org/a/b`, `x.org/a/b?c`."""
    host = host_of(url).removeprefix("www.")
    match = _PATH.match(url.strip())
    path, _, query = (match[1] if match else "").lower().replace("\\", "/").partition("?")
    if not host:
        return
    yield host
    parts = [part for part in path.split("/") if part][:SEGMENTS]
    for stop in range(1, len(parts) + 1):
        yield "/".join((host, *parts[:stop]))
    if query:
        yield "/".join((host, *parts)) + "?" + query


def _load(folder: Path) -> Category:
    """Files of one category; parsed once a process and content."""
    contents = {file: list_content(str(folder / file)) if (folder / file).is_file() else b"" for file in FILES}
    sha256 = hashlib.sha256("".join(hashlib.sha256(content).hexdigest() for content in contents.values()).encode()).hexdigest()
    if sha256 not in _parsed:
        _parsed[sha256] = (_hashed(contents["domains"], _domains), _hashed(contents["urls"], _addresses))
    return Category(folder.name, *_parsed[sha256], sha256)


_parsed: dict[str, tuple[np.ndarray, np.ndarray]] = {}


def _hashed(content: bytes, normal: Callable[[pa.Array], list[str]]) -> np.ndarray:
    """Hashes of the entries, sorted; bytes that are no UTF-8 make an entry that matches nothing."""
    text = pa.array([content.decode("utf-8", "replace")], pa.large_string())
    lines = pc.split_pattern(text, "\n").flatten()
    keys = [_keys(normal(lines.slice(start, _CHUNK))) for start in range(0, len(lines), _CHUNK)]
    return np.unique(np.concatenate(keys)) if keys else np.empty(0, np.uint64)


def _entries(lines: pa.Array) -> pa.Array:
    entries = pc.ascii_lower(pc.utf8_trim_whitespace(lines))
    return entries.filter(pc.invert(pc.match_substring_regex(entries, "^(?:#|$)")))


def _domains(lines: pa.Array) -> list[str]:
    entries = pc.ascii_ltrim(_entries(lines), "*.")
    plain = pc.match_substring_regex(entries, _PLAIN)
    odd = [host_of(entry) for entry in entries.filter(pc.invert(plain)).to_pylist()]
    return [*entries.filter(plain).to_pylist(), *filter(None, odd)]


def _addresses(lines: pa.Array) -> list[str]:
    """The longest form of each, in which an address is compared."""
    forms = [list(addresses(entry)) for entry in _entries(lines).to_pylist()]
    return [form[-1] for form in forms if form]


def _keys(entries: list[str]) -> np.ndarray:
    return text_keys(pa.array(entries, pa.large_string()))[0]


def _holds(entries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """bool[n]: which keys are among the entries."""
    if not len(entries) or not len(keys):
        return np.zeros(len(keys), bool)
    return entries[np.minimum(np.searchsorted(entries, keys), len(entries) - 1)] == keys
