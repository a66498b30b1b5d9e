"""What a run leaves behind so that later runs can look its documents up: `RUN/index/`, one folder for each step that dedups.

An index is the files of keys that the step wrote for itself anyway (engine/keys.py), its notes where it kept some, and who
stayed for whom; all of them hard links, so that it costs no time and, until `clean`, no space. The cost is that it holds the
keys of all documents the step saw, not only of those that stayed. That is on purpose: a new document that is like a removed
one, and not like the one that stayed for it, is in their group, and so finds it.

    RUN/index/step-2/index.json           this file's `KeyIndex`
    RUN/index/step-2/part-00000.keys      and .records, .notes, .ends, .lists: one of each a shard
    RUN/index/step-2/kept-00000           who stayed for whom

`digest` names the content by what it was computed from, as all fingerprints do; `bytes` is what the files must add up to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from corpus_forge.errors import InputError

FOLDER, DESCRIPTION = "index", "index.json"
FORMAT = 1


@dataclass(frozen=True)
class KeyIndex:
    """One index of one run."""

    folder: Path
    """Absolute, so that a worker anywhere on a shared file system finds it."""
    name: str
    """What reports call the run: the last part of its path."""
    step: str
    """Label of the step."""
    keys: Mapping[str, Any]
    """What decides the keys: only steps with the same may look them up."""
    notes: tuple[tuple[Any, ...], ...]
    """Fields of a note: (name, type, shape); none where the step kept no notes."""
    lists: bool
    buckets: int
    shards: int
    missing: tuple[int, ...]
    """Shards that failed."""
    joined: bool
    """Whether kept-00000 has the members of all groups; else kept-NNNNN what left, bucket by bucket."""
    names: tuple[str, ...]
    """Earlier runs, some of whose documents stayed for some of these."""
    documents: int
    rows: int
    bytes: int
    digest: str

    def part(self, shard: int, name: str) -> Path:
        """The file `name` of a shard."""
        return self.folder / f"part-{shard:05d}.{name}"

    def kept(self) -> list[Path]:
        """Who stayed for whom: one file, or one a bucket."""
        return [self.folder / f"kept-{number:05d}" for number in range(1 if self.joined else self.buckets)]

    def there(self) -> int:
        """Bytes of the files that are there."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.name != DESCRIPTION)

    def as_json(self) -> dict[str, Any]:
        """What index.json holds: all but where it lies and what the run is called there."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"format": FORMAT} | {key: value for key, value in values.items() if key not in ("folder", "name")}


def find_indexes(run: str | Path) -> list[KeyIndex]:
    """All indexes of a run directory, in the order of its steps; InputError when it is none, or has none that can be read."""
    root = Path(run).absolute()
    if not (root / "run.json").is_file():
        raise InputError(f"{run}: not a run directory (no run.json). Name the directory that `run -o` wrote.")
    folders = sorted((root / FOLDER).glob("step-*"), key=lambda each: (len(each.name), each.name))
    if not folders:
        raise InputError(
            f"{run}: it has no index of documents. Run it to the end with a dedup of exact, url or minhash; `clean` leaves it."
        )
    return [read_index(folder, root.name) for folder in folders]


def read_index(folder: Path, name: str) -> KeyIndex:
    """The index in a folder of a run of this name."""
    path = folder / DESCRIPTION
    try:
        given = json.loads(path.read_bytes())
        if given.pop("format") != FORMAT:
            raise InputError(f"{path}: an index of another version of corpus-forge. Run that run again with this one.")
        for key in ("missing", "names"):
            given[key] = tuple(given[key])
        given["notes"] = tuple(tuple(each) for each in given["notes"])
        return KeyIndex(folder, name, **given)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: no index can be read there ({error}). Run that run again.") from error
