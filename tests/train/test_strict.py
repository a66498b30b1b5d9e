"""Values from a file become dataclasses or a sentence that names the place, the value and the nearest right thing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.errors import ConfigError
from corpus_forge.train.strict import build, plain


@dataclass(frozen=True)
class Inner:
    size: int = field(default=1, metadata={"ge": 1, "le": 10**15})


@dataclass(frozen=True)
class Outer:
    name: str
    share: float = field(default=0.5, metadata={"gt": 0, "lt": 1})
    on: bool = False
    kind: Literal["a", "b"] = "a"
    inner: Inner = Inner()
    parts: tuple[Inner, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    limit: int | None = None


FULL = {
    "name": "x", "share": 0.25, "on": True, "kind": "b", "inner": {"size": 3}, "parts": [{"size": 4}], "weights": {"w": 1.0},
    "limit": 7,
}  # fmt: skip


def test_what_is_built_says_what_was_given_and_comes_back() -> None:
    built = build(Outer, FULL, "file")
    assert built == Outer("x", 0.25, True, "b", Inner(3), (Inner(4),), {"w": 1.0}, 7)
    assert plain(built) == FULL
    assert build(Outer, {"name": "x"}, "file") == Outer("x")


@given(st.integers(0, 99_999), st.sampled_from([("K", 3), ("M", 6), ("B", 9), ("k", 3)]))
def test_counts_with_units_are_exact(number, unit) -> None:
    if number:
        assert build(Inner, {"size": f"{number}{unit[0]}"}, "f").size == number * 10 ** unit[1]
    assert build(Inner, {"size": f"{number + 1}.5{unit[0]}"}, "f").size == (2 * number + 3) * 10 ** unit[1] // 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nam": 1}, "file.nam: unknown key, value 1. Did you mean 'name'? Known: inner, kind"),
        ({"name": 3}, "file.name: must be text; it is 3"),
        ({"share": 1}, "file.share: must be less than 1; it is 1.0"),
        ({"share": "0.0"}, "file.share: must be more than 0; it is 0.0"),
        ({"share": "half"}, "file.share: must be a number; it is 'half'"),
        ({"share": float("nan")}, "file.share: must be a number; it is NaN"),
        ({"share": True}, "file.share: must be a number; it is True"),
        ({"on": 1}, "file.on: must be true or false; it is 1"),
        ({"kind": "c"}, "file.kind: must be one of a, b; it is 'c'"),
        ({"inner": 3}, "file.inner: must be a mapping such as {key: value}; it is 3"),
        ({"inner": {"size": 1.5}}, "file.inner.size: must be a whole number; it is 1.5"),
        ({"inner": {"size": "1.5"}}, "file.inner.size: must be a whole number; it is '1.5'"),
        ({"inner": {"size": "0.0001K"}}, "file.inner.size: must be a whole number; it is '0.0001K'"),
        ({"inner": {"size": "nanK"}}, "file.inner.size: must be a whole number; it is 'nanK'"),
        ({"inner": {"size": "infK"}}, "file.inner.size: must be a whole number; it is 'infK'"),
        ({"inner": {"size": "xK"}}, "file.inner.size: must be a whole number; it is 'xK'"),
        ({"parts": "ab"}, "file.parts: must be a list such as [a, b]; it is 'ab'"),
        ({"parts": [{}, {"size": 0}]}, "file.parts[1].size: must be at least 1; it is 0"),
        ({"weights": [1]}, "file.weights: must be a mapping"),
        ({"weights": {"a": "b"}}, "file.weights.a: must be a number; it is 'b'"),
        ({"limit": "x"}, "file.limit: must be a whole number; it is 'x'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change, message) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        build(Outer, {"name": "x"} | change, "file")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigError, match=r"file\.name: is required, but missing"):
        build(Outer, {}, "file")
    with pytest.raises(ConfigError, match="file: must be a mapping"):
        build(Outer, None, "file")
