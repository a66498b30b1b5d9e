"""Rows of Arrow tables as outcomes: what Parquet files and saved datasets have in common.

Text stays an Arrow column; only rows that look wrong become Python objects. Fields are sought in structs by their dotted path,
the first that the schema has counts. Text is taken as bytes first, so that what is not UTF-8 can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.document import READ_FIELDS, Fault, Outcome, Removal
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.fields import Column, converted
from corpus_forge.io.records import RecordSource, text_fault
from corpus_forge.io.source import BATCH_BYTES

_TEXT_TYPES = (
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
)


def field_path(schema: pa.Schema, fields: tuple[str, ...]) -> tuple[str, ...] | None:
    """Keys to the first of the fields that a schema has: a column, then members of structs."""
    for field in fields:
        for keys in ((field,), tuple(field.split("."))):
            if _type_at(schema, keys) is not None:
                return keys
    return None


def _type_at(schema: pa.Schema, keys: tuple[str, ...]) -> pa.DataType | None:
    if schema.get_field_index(keys[0]) < 0:
        return None
    kind = schema.field(keys[0]).type
    for key in keys[1:]:
        if not pa.types.is_struct(kind) or kind.get_field_index(key) < 0:
            return None
        kind = kind.field(key).type
    return kind


class ArrowRecords:
    """How the rows of one table become outcomes of a source. `fault` says why the table as a whole cannot be used, if so."""

    def __init__(self, source: RecordSource, schema: pa.Schema) -> None:
        self.source = source
        self._text = field_path(schema, source.text_field)
        self._url = field_path(schema, source.url_field)
        self._date = field_path(schema, source.date_field)
        self._extra = [(name, column, field_path(schema, column.field)) for name, column in source.columns.items()]
        self._subset = field_path(schema, source.subset_field) if source.subset else None
        self.fault = self._schema_fault(schema)
        types = {**READ_FIELDS, "text": pa.large_string(), **source.extra_columns()}
        self._schema = pa.schema(list(types.items()))

    def columns(self) -> list[str]:
        """Columns of the table that are needed."""
        paths = (self._text, self._url, self._date, self._subset, *(path for _, _, path in self._extra))
        return sorted({path[0] for path in paths if path})

    def _schema_fault(self, schema: pa.Schema) -> Fault | None:
        if self._text is None:
            wanted = "' or '".join(self.source.text_field)
            return Fault("file:no_text", f"no column is named '{wanted}'; there are {', '.join(schema.names[:20])}")
        kind: Any = _type_at(schema, self._text)
        if not _is_text(kind.value_type if pa.types.is_dictionary(kind) else kind):
            return Fault("file:text_type", f"the column '{'.'.join(self._text)}' is of type {kind}")
        if self.source.subset and self._subset is None:
            wanted = "' or '".join(self.source.subset_field)
            return Fault("file:no_subset", f"no column is named '{wanted}', so subsets are not known")
        return None

    def outcomes(self, batch: pa.RecordBatch, first_row: int) -> Iterator[Outcome]:
        """A batch in parts of bounded size."""
        for part in _bounded(batch, _at(batch, self._text or ())):
            yield self._outcome(part, first_row)
            first_row += part.num_rows

    def _outcome(self, batch: pa.RecordBatch, first_row: int) -> Outcome:
        """What is no text leaves, the rest is known to be UTF-8."""
        strings, quarantined = _texts(_at(batch, self._text or ()).cast(pa.large_binary()))
        url, date = (_strings(_at(batch, path)) for path in (self._url, self._date))
        extra = [self._column(name, column, _at(batch, path), quarantined) for name, column, path in self._extra]
        removed = self._unwanted(batch, quarantined)
        offsets = pa.array(np.arange(first_row, first_row + batch.num_rows), pa.int64())
        lengths = pa.array(np.full(batch.num_rows, -1), pa.int64())
        made = pa.record_batch([offsets, lengths, url, date, strings, *extra], schema=self._schema)
        return Outcome(made, removed, quarantined)

    def _column(self, name: str, column: Column, values: pa.Array, quarantined: dict[int, Fault]) -> pa.Array:
        """The column in its type, by Arrow where it can; what cannot be in it is quarantined, unless its row is already."""
        kind = column.arrow_type(name)
        if _is_text(values.type) and column.type == "text":
            return _strings(values).cast(kind)
        if column.type == "number" and (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
            return values.cast(kind, safe=False)
        if column.type == "text" and pa.types.is_temporal(values.type):
            return _strings(values)
        made = [converted(name, column, value) for value in values.to_pylist()]
        for row, value in enumerate(made):
            if isinstance(value, Fault):
                quarantined.setdefault(row, value)
        return pa.array([None if isinstance(value, Fault) else value for value in made], kind)

    def _unwanted(self, batch: pa.RecordBatch, quarantined: dict[int, Fault]) -> dict[int, Removal]:
        if not self.source.subset:
            return {}
        removed: dict[int, Removal] = {}
        for row, subset in enumerate(_at(batch, self._subset).to_pylist()):
            if row not in quarantined and subset is None:
                quarantined[row] = Fault("record:no_subset", "the row does not say which subset it is of")
            elif row not in quarantined and (removal := self.source.unwanted(subset)):
                removed[row] = removal
        return removed


def one_fault(source: RecordSource, row: int, fault: Fault) -> Outcome:
    """A single quarantined row, in the schema of the source."""
    rows = BatchBuilder("text", source.extra_columns())
    rows.quarantine(row, -1, None, None, fault)
    return rows.take()


def _at(batch: pa.RecordBatch, path: tuple[str, ...] | None) -> pa.Array:
    """The values at a path, dictionaries decoded; nulls where there is no path."""
    if not path:
        return pa.nulls(batch.num_rows)
    values = batch.column(path[0])
    if path[1:]:
        values = pc.struct_field(values, list(path[1:]))
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _bounded(batch: pa.RecordBatch, text: pa.Array) -> Iterator[pa.RecordBatch]:
    """Parts of a batch, each closed by the row that passes BATCH_BYTES of text."""
    start = size = 0
    for row, length in enumerate(pc.binary_length(text.cast(pa.large_binary())).to_pylist()):
        size += length or 0
        if size >= BATCH_BYTES or row == batch.num_rows - 1:
            yield batch.slice(start, row + 1 - start)
            start, size = row + 1, 0


def _texts(text: pa.Array) -> tuple[pa.Array, dict[int, Fault]]:
    """large_string of large_binary, and what is no text of a document."""
    quarantined: dict[int, Fault] = {}
    try:
        strings = text.cast(pa.large_string())
    except pa.ArrowInvalid:
        bad = [row for row, value in enumerate(text.to_pylist()) if value is not None and not _is_utf8(value)]
        quarantined = {row: Fault("record:utf8", "the text is not UTF-8") for row in bad}
        strings = pc.if_else(pa.array(np.isin(np.arange(len(text)), bad)), None, text).cast(pa.large_string())
    blank = pc.equal(pc.utf8_ltrim_whitespace(strings), "")
    suspicious = pc.fill_null(pc.or_(blank, pc.match_substring(strings, "\0")), True)
    for row in np.flatnonzero(suspicious.to_numpy(zero_copy_only=False)).tolist():
        fault = text_fault(strings[row].as_py())
        if fault is not None:
            quarantined.setdefault(row, fault)
    return strings, quarantined


def _is_text(kind: pa.DataType) -> bool:
    return any(test(kind) for test in _TEXT_TYPES)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _strings(values: pa.Array) -> pa.Array:
    """A column as string; times in ISO 8601, to the second; null where the type has no such form."""
    try:
        if pa.types.is_timestamp(values.type):
            return pc.strftime(values.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%dT%H:%M:%SZ").cast(pa.string())
        if not _is_text(values.type):
            return values.cast(pa.string())
    except pa.ArrowNotImplementedError:
        return pa.nulls(len(values), pa.string())
    try:
        return values.cast(pa.large_binary()).cast(pa.string())
    except pa.ArrowInvalid:
        mended = [value and value.decode("utf-8", "replace") for value in values.cast(pa.large_binary()).to_pylist()]
        return pa.array(mended, pa.string())
