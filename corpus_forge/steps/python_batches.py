"""What a function over a record batch answered, checked: the same rows, the columns it declared, their types.

The checks cost a comparison of the columns that say where a document is from, some microseconds a batch; without them a
function that drops a row or renumbers one would make ids that lead to other documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.document import PAYLOADS, Outcome, with_column
from corpus_forge.errors import RunError
from corpus_forge.steps.python_functions import FIXED, KNOWN_TYPES


def checked_answer(name: str, answer: Any, batch: pa.RecordBatch, gives: Mapping[str, pa.DataType]) -> Outcome:
    """The answer of step `name` as an Outcome with typed columns; RunError says what is wrong with it."""
    outcome = answer if isinstance(answer, Outcome) else Outcome(answer)
    if not isinstance(outcome.batch, pa.RecordBatch):
        raise RunError(f"batch step '{name}' returned {type(answer).__name__}. Return a RecordBatch or an Outcome.")
    _same_rows(name, outcome, batch)
    _all_columns(name, outcome.batch, batch, gives)
    return replace(outcome, batch=_typed(name, outcome.batch, gives))


def _same_rows(name: str, outcome: Outcome, batch: pa.RecordBatch) -> None:
    rows = outcome.batch.num_rows
    if rows != batch.num_rows:
        raise RunError(
            f"batch step '{name}' returned {rows} rows for a batch of {batch.num_rows}."
            " Return them all; to remove some, return Outcome(batch, removed={row: Removal(rule)})."
        )
    leaving = [*outcome.removed, *outcome.quarantined]
    outside = next((row for row in leaving if not 0 <= row < rows), None)
    if outside is not None:
        raise RunError(
            f"batch step '{name}' removed row {outside} of a batch of {rows}. Rows are counted from 0 in each batch."
        )
    if len(set(leaving)) != len(leaving):
        raise RunError(f"batch step '{name}' both removed and quarantined a row. A document leaves once.")


def _all_columns(name: str, after: pa.RecordBatch, before: pa.RecordBatch, gives: Mapping[str, pa.DataType]) -> None:
    missing = next((column for column in (*before.schema.names, *gives) if column not in after.schema.names), None)
    if missing:
        raise RunError(f"batch step '{name}' returned a batch without the column '{missing}'. Keep all, add what it gives.")
    fixed = (column for column in FIXED if column in before.schema.names)
    changed = next((column for column in fixed if not after[column].equals(before[column])), None)
    if changed:
        raise RunError(f"batch step '{name}' changed '{changed}', which says where a document is from. Leave it as it is.")


def _typed(name: str, batch: pa.RecordBatch, gives: Mapping[str, pa.DataType]) -> pa.RecordBatch:
    """Known columns in their types. A column of nothing but None has none of its own; other batches of the shard have one."""
    wanted = {column: kind for column, kind in KNOWN_TYPES.items() if column in batch.schema.names}
    wanted |= {column: kind for column, kind in gives.items() if pa.types.is_null(batch[column].type)}
    for column, kind in wanted.items():
        values = _cast(name, column, batch[column], kind)
        values = pc.fill_null(values, "") if column in PAYLOADS and values.null_count else values
        batch = batch if values is batch[column] else with_column(batch, column, values)
    return batch


def _cast(name: str, column: str, values: pa.Array, kind: pa.DataType) -> pa.Array:
    if values.type == kind:
        return values
    if pa.types.is_null(values.type) or _alike(values.type, kind):
        return values.cast(kind)
    raise RunError(f"batch step '{name}' made '{column}' {values.type}; it is {kind}. Cast it.")


def _alike(one: pa.DataType, other: pa.DataType) -> bool:
    """Both text, or both numbers: a cast between them is what the writer of the step would have written."""
    text, number = (
        (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary),
        (pa.types.is_integer, pa.types.is_floating),
    )
    return any(any(test(one) for test in kind) and any(test(other) for test in kind) for kind in (text, number))
