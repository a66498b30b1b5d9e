"""What a batch step answers is checked: these documents, all of them, with the columns and types that others rely on."""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpus_forge.document import Fault, Outcome, Removal, with_column
from corpus_forge.errors import RunError
from corpus_forge.steps.python_batches import checked_answer


def documents(rows: int = 2) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "record": pa.array(range(rows), pa.uint32()),
            "source": pa.array(["a"] * rows, pa.string()),
            "text": pa.array(["x"] * rows, pa.large_string()),
        }
    )


def checked(answer: object, rows: int = 2) -> Outcome:
    return checked_answer("odd", answer, documents(rows), {})


@pytest.mark.parametrize("row", [2, 9999, -1])
def test_a_row_that_is_not_there_cannot_be_removed(row):
    with pytest.raises(RunError, match=f"'odd' removed row {row} of a batch of 2"):
        checked(Outcome(documents(), removed={row: Removal("odd")}))


def test_a_row_leaves_once():
    with pytest.raises(RunError, match="both removed and quarantined"):
        checked(Outcome(documents(), removed={0: Removal("odd")}, quarantined={0: Fault("exception:Odd")}))


def test_ids_cannot_be_rewritten():
    renumbered = with_column(documents(), "record", pa.array([1, 1], pa.uint32()))
    with pytest.raises(RunError, match="changed 'record'"):
        checked(renumbered)


def test_text_stays_text():
    with pytest.raises(RunError, match="made 'text' int64; it is large_string"):
        checked(with_column(documents(), "text", pa.array([1, 2])))


@pytest.mark.parametrize(("values", "rows"), [(["hi", None], 2), ([], 0)])
def test_plain_strings_and_nulls_become_what_the_next_step_expects(values, rows):
    made = checked(with_column(documents(rows), "text", pa.array(values)), rows).batch["text"]
    assert made.type == pa.large_string()
    assert made.to_pylist() == [value or "" for value in values]
