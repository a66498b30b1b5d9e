"""mixture.json: how many tokens of each part a model should read, beside the index and apart from the shards.

It is read when a model is trained. Another mixture of the same shards is another such file, by hand or by a run with another
`mix:`; JSON and YAML are taken alike:

    parts:
      web: {tokens: 600000000}
      wiki: {tokens: 200000000}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from corpus_forge.errors import InputError
from corpus_forge.tokens.index import Index

MIXTURE_FILES = ("mixture.json", "mixture.yaml", "mixture.yml")
FORMAT = "token-mixture"
VERSION = 1
LARGEST_FILE = 1 << 20


def mixture_bytes(mixture: Mapping[str, Any]) -> bytes:
    """mixture.json as written: `tokens`, `materialised`, and `parts`, rows of the table, each with `part` and `wanted`."""
    parts = {row["part"]: {"tokens": row["wanted"], **_without(row, "part", "wanted", "basis")} for row in mixture["parts"]}
    head = {"format": FORMAT, "version": VERSION, "tokens": mixture["tokens"], "materialised": mixture["materialised"]}
    return (json.dumps({**head, "parts": parts}, indent=1, ensure_ascii=False) + "\n").encode()


def find_mixture(folder: Path) -> Path | None:
    """The mixture file of a tokens folder; None when it has none, or says that the shards are mixed already."""
    found = next((folder / name for name in MIXTURE_FILES if (folder / name).is_file()), None)
    return None if found is None or _load(found).get("materialised") else found


def read_mixture(path: Path) -> dict[str, float]:
    """Tokens wanted of each part; InputError names the file and what is wrong with it."""
    parts = _load(path).get("parts")
    if not isinstance(parts, Mapping) or not parts:
        raise InputError(f"{path}: it has no `parts`, such as {{parts: {{web: {{tokens: 1000}}}}}}.")
    return {str(name): _tokens(path, str(name), part) for name, part in parts.items()}


def row_weights(wanted: Mapping[str, float], index: Index, split: str, where: str) -> dict[str, float]:
    """Weights of rows that give these tokens: rows of one part may be fuller than those of another."""
    weights = {}
    for name, tokens in wanted.items():
        own = [entry for entry in index.shards if entry.source == name and entry.split == split]
        rows, held = sum(entry.rows for entry in own), sum(entry.tokens for entry in own)
        if tokens and not held:
            there = ", ".join(sorted({entry.source for entry in index.shards if entry.split == split})) or "none"
            raise InputError(f"{where}: it wants tokens of '{name}', of which {index.folder} has none. There are {there}.")
        if held:
            weights[name] = tokens * rows / held
    return weights


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


def _load(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if len(text) > LARGEST_FILE:
        raise InputError(f"{path}: larger than {LARGEST_FILE:,} bytes; no mixture file is.")
    content = _parse(path, text)
    if not isinstance(content, dict):
        raise InputError(f"{path}: must be a mapping with `parts`; it is {type(content).__name__}.")
    if content.get("format", FORMAT) != FORMAT or content.get("version", VERSION) != VERSION:
        found = f"{content.get('format')!r} version {content.get('version')!r}"
        raise InputError(f"{path}: found {found}, expected '{FORMAT}' version {VERSION}.")
    return content


def _parse(path: Path, text: str) -> Any:
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}: no JSON: {error}") from error
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path}: no YAML: {' '.join(str(error).split())}") from error


def _tokens(path: Path, name: str, part: Any) -> float:
    tokens = part.get("tokens") if isinstance(part, Mapping) else part
    with suppress(ValueError):
        tokens = float(tokens) if isinstance(tokens, str) else tokens  # YAML reads 3e6 as text
    if isinstance(tokens, bool) or not isinstance(tokens, int | float) or not 0 <= tokens < float("inf"):
        raise InputError(f"{path}: parts.{name}.tokens is {tokens!r}; it must be a number of at least 0.")
    return float(tokens)
