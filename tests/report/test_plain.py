"""Texts from outside cannot act on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.report.plain import plain, plain_message


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2J\x1b]0;title\x07page", "[2J]0;titlepage"),
        ("\x9b31mred", "31mred"),
        ("a\u202egpj.exe\u202c", "agpj.exe"),
        ("a\u2066b\u2069c\u200fd\u061ce", "abcde"),
        ("two\nlines\r\nand\ta tab\u2028end", "two lines and a tab end"),
        ("\ud800lone", "lone"),
        ("Größe 东京 🙂 [bold]", "Größe 东京 🙂 [bold]"),
        (None, ""),
        (5, "5"),
    ],
)
def test_what_could_act_is_dropped(text: object, safe: str) -> None:
    assert plain(text) == safe


def test_a_limit_counts_the_dots() -> None:
    assert plain("abcdef", 4) == "abc…"
    assert plain("abcd", 4) == "abcd"
    assert len(plain("x" * 10_000_000, 10)) == 10


def test_messages_keep_their_lines_and_indents() -> None:
    assert plain_message("two:\n  a\x1b[1m\n  b") == "two:\n  a[1m\n  b"


@given(st.text())
def test_no_control_or_direction_character_is_left(text: str) -> None:
    safe = plain(text)
    assert not [char for char in safe if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [
        char
        for char in safe
        if unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    ]
    assert plain(safe) == safe
