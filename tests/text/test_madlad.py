"""MADLAD-400's signals are what its definitions say, over any text and batch, and its rule set drops what its rules say."""

from __future__ import annotations

import madlad_oracle as oracle
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge.rules import load_rules
from corpus_forge.text.madlad_signals import CURSES

NAMES = list(oracle.document(""))
PLAIN = "The house of wood stands by the river"
PIECES = [
    *(f"{PLAIN}. ", f"{PLAIN}! ", f"{PLAIN}?!\n", "House ", "house ", "Big Old House By The River And The Road Goes On. "),
    *("Étude ", "1", "12345 ", "(a+b) ", "{", "}", "/", ">", "x" * 481, "word " * 90, ".", "...", "…", "!", "? ", "\u00a0"),
    *(" ", "\n", "\n\n", "\t", "\x1c", "\u2028", "é", "的中文。", " № ", "|", "| \n", " nr.", " nr. ", "mp3", "Vol. ", " г. "),
    *(
        " a b c d e f g h i j",
        " aaa bbb ccc ddd eee fff ggg hhh iii jjj",
        "���",
        "Facebook ",
        " шт. ",
        ", ab,,c de,,f gh,,i jk,,l",
    ),
    *("JavaScript is needed here.\n", "Lorem ipsum dolor.\n", "Our privacy policy is long.\n", "one two\n", "黄色电影"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@cases(100)
@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["", ".", "a", "a. b", "... a. b... c", " . . a .", "a.b. c!?d?! e", "\na.\n"])
def test_signals_are_those_of_the_definitions(texts):
    table = cf.signals(texts, NAMES)
    expected = [oracle.document(text) for text in texts]
    for name in NAMES:
        assert table[name].to_pylist() == [pytest.approx(row[name], abs=1e-12) for row in expected], name


@cases(60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_the_rule_set_leaves_what_its_definition_leaves(texts):
    table = cf.apply_rules(texts, "madlad400")
    expected = [oracle.verdict(text) for text in texts]
    assert table["keep"].to_pylist() == [keep for keep, _ in expected]
    assert [row["text"] for row in table.to_pylist() if row["keep"]] == [left for keep, left in expected if keep]


def test_the_patterns_are_the_published_ones():
    assert list(CURSES) == oracle.PATTERNS
    assert len(CURSES) == 32


@pytest.mark.parametrize(
    ("sentence", "share"),
    [
        ("It costs 5 € here and it is № five of them", 1.0),
        ("It costs five of them here, all is said|  ", 1.0),
        ("It costs five | of them here, all is said and done", 0.0),
        ("See the house of that name there, it is nr.", 1.0),
        ("See the house of that name there, Xnr.", 0.0),
        ("You hear an mp3 of it there, and it is loud", 1.0),
        ("We saw it all in vol. two of that long book", 0.0),
        ("We saw it all in the book with Vol.", 1.0),
        ("и там было много всего и стоило 5 кг.", 1.0),
        ("so it goes a b c d e f g h i and so on it goes", 1.0),
        ("so it goes a b c d e f g and so on it goes then", 0.0),
    ],
)
def test_what_a_pattern_finds(sentence, share):
    assert cf.signals([sentence], "cursed_sentence_share_madlad")["cursed_sentence_share_madlad"].to_pylist() == [share]
    assert oracle.document(sentence)["cursed_sentence_share_madlad"] == share


def test_batches_slices_and_nulls_give_the_same():
    texts = [f"{PLAIN}. {PLAIN} 12345678901234567890.", None, "", "Facebook. A B C D E F G H I J K L M.", "x"]
    whole = cf.signals(texts, NAMES)
    array = pa.array(["pad. pad", *texts, "pad."], pa.large_string())
    assert cf.signals(array.slice(1, len(texts)), NAMES).equals(whole)
    one_by_one = pa.concat_tables([cf.signals([text], NAMES) for text in texts])
    assert one_by_one.combine_chunks().equals(whole)
    assert cf.signals([], NAMES).num_rows == 0


def test_the_default_reading_is_the_papers():
    assert load_rules("madlad400").name == "madlad400@paper"
