"""Lines and paragraphs: their places, and that equal keys are equal folded texts."""

from __future__ import annotations

import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from span_oracle import folded, repeated_lines

from corpus_forge.dedup.line_places import line_places
from corpus_forge.dedup.spans import repeated, united
from corpus_forge.text.columns import text_column

lines = st.sampled_from(["Cookies 12", "cookies, 34!", "a", "A.", "---", "", "é", "x  y", "x\ty", "漢字", "漢 字"])
texts_of_lines = st.lists(st.lists(st.tuples(lines, st.sampled_from(["\n", "\n\n", "\n\n\n"])), max_size=6), max_size=4)


def joined(pieces: list[tuple[str, str]]) -> str:
    return "".join(line + newlines for line, newlines in pieces)


@cases(100)
@given(texts_of_lines, st.booleans(), st.booleans(), st.integers(1, 5))
def test_copies_are_those_of_a_dictionary_of_folded_lines(documents, paragraphs, trimmed, min_length):
    texts = [joined(pieces).rstrip("\n") if trimmed else joined(pieces) for pieces in documents]
    places = line_places(text_column(texts), paragraphs, min_length=min_length)
    rows = places[sorted(range(len(places)), key=lambda i: tuple(places[i][name] for name in ("hi", "lo", "row", "start")))]
    found = united(rows[repeated(rows, "first")][["row", "start", "stop"]])
    assert found.tolist() == repeated_lines(texts, "\n\n" if paragraphs else "\n", min_length=min_length)


@cases(100)
@given(st.lists(st.text(st.sampled_from("aAbé1２,  漢"), max_size=6), max_size=8))
def test_equal_keys_are_equal_folded_lines(texts):
    places = line_places(text_column(texts), False)
    keys = {int(row["row"]): (int(row["hi"]), int(row["lo"])) for row in places}
    assert set(keys) == {n for n, text in enumerate(texts) if folded(text)}
    for one, key in keys.items():
        for two, other in keys.items():
            assert (key == other) == (folded(texts[one]) == folded(texts[two]))


@pytest.mark.parametrize(
    ("normalize", "equal"),
    [((), {0}), (("lower",), {0, 1}), (("lower", "accents"), {0, 1, 2}), (("lower", "punctuation"), {0, 1, 3})],
)
def test_normalize_says_what_lines_may_differ_in(normalize, equal):
    places = line_places(text_column(["uber uns", "Uber  Uns", "über uns", "uber uns."]), False, normalize)
    assert set(places["row"][places["hi"] == places["hi"][0]].tolist()) == equal
