"""Texts to learn a tokenizer from, or to try one on: the beginnings of a run's parts, or of files, in the shares wanted.

Every part gives its first documents, as many bytes as its source's share asks for; nothing is drawn, so that the same corpus
gives the same sample. What lies at the end of a part is never seen: shuffle files whose order means something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus_forge import registry
from corpus_forge.errors import InputError, RequestError, nearest
from corpus_forge.io.source import Access, Piece

FORMATS = {".jsonl": "jsonl", ".json": "jsonl", ".parquet": "parquet", ".txt": "text"}
NO_LANGUAGE = "unknown"


class Part(NamedTuple):
    """A file of texts: its source, about how many bytes it holds, and its format; `run` for a part of a run."""

    path: Path
    source: str
    size: int
    format: str


def find_parts(paths: Sequence[Path]) -> list[Part]:
    """The parts of run directories, and files by their ending (.jsonl, .parquet, .txt, compressed or not)."""
    parts = [part for path in paths for part in (_parts_of_run(path) if path.is_dir() else [_file(path)])]
    if not parts:
        raise InputError(
            f"{', '.join(map(str, paths))}: no texts there. Give a run directory, or .jsonl, .parquet or .txt files."
        )
    return parts


def sample_batches(parts: Sequence[Part], most: int, weights: Mapping[str, float]) -> Iterator[tuple[Part, pa.RecordBatch]]:
    """Batches with columns text, and language where there is one; some `most` bytes in all, sources by their weights."""
    sources = sorted({part.source for part in parts})
    for name in weights:
        if name not in sources:
            raise RequestError(f"--weight {name}: no source of that name. {nearest(name, sources)}")
    sizes = {name: sum(part.size for part in parts if part.source == name) for name in sources}
    total = sum(weights.values()) if weights else sum(sizes.values())
    for part in parts:
        weight = weights.get(part.source, 0.0) if weights else sizes[part.source]
        share = most * weight / max(total, 1e-9) / max(1, sizes[part.source])
        yield from ((part, batch) for batch in _beginning(part, part.size * share))


def by_language(batches: Iterator[tuple[Part, pa.RecordBatch]]) -> dict[tuple[str, str], list[str]]:
    """Texts by source and language, sorted by name."""
    found: dict[tuple[str, str], list[str]] = {}
    for part, batch in batches:
        has = "language" in batch.schema.names
        spoken = batch.column("language").to_pylist() if has else [None] * batch.num_rows
        for text, language in zip(batch.column("text").to_pylist(), spoken, strict=True):
            found.setdefault((part.source, language or NO_LANGUAGE), []).append(text or "")
    return dict(sorted(found.items()))


def _parts_of_run(folder: Path) -> list[Part]:
    parts = []
    for path in sorted((folder / "documents").glob("part-*.parquet")):
        file = pq.ParquetFile(path)
        if file.metadata.num_rows:
            column = file.schema_arrow.get_field_index("text")
            groups = range(file.metadata.num_row_groups)
            size = sum(file.metadata.row_group(group).column(column).total_uncompressed_size for group in groups)
            source = file.read_row_group(0, columns=["source"]).column(0)[0].as_py()
            parts.append(Part(path, source, size, "run"))
    return parts


def _file(path: Path) -> Part:
    if not path.is_file():
        raise InputError(f"{path}: no such file or directory.")
    suffix = next((each for each in path.suffixes if each in FORMATS), "")
    if not suffix:
        raise RequestError(
            f"{path}: texts are read from run directories and from {', '.join(FORMATS)} files, compressed or not."
        )
    return Part(path, path.name.partition(".")[0], path.stat().st_size, FORMATS[suffix])


def _beginning(part: Part, most: float) -> Iterator[pa.RecordBatch]:
    left = most
    for batch in _batches(part):
        if left <= 0:
            return
        kept = batch.filter(pc.is_valid(batch.column("text")))
        sizes = pc.cumulative_sum(pc.binary_length(kept.column("text")).cast(pa.int64())).to_numpy()
        if len(sizes):
            yield kept.slice(0, int(sizes.searchsorted(left)) + 1)
            left -= float(sizes[-1])


def _batches(part: Part) -> Iterator[pa.RecordBatch]:
    if part.format == "run":
        file = pq.ParquetFile(part.path)
        names = [name for name in ("text", "language") if name in file.schema_arrow.names]
        yield from file.iter_batches(batch_size=256, columns=names)
        return
    source = registry.formats.get(part.format).model_validate({"name": part.source, "paths": [str(part.path)]})
    for outcome in source.read(Piece(str(part.path)), Access()):
        yield outcome.kept()
