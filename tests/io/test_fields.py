"""Fields of records become columns: by path, by the first that is there, in one type."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.document import Fault
from corpus_forge.io.fields import Column, arrow_types, as_number, converted, find


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        (("a",), 1),
        (("meta.b",), 2),
        (("meta.c.d",), 3),
        (("x.y",), 4),
        (("none", "meta.none", "a"), 1),
        (("null", "a"), 1),
        (("a.b",), None),
        (("meta.c.d.e",), None),
        ((), None),
    ],
)
def test_the_first_field_with_a_value_counts(fields, value):
    record = {"a": 1, "meta": {"b": 2, "c": {"d": 3}}, "x.y": 4, "x": {"y": 5}, "null": None}
    assert find(record, fields) == value


def test_a_bare_field_stands_for_text():
    assert Column.model_validate("a.b") == Column(field=("a.b",), type="text")
    assert Column.model_validate(["a", "b"]).field == ("a", "b")
    with pytest.raises(ValidationError):
        Column.model_validate({"field": "a", "type": "date"})


def test_columns_that_a_step_makes_too_have_its_types():
    types = arrow_types({"language_score": Column(field="s", type="number"), "score": Column(field="s", type="number")})
    assert types == {"language_score": pa.float32(), "score": pa.float64()}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "a", "a"),
        ("text", 3, "3"),
        ("text", {"ä": [1]}, '{"ä": [1]}'),
        ("number", 3, 3.0),
        ("number", 2.5, 2.5),
        ("number", [[0, 9, 4]], 4.0),
        ("number", [[0, 3, 1], [3, 9, 0], [9, 12, None]], 0.5),
        ("integer", 7.0, 7),
        ("integer", 2**62, 2**62),
        ("number", None, None),
    ],
)
def test_values_in_their_type(kind, value, expected):
    assert converted("c", Column(field="f", type=kind), value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("number", value) for value in ("3", True, {"a": 1}, [1, 2], [[0, 1, "x"]], 10**400)),
        *(("integer", value) for value in (2.5, 2**63, float("nan"), float("inf"), "7")),
    ],
)
def test_a_value_of_another_kind_is_a_fault_that_names_it(kind, value):
    fault = converted("score", Column(field="f", type=kind), value)
    assert isinstance(fault, Fault)
    assert fault.reason == "record:column_type"
    assert "'score'" in fault.detail


def test_spans_without_a_number_have_no_mean():
    assert math.isnan(as_number([]))
    assert math.isnan(as_number([[0, 4, None]]))
