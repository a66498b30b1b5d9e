"""Where the values of a record lie, and what they become as a column.

A field is a key, or a path of keys joined by dots: `meta.url`. Several are tried in turn, and the first that has a value
counts, since parts of one corpus seldom agree. A column is text, a number or an integer; what is of another kind is a fault of
the record. A key that itself has a dot is found first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from corpus_forge.document import PAYLOADS, READ_FIELDS, Fault

RESERVED = frozenset({"id", "record", "source", "origin", *READ_FIELDS, *PAYLOADS})
"""Columns that every document has already."""
_KINDS = {"text": pa.string(), "number": pa.float64(), "integer": pa.int64()}
_KNOWN = {"language": pa.string(), "language_score": pa.float32()}
"""Columns that a step makes too have its types, so that documents of all sources fit one table."""


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Fields = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
"""Fields in the order in which they are tried; a single one may stand alone."""


class Column(BaseModel):
    """Another column of a source: where its value is, and what it is. A bare field stands for text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Fields
    type: Literal["text", "number", "integer"] = "text"

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {"field": value} if isinstance(value, str | list | tuple) else value

    def arrow_type(self, name: str) -> pa.DataType:
        """Its type in a batch."""
        return _KNOWN.get(name, _KINDS[self.type])


def arrow_types(columns: Mapping[str, Column]) -> dict[str, pa.DataType]:
    """Names and types, in the order given."""
    return {name: column.arrow_type(name) for name, column in columns.items()}


def find(record: Mapping[str, Any], fields: tuple[str, ...]) -> Any:
    """The first value that is there; None when there is none."""
    for field in fields:
        value = record[field] if field in record else _walk(record, field)
        if value is not None:
            return value
    return None


def _walk(value: Any, field: str) -> Any:
    if "." not in field:
        return None
    for key in field.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def converted(name: str, column: Column, value: Any) -> Any:
    """The value as the column's type, or a Fault; a missing one stays None."""
    if value is None:
        return None
    if column.type == "text":
        return as_text(value)
    number = as_number(value)
    whole = number is not None and column.type == "integer"
    if number is None or (whole and not (float(number).is_integer() and abs(number) < 1 << 63)):
        what = "a whole number" if column.type == "integer" else "a number"
        return Fault("record:column_type", f"the field of column '{name}' is {json.dumps(value, default=str)[:60]}, not {what}")
    return int(number) if whole else float(number)


def as_text(value: Any) -> str:
    """Text as it is; anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def as_number(value: Any) -> int | float | None:
    """A number as it is, spans `[[start, end, value], …]` as the mean of their values; None for what is neither.

    Spans are how RedPajama v2 and dolma write signals: one for a document, or one for each line. A span without a value does
    not count; where none has one the mean is NaN.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if isinstance(value, float) or abs(value) < 1 << 1000 else None
    if not isinstance(value, list) or not all(isinstance(span, list) and len(span) == 3 for span in value):
        return None
    numbers = [span[2] for span in value if span[2] is not None]
    if not all(isinstance(number, int | float) for number in numbers):
        return None
    return sum(numbers) / len(numbers) if numbers else float("nan")
