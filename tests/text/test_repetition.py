"""Repeated lines, paragraphs and n-grams are counted as the slow oracle counts them, on every text."""

from __future__ import annotations

from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st
from repetition_oracle import gram_counts, segment_counts

from corpus_forge.text.columns import text_column
from corpus_forge.text.counts import GRAM_COUNTS, SEGMENT_COUNTS, SPLIT_COUNTS, Count
from corpus_forge.text.signals import count, signals

FEW = [
    "a",
    "b",
    "ab",
    "aa",
    "Ä",
    "don't",
    "x.",
    "…",
    " ",
    " ",
    "  ",
    "\n",
    "\n",
    "\n\n",
    "\t",
    "\r",
    "\u2028",
    "。",
    "longer word ",
]
repetitive = st.lists(st.sampled_from(FEW), max_size=40).map("".join)
sentences = st.lists(st.sampled_from(["one ", "two ", "three ", "one two three four five six ", "\n"]), max_size=30).map(
    "".join
)


def found(text: str, wanted: frozenset[Count]) -> dict[str, int]:
    row = count(text_column([text]), wanted)[0]
    return {name.name: int(row[name]) for name in sorted(wanted)}


@cases(400)
@given(st.one_of(repetitive, sentences, st.text(alphabet="ab \n", max_size=60), st.text()))
@example("\n\na\n\na\n")
@example(" \n\n \n\n ")
def test_segments_are_those_of_the_oracle(text):
    assert found(text, SEGMENT_COUNTS) == segment_counts(text)


@cases(400)
@given(st.one_of(repetitive, sentences, st.text(alphabet="ab ", max_size=60), st.text()))
@example("a " * 40)
@example("a b " * 20 + "b a " * 20)
def test_n_grams_are_those_of_the_oracle(text):
    assert found(text, GRAM_COUNTS | SPLIT_COUNTS) == gram_counts(text)


def test_n_grams_of_a_known_text():
    """`a rose is a rose` three times: 15 words, 51 characters."""
    text = "a rose is a rose " * 3
    row = signals([text]).to_pylist()[0]
    assert row["top_2_gram_char_share"] == 6 * 6 / 51
    assert row["duplicate_5_gram_char_share"] == 2 * 12 / 51
    assert row["duplicate_10_gram_char_share"] == 24 / 51
    assert row["duplicate_5_gram_char_share_dolma"] == 1.0
    assert row["duplicate_10_gram_char_share_dolma"] == 2 * 24 / (6 * 24)


def test_documents_in_one_batch_do_not_see_one_another():
    texts = ["one two three four five\n" * 4, "one two three four five\n", "", "x\n" * 300, "one two three four five\n" * 4]
    table = signals(texts).to_pylist()
    assert table == [signals([text]).to_pylist()[0] for text in texts]
    assert table[1]["duplicate_line_share"] == 0.0
    assert table[0] == table[4]


def test_words_beyond_the_cap_are_not_looked_at(monkeypatch):
    """The cap is compiled in, so the test goes over it: 2,097,152 words, then a repetition that would count."""
    once = " ".join(f"{i:x}" for i in range(1 << 21))
    values = signals([once + " z z z z z z z z z z z z"], ["duplicate_5_gram_char_share", "top_2_gram_char_share"])
    assert values["duplicate_5_gram_char_share"].to_pylist() == [0.0]
    assert values["top_2_gram_char_share"].to_pylist() == [3 / (len(once) + 24)]
