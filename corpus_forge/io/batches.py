"""Rows that a reader has found, gathered into the batches that the rest of the program works on.

Every reader makes its outcomes here, so that they all have one schema: offset, length, url, date, one payload column, and what
the source names besides.
Rows wait in plain Python lists, which costs about a microsecond each; parsing what they come from costs far more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from corpus_forge.document import PAYLOADS, READ_FIELDS, Fault, Outcome, Removal
from corpus_forge.io.source import BATCH_BYTES, BATCH_ROWS

Text = str | bytes | None
"""A decoded string, or bytes that the reader knows to be UTF-8, or nothing."""


class BatchBuilder:
    r"""Collects rows in file order; `take` answers with what has come since the last time.

        rows = BatchBuilder("text")
        for …:
            rows.add(offset, length, url, date, text)
            if rows.full:
                yield rows.take()
        yield from rows.rest()

    Lone surrogates (JSON's "\ud800") are no UTF-8: they become U+FFFD, counted in `cleaned["surrogate"]` by row.
    """

    def __init__(self, payload: str, extra: Mapping[str, pa.DataType] | None = None) -> None:
        if payload not in PAYLOADS:
            raise ValueError(f"payload '{payload}' is none of {PAYLOADS}")
        self._extra = extra or {}
        self.schema = pa.schema([*READ_FIELDS.items(), (payload, pa.large_string()), *self._extra.items()])
        self._reset()

    def _reset(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._bytes = 0
        self._removed: dict[int, Removal] = {}
        self._quarantined: dict[int, Fault] = {}
        self._skipped: Counter[str] = Counter()
        self._cleaned: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        """True when the batch should be taken: 64 rows, or 16 Mi of payload (bytes, or characters of a str)."""
        return len(self._rows) >= BATCH_ROWS or self._bytes >= BATCH_BYTES

    @property
    def empty(self) -> bool:
        """True when there is nothing to say: no row, and nothing skipped."""
        return not self._rows and not self._skipped

    def add(self, offset: int, length: int, url: Text, date: Text, payload: Text, *extra: object) -> None:
        """A document; `extra` has a value for each further column, or none at all."""
        self._rows.append((offset, length, url, date, payload, *(extra or (None,) * len(self._extra))))
        if payload is not None:
            self._bytes += len(payload)

    def remove(self, offset: int, length: int, url: Text, date: Text, removal: Removal, payload: Text = None) -> None:
        """A document that a rule of the reader takes out, such as `read.status`."""
        self._removed[len(self._rows)] = removal
        self.add(offset, length, url, date, payload)

    def quarantine(self, offset: int, length: int, url: Text, date: Text, fault: Fault, payload: Text = None) -> None:
        """A record that cannot be handled."""
        self._quarantined[len(self._rows)] = fault
        self.add(offset, length, url, date, payload)

    def skip(self, kind: str) -> None:
        """A record that is no document, such as `request`."""
        self._skipped[kind] += 1

    def clean(self, kind: str, count: int = 1) -> None:
        """Something that was repaired in a row that stays."""
        self._cleaned[kind] += count

    def take(self) -> Outcome:
        """The rows since the last take, which may be none, as one batch."""
        batch = self._batch()
        outcome = Outcome(batch, self._removed, self._quarantined, dict(self._skipped), dict(self._cleaned))
        self._reset()
        return outcome

    def rest(self) -> Iterator[Outcome]:
        """What is left, unless there is nothing to say."""
        if not self.empty:
            yield self.take()

    def _batch(self) -> pa.RecordBatch:
        columns = list(zip(*self._rows, strict=True)) if self._rows else [()] * len(self.schema)
        try:
            arrays = [_array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]
        except UnicodeEncodeError:
            self._rows = [self._mended(row) for row in self._rows]
            return self._batch()
        return pa.record_batch(arrays, schema=self.schema)

    def _mended(self, row: tuple[Any, ...]) -> Any:
        mended = tuple(_without_surrogates(value) if isinstance(value, str) else value for value in row)
        if mended != row:
            self._cleaned["surrogate"] += 1
        return mended


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The column. Payloads are not validated once more: strings are UTF-8 once encoded, bytes by the reader's word."""
    if not pa.types.is_large_string(kind):
        return pa.array(values, kind)
    payload = [value.encode() if isinstance(value, str) else value for value in values]
    return pa.array(payload, pa.large_binary()).view(kind)


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
