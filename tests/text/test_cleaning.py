"""Lines are measured as the slow oracle measures them, and a text is put together from those to keep."""

from __future__ import annotations

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st
from line_oracle import CITATION, c4, line_counts, sentences

from corpus_forge.errors import RequestError
from corpus_forge.rules import apply_rules
from corpus_forge.text.cleaning import joined_lines, lines_of
from corpus_forge.text.columns import text_column
from corpus_forge.text.line_counts import WORD_GROUP, LineCount
from corpus_forge.text.signals import signals

PARTS = [
    *[
        "Lorem ipsum",
        "lorem  ipsum",
        "JavaScript",
        "terms of use",
        "Privacy Policy",
        "uses cookies",
        "use of cookies",
        "cookie",
    ],
    *[
        "[12]",
        "[",
        "]",
        "[]",
        "[edit]",
        "[Edit]",
        "[citation needed]",
        "[٣]",
        "{",
        "}",
        "word",
        "x" * 1001,
        "e.g.",
        "Mr.",
        "don't",
    ],
    *[
        ".",
        ".",
        "...",
        "?",
        "!",
        '"',
        "'",
        "…",
        ",",
        ")",
        "。",
        "¿",
        " ",
        " ",
        " ",
        "  ",
        "\t",
        "\u3000",
        "\n",
        "\n",
        "\r\n",
        "\x85",
    ],
]
line_texts = st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=2)), max_size=16).map("".join)
SENTENCES = [
    "This is one sentence. ",
    "And another! ",
    "Is it? ",
    "Yes it is so.",
    "\n",
    "no end\n",
    "uses cookies.\n",
    "a [1] b c.\n",
]
c4_texts = st.lists(st.sampled_from([*SENTENCES, "{", "lorem ipsum"]), max_size=14).map("".join)


def found(text: str, without_citations: bool = True) -> list[dict[str, int]]:
    counts = lines_of(text_column([text]), without_citations).counts
    return [{name.name: int(row[name]) for name in LineCount} for row in counts]


@cases(400)
@given(line_texts, st.booleans())
@example("a [1]\n\nb.  . C d\r\n", True)
@example("Yes. \t No. ) x . (y", True)
def test_lines_are_counted_as_the_oracle_counts_them(text, without_citations):
    assert found(text, without_citations) == line_counts(text, without_citations)


@cases(200)
@given(line_texts)
def test_all_lines_together_are_the_text_without_citations(text):
    lines = lines_of(text_column([text, "next."]), without_citations=True, wanted=())
    joined = joined_lines(lines, np.ones(len(lines.bounds), bool)).to_pylist()
    assert joined == ["\n".join(CITATION.sub("", line.strip()) for line in text.splitlines()).strip(), "next."]


@cases(200)
@given(st.lists(c4_texts, max_size=4))
def test_c4_is_that_of_the_oracle(texts):
    table = apply_rules(texts, "c4@datatrove")
    mine = [text if keep else None for text, keep in zip(table["text"].to_pylist(), table["keep"].to_pylist(), strict=True)]
    assert mine == [c4(text) for text in texts]


@cases(200)
@given(line_texts)
def test_sentences_of_a_document_are_those_of_its_lines(text):
    assert signals([text], ["sentence_count"])["sentence_count"].to_pylist() == [sum(map(sentences, text.splitlines()))]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("", 0),
        ("One.", 1),
        ("One. Two", 2),
        ("One.) Two", 2),
        ("Mr. A. e.g. this", 1),
        ("a...b", 1),
        ("A? B! C.", 3),
        ("Yes.  .", 2),
    ],
)
def test_sentences_of_known_lines(line, count):
    assert sentences(line) == count
    assert found(line)[0]["SENTENCES"] == count if line else not found(line)


def test_a_signal_of_lines_is_refused_for_texts():
    with pytest.raises(RequestError, match="'line_word_count' is a signal of lines"):
        signals(["a"], ["line_word_count"])


def test_lines_behind_the_cap_are_one_line():
    text = "\n" * ((1 << 22) - 1) + "one.\ntwo. three"
    lines = lines_of(text_column([text, "x."]), without_citations=False, wanted=WORD_GROUP)
    assert lines.firsts.tolist() == [0, 1 << 22, (1 << 22) + 1]
    assert lines.counts[-2:, LineCount.WORDS].tolist() == [3, 1]
    assert joined_lines(lines, np.ones(len(lines.bounds), bool)).to_pylist() == ["one.\ntwo. three", "x."]
