"""The shard plan: which part of which file is shard number n. It depends on the inputs only, never on workers.

Files are taken in the order of `sources`, sorted by URI within one; a large JSONL or Parquet file is cut into pieces by its
reader's own rule. A shard's ordinal is its place in that list. Content digests and pieces are remembered in work/inputs.json
beside the file's size and times, so that a rerun of the same command neither hashes nor cuts anything twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.workspace import Workspace
from corpus_forge.io.paths import describe_all
from corpus_forge.io.source import Access, InputFile, Piece, Source

CACHE = "work/inputs.json"


@dataclass(frozen=True)
class Shard:
    """One unit of work. `limit` is the number of records to read, None for all."""

    ordinal: int
    source: int
    piece: Piece
    digest: str
    size: int
    limit: int | None = None

    def identity(self) -> dict[str, Any]:
        """What the shard's records are a function of, besides the source's parameters: content, not path."""
        piece = self.piece
        return {"digest": self.digest, "start": piece.start, "stop": piece.stop, "row": piece.first_row, "limit": self.limit}


def plan_shards(config: PipelineConfig, space: Workspace | None, access: Access, limit: int | None = None) -> list[Shard]:
    """All shards of a pipeline, in order; with `limit`, the first records of each source, `limit` in all."""
    cache = (space.read_json(CACHE) if space else None) or {"files": {}, "pieces": {}}
    shards: list[Shard] = []
    shares = _shares(limit, len(config.sources))
    for index, source in enumerate(config.sources):
        files = _inputs(source, access, cache["files"])
        cut = [(file, piece) for file in files for piece in _pieces(source, file, access, cache["pieces"])]
        shards += _limited(source, index, cut, len(shards), shares[index], access)
    if space is not None and space.tmp.is_dir():
        space.write_json(CACHE, cache)
    return shards


def _inputs(source: Source, access: Access, cache: dict[str, Any]) -> list[InputFile]:
    """The files of a source. What lies beside one is read with it, and so is part of its digest."""
    files = describe_all(source.locate(access), access, cache)
    beside = [source.beside(file.uri) for file in files]
    others = iter(describe_all([uri for uris in beside for uri in uris], access, cache))
    return [_joined(file, [next(others) for _ in uris]) if uris else file for file, uris in zip(files, beside, strict=True)]


def _joined(file: InputFile, others: Sequence[InputFile]) -> InputFile:
    digests = "\n".join(each.digest for each in (file, *others))
    return replace(file, digest="blake2b:" + hashlib.blake2b(digests.encode(), digest_size=32).hexdigest())


def _pieces(source: Source, file: InputFile, access: Access, cache: dict[str, Any]) -> list[Piece]:
    """The reader's pieces of a file, cut once for each content and parameters."""
    key = f"{file.digest} {source.identity()}"
    if key not in cache:
        cache[key] = [{**asdict(piece), "uri": ""} for piece in source.split(file, access)]
    return [Piece(**{**piece, "uri": file.uri}) for piece in cache[key]]


def _shares(limit: int | None, sources: int) -> list[int | None]:
    """The limit spread evenly over the sources, the first ones one more when it does not divide."""
    if limit is None:
        return [None] * sources
    return [limit // sources + (i < limit % sources) for i in range(sources)]


def _limited(
    source: Source, index: int, cut: Sequence[tuple[InputFile, Piece]], first: int, limit: int | None, access: Access
) -> list[Shard]:
    """Shards of one source, numbered from `first`; with a limit, only those that its records lie in."""
    shards: list[Shard] = []
    pieces = Counter(file.uri for file, _ in cut)
    left = limit
    for file, piece in cut:
        if left == 0:
            break
        take = None if left is None else _count_records(source, piece, left, access)
        shards.append(Shard(first + len(shards), index, piece, file.digest, file.size // pieces[file.uri], take))
        left = None if left is None or take is None else left - take
    return shards


def _count_records(source: Source, piece: Piece, most: int, access: Access) -> int:
    """How many records the piece has, counted no further than `most`: reading stops there."""
    records = 0
    for outcome in source.read(piece, access):
        records += outcome.batch.num_rows
        if records >= most:
            return most
    return records
