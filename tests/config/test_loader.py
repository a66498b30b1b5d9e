"""YAML is read strictly, within bounds, and errors name line and column."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.config.loader import MAX_BYTES, decode_yaml, parse_yaml
from corpus_forge.errors import ConfigError


def _refused(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "my.yaml")
    assert caught.value.where == "my.yaml"
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: [1, 2\n", "line 3, column 1: expected ',' or ']', but got '<stream end>' (while parsing a flow sequence)."),
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' appears twice."),
        ("no: 1", "line 1, column 1: a key must be text: put no in quotes."),
        ("{[1]: 2}", "line 1, column 2: a key must be text: put it (it is a list or a mapping) in quotes."),
        ("a: b: c", "line 1, column 5: mapping values are not allowed here."),
        ("a: *b", "line 1, column 4: found undefined alias 'b'."),
        ("a: 1\n---\nb: 2", "line 2, column 1: but found another document (expected a single document in the stream)."),
        ("a: \x1b[2J", "line 1: holds the control character U+001B, which YAML does not allow."),
    ],
)
def test_errors_name_their_place(text: str, problem: str) -> None:
    assert _refused(text) == problem


def test_tags_that_would_make_python_objects_are_refused() -> None:
    assert "could not determine a constructor" in _refused("a: !!python/object/apply:os.system [true]")


def test_nesting_is_bounded_before_it_is_built() -> None:
    assert parse_yaml("[" * 32 + "]" * 32, "f") is not None
    assert _refused("[" * 100_000) == "line 1, column 34: nested deeper than 32 levels."


def test_aliases_work_but_may_not_unfold_without_end() -> None:
    assert parse_yaml("a: &x [1]\nb: *x", "f") == {"a": [1], "b": [1]}
    assert parse_yaml("a: &x {p: 1}\nb: {<<: *x, q: 2}", "f")["b"] == {"p": 1, "q": 2}
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    assert "unfold without end" in _refused(bomb)
    assert "unfold without end" in _refused("a: &x [*x]")


def test_size_is_bounded() -> None:
    assert "larger than 1,000,000 bytes" in _refused("a" * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than"):
        decode_yaml(b"a" * (MAX_BYTES + 1), "f")


def test_values_are_what_they_look_like() -> None:
    text = "{a: 1e9, b: 2024-01-01, c: 010, d: 1:30, e: 1_000, f: -0.5, g: .inf, h: yes, i: CC-MAIN-2024-51, j: null, k: 1.}"
    wanted = {"a": 1e9, "b": "2024-01-01", "c": "010", "d": "1:30", "e": 1000, "f": -0.5, "g": ".inf", "h": True}
    assert parse_yaml(text, "f") == {**wanted, "i": "CC-MAIN-2024-51", "j": None, "k": 1.0}


def test_a_number_with_more_digits_than_python_reads_stays_text() -> None:
    assert parse_yaml("a: " + "9" * 5000, "f") == {"a": "9" * 5000}


def test_files_are_utf8_with_or_without_a_byte_order_mark() -> None:
    assert decode_yaml("\ufeffa: ü".encode(), "f") == "a: ü"
    with pytest.raises(ConfigError, match=r"f: line 2: is not UTF-8 text. Save the file as UTF-8."):
        decode_yaml("a: 1\nb: ü".encode("latin-1"), "f")


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!<>|'\"#,. \n\t0123e~?%@\x00é\ud800"), max_size=60))
def test_any_text_gives_json_values_or_a_config_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        json.dumps(parse_yaml(text, "f"))


@pytest.mark.parametrize("value", ["*.warc.gz", "@list.txt", "[*.warc.gz]", "&"])
def test_a_path_that_begins_like_a_sign_of_yaml_is_to_be_quoted(value: str) -> None:
    with pytest.raises(ConfigError, match="needs quotes"):
        parse_yaml(f"paths: {value}", "x.yaml")
