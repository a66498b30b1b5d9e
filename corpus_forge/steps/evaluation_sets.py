"""Evaluation sets as files: which, in what format, which fields of a record are an item, and what could not be read.

Files are read by the source formats, one pass a field, so that compression, object stores and damaged records are what they
are for documents. A record that has none of the fields is counted; a file that breaks off is refused, since whoever reads
"decontaminated" takes it that all of the set was looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, field_validator

from corpus_forge.dedup.contamination import MAX_NGRAM, ItemSet
from corpus_forge.document import Outcome
from corpus_forge.errors import InputError
from corpus_forge.io import load_formats
from corpus_forge.io.paths import describe_all, expand
from corpus_forge.io.source import Access, Piece
from corpus_forge.registry import formats
from corpus_forge.steps.listed import one_is_a_list

SUFFIXES = {".jsonl": "jsonl", ".json": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".txt": "text", ".text": "text"}
COMPRESSED = (".gz", ".zst", ".bz2", ".xz", ".lz4", ".br")
TEXT_BYTES = 1 << 30
"""Bound on the text of one set; the largest ones in use have some 100 MB."""
BROKEN = ("file:", "record:truncated", "record:damaged", "record:row_group")
"""Reasons that cost more than one record."""
_digests: dict[str, Any] = {}


class EvaluationSet(BaseModel):
    """One evaluation set: its name in reports, its files, and what of each record is looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="What reports and rules call it.")
    paths: tuple[str, ...] = Field(min_length=1, description="Files, globs and @lists; in any compression.")
    format: Literal["jsonl", "parquet", "text"] | None = Field(
        default=None, description="By default what the ending says: .jsonl, .json, .parquet, .txt; then .gz, .zst and so on."
    )
    fields: tuple[str, ...] = Field(
        default=("text",), min_length=1, description="Fields of a record that are looked for, each by itself: question, answer."
    )
    joined: bool = Field(
        default=False,
        description="Look for the fields as one text, one after the other: n-grams may cross from one to the next.",
    )
    unit: Literal["paragraph", "line", "file"] = Field(default="paragraph", description="What an item of a text file is.")
    ngram: int | None = Field(default=None, ge=1, le=MAX_NGRAM, description="Words in an n-gram; by default the step's.")
    min_overlap: float | None = Field(
        default=None, ge=0, le=1, description="Share of an item's n-grams that makes it found; by default the step's."
    )

    _one_is_a_list = field_validator("paths", "fields", mode="before")(one_is_a_list)

    def digests(self) -> list[list[str]]:
        """Name and content of each file. InputError when one is not there."""
        files = describe_all(expand(self.paths, Access()), Access(), _digests)
        return [[PurePath(file.uri).name if len(files) > 1 else "", file.digest] for file in files]

    def format_of(self, uri: str) -> str:
        """As given, or by the ending of the file's name. InputError when that says nothing."""
        path = PurePath(uri.partition("?")[0])
        path = path.with_suffix("") if path.suffix in COMPRESSED else path
        kind = self.format or SUFFIXES.get(path.suffix)
        if kind is None:
            raise InputError(f"{uri}: its name does not say what format it has. Add `format: jsonl`, parquet or text.")
        return kind


class LoadedSet(NamedTuple):
    """items: what to look for. labels: name of each item, its record's number, after the file's name where there are several.

    skipped: records that have none of the fields, by reason.
    """

    items: ItemSet
    labels: list[str]
    skipped: dict[str, int]


def load_set(given: EvaluationSet, ngram: int, min_overlap: float) -> LoadedSet:
    """Read a set. InputError for a file that is absent, broken or holds no item."""
    uris, texts, skipped = expand(given.paths, Access()), dict[tuple[int, int, int], str](), Counter[str]()
    for number, uri in enumerate(uris):
        lost: dict[int, Counter[str]] = {}
        for place, field in enumerate(given.fields):
            for row, text, reason in _records(given, uri, field):
                if text is None:
                    lost.setdefault(row, Counter())[reason] += 1
                else:
                    texts[number, row, place] = text
        for reasons in lost.values():
            if reasons.total() == len(given.fields):
                skipped[max(sorted(reasons), key=lambda name: reasons[name])] += 1
    if not texts:
        raise InputError(f"{', '.join(given.paths)}: no record has the text of an item in {_named(given)}. {_reasons(skipped)}")
    if given.joined:
        texts = _joined(texts)
    keys = sorted(texts)
    found = list(dict.fromkeys(key[:2] for key in keys))
    index = {key: n for n, key in enumerate(found)}
    labels = [f"{PurePath(uris[file]).name}:{row}" if len(uris) > 1 else str(row) for file, row in found]
    array = pa.array([texts[key] for key in keys], pa.large_string())
    item_of = np.array([index[key[:2]] for key in keys], np.int64)
    return LoadedSet(ItemSet(array, item_of, len(found), ngram, min_overlap), labels, dict(sorted(skipped.items())))


def _joined(texts: dict[tuple[int, int, int], str]) -> dict[tuple[int, int, int], str]:
    """One text an item, its fields in their order."""
    parts: dict[tuple[int, int, int], list[str]] = {}
    for key in sorted(texts):
        parts.setdefault((*key[:2], 0), []).append(texts[key])
    return {key: "\n".join(part) for key, part in parts.items()}


def _records(given: EvaluationSet, uri: str, field: str) -> Iterator[tuple[int, str | None, str]]:
    """(number of the record, its text or None, why it has none)."""
    load_formats()
    kind = given.format_of(uri)
    how = {"unit": given.unit} if kind == "text" else {"text_field": field}
    source, size = formats.get(kind)(name=given.name, paths=[uri], **how), 0
    for outcome in source.read(Piece(uri), Access()):
        _refuse_broken(outcome, uri)
        for n, (row, text) in enumerate(
            zip(outcome.batch["offset"].to_pylist(), outcome.batch["text"].to_pylist(), strict=True)
        ):
            fault = outcome.quarantined.get(n)
            yield (row, None, fault.reason) if fault else (row, text, "")
        size += outcome.batch["text"].nbytes
        if size > TEXT_BYTES:
            raise InputError(f"{uri}: more than {TEXT_BYTES >> 20} MiB of text, which is no evaluation set. Split it by name.")


def _refuse_broken(outcome: Outcome, uri: str) -> None:
    for fault in outcome.quarantined.values():
        if fault.reason.startswith(BROKEN):
            raise InputError(f"{uri}: the evaluation set cannot be read whole: {fault.detail or fault.reason}. Fetch it again.")


def _named(given: EvaluationSet) -> str:
    return f"the field{'s' if len(given.fields) > 1 else ''} {', '.join(given.fields)}"


def _reasons(skipped: Counter[str]) -> str:
    counts = ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items()))
    return f"Records: {counts or 'none'}. Name the fields that hold the items with `fields`."
