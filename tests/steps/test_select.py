"""Documents by columns that they have: intervals, lists, and no value is a reason."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.steps.select import SelectStep


def select(columns, **values):
    batch = pa.record_batch({name: pa.array(column) for name, column in values.items()})
    return SelectStep(columns=columns).start()(batch.slice(1)).removed


def test_intervals_and_lists():
    removed = select(
        {"score": [0.5, 2], "language": ["en", "de"]},
        score=[9.0, 0.5, 2.0, 2.1, None, 1.0, float("nan")],
        language=["en", "en", "de", "en", "en", "fr", "en"],
    )
    told = {row: (why.rule, why.value, why.detail) for row, why in removed.items()}
    assert told.pop(5)[0] == "select.score"
    assert told == {
        2: ("select.score", 2.1, ""),
        3: ("select.score", None, "no value"),
        4: ("select.language", None, "fr"),
    }


def test_one_bound_and_whole_numbers():
    assert list(select({"n": [3, None]}, n=[0, 2, 3, 4])) == [0]
    assert list(select({"n": [None, 3]}, n=[0, 2, 3, 4])) == [2]


def test_a_bound_is_rounded_as_the_column_is():
    batch = pa.record_batch({"x": pa.array([0.65, 0.64], pa.float32())})
    assert list(SelectStep(columns={"x": [0.65, None]}).start()(batch).removed) == [1]


def test_a_column_of_words_is_in_no_interval():
    assert list(select({"n": [0, 3]}, n=["1", "2", "3"])) == [0, 1]
    assert list(select({"n": ["2"]}, n=[1, 2, 3])) == [1]


def test_it_needs_its_columns():
    assert SelectStep(columns={"a": [0, 1], "b": ["x"]}).needs == ("a", "b")
    assert SelectStep.needs == ()


@pytest.mark.parametrize(
    ("keep", "says"),
    [
        ([], "would keep nothing"),
        ([2, 1], "lower bound comes first"),
        ([None, None], "give a bound"),
        ([float("nan"), 1], "keep"),
    ],
)
def test_what_cannot_be_meant(keep, says):
    with pytest.raises(ValidationError, match=says):
        SelectStep(columns={"a": keep})
