"""Numbers with units mean one exact integer, or are refused."""

from __future__ import annotations

import contextlib
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from corpus_forge.units import ByteSize, Count, format_size, parse_count, parse_size


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10B", 10**10),
        ("1.5M", 1_500_000),
        ("1.1M", 1_100_000),
        ("64k", 64_000),
        ("2T", 2 * 10**12),
        ("7", 7),
        (7, 7),
        ("64_000", 64_000),
        (1e9, 10**9),
        (" 3 K ", 3000),
        (0, 0),
    ],
)
def test_counts(text: object, value: int) -> None:
    assert parse_count(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("256MB", 256 * 10**6),
        ("64MiB", 64 << 20),
        ("1G", 10**9),
        ("1.5GiB", 3 << 29),
        ("10B", 10),
        ("2kb", 2000),
        ("1TiB", 1 << 40),
    ],
)
def test_sizes(text: str, value: int) -> None:
    assert parse_size(text) == value


@pytest.mark.parametrize(
    "junk", ["", "-5", "ten", "1.5", "1.0001K", "5Q", "5KBB", "1e400", "9" * 40, "1 2", "٣", None, True, [1], -1, 0.5]
)
def test_junk_is_refused_in_words(junk: object) -> None:
    with pytest.raises(ValueError, match=r"^must be a count such as 500, 64K, 1\.5M or 10B"):
        parse_count(junk)
    with pytest.raises(ValueError, match=r"^must be a size such as 1024, 256MB, 64MiB or 1G"):
        parse_size(junk)


def test_infinity_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a count"):
        parse_count(float("inf"))


def test_a_byte_unit_is_no_count_and_a_count_beyond_int64_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a count"):
        parse_count("5MiB")
    with pytest.raises(ValueError, match=re.escape("at most 2**63 - 1")):
        parse_count("99999999999T")


@given(st.integers(0, 10**12), st.sampled_from(["", "K", "M"]))
def test_whole_numbers_with_units_are_exact(number: int, unit: str) -> None:
    assert parse_count(f"{number}{unit}") == number * {"": 1, "K": 1000, "M": 10**6}[unit]


@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_total_on_anything(value: object) -> None:
    with contextlib.suppress(ValueError):
        assert 0 <= parse_size(value) < 1 << 63


class _Both(BaseModel):
    count: Count = 5
    size: ByteSize = 6


def test_models_take_units_and_their_schema_agrees() -> None:
    assert _Both.model_validate({"count": "3K", "size": "1MiB"}) == _Both(count=3000, size=1 << 20)
    schema = _Both.model_json_schema()
    jsonschema.validate({"count": "1.5M", "size": "64MiB"}, schema)
    for wrong in ({"count": "5 apples"}, {"size": "MB"}, {"count": -1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
        with pytest.raises(ValidationError):
            _Both.model_validate(wrong)


def test_sizes_for_people() -> None:
    assert [format_size(n) for n in (0, 999, 1500, 64_000_000, 123_000_000, 5e12)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "64.0 MB",
        "123 MB",
        "5.0 TB",
    ]
