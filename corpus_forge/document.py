"""What flows through a pipeline: batches of documents, and what is said of each.

A batch is a `pyarrow.RecordBatch`, one row a document. A reader or a step answers with an `Outcome`: the batch, and for
each row that leaves, why: *removed* by a rule, or *quarantined* because it could not be handled. So

    records in = kept + removed + quarantined

holds by construction for a batch, and is checked again at every commit.

Columns on the way (`text` replaces `html` once a page is extracted):

| column | type | meaning |
|---|---|---|
| record | uint32 | index of the record in its shard, counting records that were later removed |
| offset, length | int64 | where the record lies: byte range in a WARC or ARC; elsewhere the row, and -1 |
| url, date | string | as the source gives them; null where it has none |
| source | string | name of the source in the pipeline file |
| html | large_string | a decoded page, until `extract` |
| text | large_string | the document |
| language, language_score | string, float32 | after the step `language` |
| any other | number, string | a signal, or a column that the source maps (`Source.extra_columns`) |

The ordinal of the shard is joined only when a document is read back, so that adding an input renumbers documents
without running anything again; the cost is that an intermediate file alone does not know its ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

READ_FIELDS = {
    "offset": pa.int64(),
    "length": pa.int64(),
    "url": pa.string(),
    "date": pa.string(),
}
PAYLOADS = ("html", "text")

FAILING = pa.struct([("rule", pa.string()), ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64())])
REMOVED_SCHEMA = pa.schema(
    [
        ("id", pa.uint64()),
        ("url", pa.string()),
        ("source", pa.string()),
        ("origin", pa.string()),
        ("step", pa.string()),
        ("rule", pa.string()),
        ("value", pa.float64()),
        ("detail", pa.string()),
        ("measured", pa.string()),
        ("failing", pa.list_(FAILING)),
        ("text", pa.large_string()),
    ]
)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("id", pa.uint64()),
        ("url", pa.string()),
        ("source", pa.string()),
        ("origin", pa.string()),
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("digest", pa.string()),
    ]
)


class Failing(NamedTuple):
    """A rule that a document fails on, the number it looked at, and the bounds it keeps; None is no bound."""

    rule: str
    value: float
    low: float | None
    high: float | None


class Removal(NamedTuple):
    """Why a rule removed a document. `value` is the number it looked at, `detail` what it keeps, or words for no number."""

    rule: str
    value: float | None = None
    detail: str = ""


class Seen(NamedTuple):
    """What a rule looked at: how many documents (or lines), how many of them failed, and the lowest and the highest value."""

    judged: int = 0
    failed: int = 0
    lowest: float | None = None
    highest: float | None = None

    def joined(self, other: Seen) -> Seen:
        """Both together; the order does not matter."""
        lowest = [value for value in (self.lowest, other.lowest) if value is not None]
        highest = [value for value in (self.highest, other.highest) if value is not None]
        counts = self.judged + other.judged, self.failed + other.failed
        return Seen(*counts, min(lowest, default=None), max(highest, default=None))


class Fault(NamedTuple):
    """Why a record is in quarantine.

    `reason` is one of a small vocabulary that reports count by: `file:…` (a whole file is unreadable), `record:…` (a damaged
    record), `limit:…` (a declared bound was passed), `crash:SIGSEGV`, `exit:N`, `timeout`, `oom`, `exception:Type`.
    `detail` is a sentence for people; `digest` the sha256 of the bytes, filled in from the payload when empty.
    """

    reason: str
    detail: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a reader or a step says of a batch: all its rows, in order, and by row index who leaves and why.

    `batch` has every row that came in, leaving ones too (their new columns may hold anything).
    `skipped` counts what is no document at all, by type (`request`, `warcinfo`, …); only readers use it.
    `cleaned` counts what a step did to rows it kept (`email`: 12 addresses replaced).
    `found` counts what a step recognised, by names that its own part of the report explains (`gsm8k:13`: one document).
    `seen` says what each rule of the step looked at, whether it failed or not; `failing` all rules that a removed row fails on,
    where a step keeps such a ledger.
    """

    batch: pa.RecordBatch
    removed: Mapping[int, Removal] = field(default_factory=dict)
    quarantined: Mapping[int, Fault] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    cleaned: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    failing: Mapping[int, tuple[Failing, ...]] = field(default_factory=dict)

    def keep_mask(self) -> np.ndarray:
        """bool[n]: True for the rows that stay."""
        mask = np.ones(self.batch.num_rows, bool)
        leaving = [*self.removed, *self.quarantined]
        if len(set(leaving)) != len(leaving):
            raise ValueError("a row is both removed and quarantined")
        mask[leaving] = False
        return mask

    def kept(self) -> pa.RecordBatch:
        """The rows that stay, in order; the batch itself when all do."""
        if not self.removed and not self.quarantined:
            return self.batch
        return self.batch.filter(pa.array(self.keep_mask()))


def with_column(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    """The batch with column `name` replaced, or added at the end."""
    index = batch.schema.get_field_index(name)
    if index < 0:
        return batch.append_column(name, values)
    return batch.set_column(index, name, values)


def document_id(ordinal: int, record: int) -> int:
    """uint64 id of a document: shard ordinal in the high, record index in the low 32 bits."""
    return (ordinal << 32) | record


def document_ids(ordinal: int, records: np.ndarray) -> np.ndarray:
    """uint64[n] ids of the records (uint32[n]) of one shard."""
    return (np.uint64(ordinal) << np.uint64(32)) | records.astype(np.uint64)


def origin(uri: str, offset: int, length: int) -> str:
    """`uri#offset+length` for a byte range, `uri#row` when length is negative; what is no UTF-8 in a file name, escaped."""
    uri = uri.encode("utf-8", "backslashreplace").decode()
    return f"{uri}#{offset}+{length}" if length >= 0 else f"{uri}#{offset}"
