"""index.json: which shards make up the tokens of a run, and what is in them.

The index, never a listing of the folder, says which shards exist. A shard's name in it is a plain file name beside the index,
so that a copied or downloaded folder cannot make a reader open anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from corpus_forge.errors import InputError

INDEX_FILE = "index.json"
FORMAT = "packed-tokens-index"
VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_COUNTS = ("rows", "tokens", "docs", "bytes")


@dataclass(frozen=True)
class ShardEntry:
    """One shard in the index: its file name, what is in it (see schema.ShardCounts) and the sha256 of the file."""

    path: str
    source: str
    split: str
    rows: int
    tokens: int
    docs: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Index:
    """A checked index.json. `fields` is all of it, for what is not named here."""

    folder: Path
    seq_len: int
    vocab_size: int
    shards: tuple[ShardEntry, ...]
    fields: dict[str, Any]


def build_index(
    shards: Sequence[ShardEntry],
    *,
    seq_len: int,
    vocab_size: int,
    tokenizer_sha256: str,
    run: str,
    fingerprint: str,
    statistics: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The content of index.json. Shards keep their order: it is the order of rows; sources and splits are totals.

    `statistics` of documents by source and language are kept as they are.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": run,
        "fingerprint": fingerprint,
        "seq_len": seq_len,
        "vocab_size": vocab_size,
        "tokenizer": {"file": "tokenizer.json", "sha256": tokenizer_sha256},
        "sources": totals(shards, "source"),
        "splits": totals(shards, "split"),
        "statistics": dict(statistics or {}),
        "shards": [asdict(entry) for entry in shards],
    }


def totals(shards: Sequence[ShardEntry], by: str) -> dict[str, dict[str, int]]:
    """Shards, rows, tokens, docs and bytes by `source` or `split`, sorted by name."""
    found: dict[str, dict[str, int]] = {}
    for name in sorted({getattr(entry, by) for entry in shards}):
        own = [entry for entry in shards if getattr(entry, by) == name]
        found[name] = {"shards": len(own), **{count: sum(getattr(entry, count) for entry in own) for count in _COUNTS}}
    return found


def index_bytes(index: dict[str, Any]) -> bytes:
    """index.json as written: keys in a fixed order, one shard a line would not help people, so indented."""
    return (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()


def find_folder(path: str | Path) -> Path:
    """The folder that holds index.json: `path` itself or, given a run directory, its tokens/. InputError when neither does."""
    path = Path(path)
    for folder in (path, path / "tokens"):
        if (folder / INDEX_FILE).is_file():
            return folder
    what = "no such folder" if not path.exists() else f"neither {INDEX_FILE} nor tokens/{INDEX_FILE} is in it"
    raise InputError(f"{path}: {what}. Give a run directory whose pipeline has `tokenize`, or its tokens/.")


def read_index(path: str | Path) -> Index:
    """The index of a run or a tokens folder; InputError names the file and what is wrong with it."""
    folder = find_folder(path)
    where = folder / INDEX_FILE
    try:
        content = json.loads(where.read_bytes())
        return _parse(content, folder)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{where}: damaged index: {type(error).__name__}: {error}") from error


def _parse(content: Any, folder: Path) -> Index:
    if content["format"] != FORMAT or content["version"] != VERSION:
        found = f"{content['format']!r} version {content['version']!r}"
        raise ValueError(f"found {found}, expected '{FORMAT}' version {VERSION}")
    shards = tuple(_entry(item) for item in content["shards"])
    return Index(folder, int(content["seq_len"]), int(content["vocab_size"]), shards, content)


def _entry(item: dict[str, Any]) -> ShardEntry:
    entry = ShardEntry(**{f.name: item[f.name] for f in fields(ShardEntry)})
    if not isinstance(entry.path, str) or not _NAME.fullmatch(entry.path):
        raise ValueError(f"shard path {entry.path!r} is not a plain file name")
    for count in _COUNTS:
        value = getattr(entry, count)
        if not isinstance(value, int) or value < 0:
            raise ValueError(f"shard {entry.path}: {count} is {value!r}")
    return entry
