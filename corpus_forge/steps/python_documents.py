"""A function over one document, applied to a batch: what each answer means, and the columns that come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpus_forge.document import PAYLOADS, Fault, Outcome, Removal, with_column
from corpus_forge.errors import RunError
from corpus_forge.steps.python_functions import FIXED

DETAIL_CHARACTERS = 500


@dataclass
class _Answers:
    """What the function said of each row so far."""

    removed: dict[int, Removal] = field(default_factory=dict)
    quarantined: dict[int, Fault] = field(default_factory=dict)
    changes: dict[str, dict[int, Any]] = field(default_factory=dict)
    """By column and row, new values."""


def apply_to_documents(
    name: str, function: Callable[[dict[str, Any]], Any], batch: pa.RecordBatch, gives: Mapping[str, pa.DataType]
) -> Outcome:
    """The batch with what the function changed. `gives` are the columns that are there afterwards, null where not given.

    RunError for an answer that no document can have: another type, a column that is not declared.
    """
    answers = _Answers()
    for row, document in enumerate(batch.to_pylist()):
        try:
            answer = function(dict(document))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, this document caused it and the others go on
            answers.quarantined[row] = _fault(error)
        else:
            _record(name, answers, row, document, answer)
    types = _column_types(name, answers, batch.schema, gives)
    for column, kind in types.items():
        batch = with_column(batch, column, _column(batch, column, kind, answers))
    return Outcome(batch, answers.removed, dict(sorted(answers.quarantined.items())))


def _record(name: str, answers: _Answers, row: int, document: Mapping[str, Any], answer: Any) -> None:
    if answer is None or answer is True:
        return
    if answer is False:
        answers.removed[row] = Removal(name)
    elif isinstance(answer, str):
        answers.removed[row] = Removal(name, detail=answer)
    elif isinstance(answer, Removal):
        answers.removed[row] = _sound(name, answer)
    elif isinstance(answer, Mapping):
        for column, value in answer.items():
            if column not in document or (value is not document[column] and value != document[column]):
                answers.changes.setdefault(column, {})[row] = value
    else:
        raise RunError(
            f"document step '{name}' returned {type(answer).__name__}. Return None or True to keep the document,"
            " False, a reason or a Removal to remove it, or a dict of columns."
        )


def _sound(name: str, removal: Removal) -> Removal:
    number = removal.value is None or isinstance(removal.value, (int, float))
    if not (removal.rule and isinstance(removal.rule, str) and number and isinstance(removal.detail, str)):
        raise RunError(
            f"document step '{name}' returned {removal}. A Removal is (rule: str, value: float | None, detail: str)."
        )
    return removal


def _column_types(name: str, answers: _Answers, schema: pa.Schema, gives: Mapping[str, pa.DataType]) -> dict[str, pa.DataType]:
    """Of every column that is declared or was changed; RunError for one that may not be written or is not declared."""
    types = dict(gives)
    for column in answers.changes:
        if column in FIXED:
            raise RunError(f"document step '{name}' changed '{column}', which says where a document is from. Leave it out.")
        if column not in types and column not in schema.names:
            raise RunError(
                f"document step '{name}' returned the column '{column}'. Declare it: document_step(…, gives=('{column}',))."
            )
        types.setdefault(column, schema.field(column).type if column in schema.names else None)
    return types


def _column(batch: pa.RecordBatch, column: str, kind: pa.DataType, answers: _Answers) -> pa.Array:
    """The column with the new values; a value that its type cannot hold quarantines the row."""
    values = batch[column].to_pylist() if column in batch.schema.names else [None] * batch.num_rows
    for row, value in answers.changes.get(column, {}).items():
        try:
            if value is None and column in PAYLOADS:
                raise TypeError("None is no text. Return False to remove a document")
            values[row] = pa.scalar(_number(value, kind), kind).as_py()
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
            answers.quarantined[row] = _fault(error, f"column '{column}' of type {kind}: ")
    return pa.array(values, kind)


def _number(value: Any, kind: pa.DataType) -> Any:
    """True and False as 1 and 0 where the column holds numbers."""
    return int(value) if isinstance(value, bool) and not pa.types.is_boolean(kind) else value


def _fault(error: BaseException, where: str = "") -> Fault:
    return Fault(f"exception:{type(error).__name__}", (where + str(error))[:DETAIL_CHARACTERS])
