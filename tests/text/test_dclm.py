"""DCLM's signals and lines are what its definitions say, over any text, batch and slice."""

from __future__ import annotations

import dclm_oracle as oracle
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge.rules import RuleSet, load_rules
from corpus_forge.text.letters import ALPHANUMERIC, DIGIT, LATIN, NUMERIC, OTHER_CASE, UPPERCASE, WHITE, letter_classes

PIECES = st.sampled_from(
    [
        *(
            "the ",
            "The ",
            "of",
            " and ",
            "that's ",
            "12 ",
            "²",
            "½ ",
            "Ⅷ",
            "# ",
            "...",
            ". . . ",
            "…",
            "…\n",
            "\n",
            "\n\n",
            "\n \n",
        ),
        *(
            "- ",
            "● x",
            "•",
            "* ",
            "word word word ",
            "a b c d e f ",
            "a b c d e f g h i j k l ",
            "\u00a0",
            "\x85",
            "\x1c",
            "\u0301",
        ),
        *(
            "é",
            "ВСЕ ",
            "ß",
            "ǅ",
            "的中文",
            "カタカナ",
            "ไทย ",
            "\x00",
            "\r",
            "\t",
            "3.2K likes",
            "1,000 views!",
            "READ MORE...",
            "read more >>>",
        ),
        *(
            "Sign-in ",
            "sign-in",
            "items in cart",
            "Two items in cart and more ",
            "x" * 1001,
            "[12]",
            "[edit]",
            "{",
            "}",
            "JavaScript ",
        ),
        *(
            "lorem ipsum ",
            "Terms of Use ",
            ".",
            "?",
            '"',
            "'",
            "He said it is so.\n",
            "One two three four five.\n",
            "ABC DEF\n",
            "123\n",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@cases(60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["", "a b a b", "x\nx\n\nx", "\x00 a"])
def test_signals_are_those_of_the_definitions(texts):
    expected = [{**oracle.quality(text), **oracle.repetition(text)} for text in texts]
    table = cf.signals(texts, list(expected[0]))
    for name in expected[0]:
        assert table[name].to_pylist() == [pytest.approx(row[name], abs=1e-12) for row in expected], name


@cases(60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_refinedweb_leaves_the_lines_that_its_definition_leaves(texts):
    rules = RuleSet.model_validate(
        load_rules("refinedweb@dclm").model_dump()
        | {"rules": [rule for rule in load_rules("refinedweb@dclm").rules if rule.level == "line"], "golden": ()}
    )
    stripped = [text.strip() for text in texts]
    assert cf.apply_rules(stripped, rules)["text"].to_pylist() == [oracle.refinedweb_lines(text) for text in stripped]


@cases(60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_c4_leaves_the_lines_that_its_definition_leaves(texts):
    rules = RuleSet.model_validate(
        load_rules("c4@dclm").model_dump()
        | {"rules": [rule for rule in load_rules("c4@dclm").rules if rule.level == "line"], "golden": ()}
    )
    table = cf.apply_rules(texts, rules)
    assert [
        text if keep else None for text, keep in zip(table["text"].to_pylist(), table["keep"].to_pylist(), strict=True)
    ] == [oracle.c4_lines(text) for text in texts]


@cases(60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_c4_of_tfds_leaves_the_lines_that_its_definition_leaves(texts):
    rules = RuleSet.model_validate(
        load_rules("c4@tfds").model_dump()
        | {"rules": [rule for rule in load_rules("c4@tfds").rules if rule.level == "line"], "golden": ()}
    )
    table = cf.apply_rules(texts, rules)
    assert [
        text if keep else None for text, keep in zip(table["text"].to_pylist(), table["keep"].to_pylist(), strict=True)
    ] == [oracle.c4_lines_of_tfds(text) for text in texts]


def test_batches_slices_and_nulls_give_the_same():
    texts = ["the of\nthe of\nx", None, "", "- a b a b\n\n- a b a b", "3 likes\nwords and words"]
    names = [*oracle.quality(""), *oracle.repetition("")]
    whole = cf.signals(texts, names)
    array = pa.array(["pad", *texts, "pad"], pa.large_string())
    assert cf.signals(array.slice(1, len(texts)), names).equals(whole)
    one_by_one = pa.concat_tables([cf.signals([text], names) for text in texts])
    assert one_by_one.combine_chunks().equals(whole)
    rules = load_rules("refinedweb@dclm")
    together = cf.apply_rules(array.slice(1, len(texts)), rules)
    alone = pa.concat_tables([cf.apply_rules([text], rules) for text in texts])
    assert together.to_pylist() == alone.to_pylist()
    assert cf.apply_rules([], rules).num_rows == 0


def test_the_share_of_removed_words_is_of_the_text_as_it_came():
    text = "one two three four\nWORD WORD\nand nine more words are here to be kept by it"
    rules = RuleSet.model_validate(
        {
            "family": "mine",
            "title": "t",
            "source": "s",
            "rules": [
                {"signal": "line_uppercase_share_dclm", "keep": [None, 0.5], "action": "clean"},
                {"signal": "removed_word_share_dclm", "keep": [None, 0.05]},
            ],
        }
    )
    table = cf.apply_rules([text, "no capitals"], rules)
    assert table["value"].to_pylist() == [pytest.approx(2 / 17), None]
    assert oracle.removed_word_share(text) == pytest.approx(2 / 17)
    assert cf.signals([text], "removed_word_share_dclm")["removed_word_share_dclm"].to_pylist() == [0.0]


def test_letters_are_those_of_python():
    import unicodedata

    questions = {
        ALPHANUMERIC: str.isalnum,
        DIGIT: str.isdigit,
        NUMERIC: str.isnumeric,
        UPPERCASE: str.isupper,
        OTHER_CASE: lambda char: char.islower() or unicodedata.category(char) == "Lt",
        LATIN: lambda char: char.isascii() and char.isalpha(),
        WHITE: str.isspace,
    }
    if unicodedata.unidata_version != "14.0.0":
        pytest.skip("this Python knows another version of Unicode than the tables")
    table = letter_classes()
    for flag, asks in questions.items():
        odd = [point for point in range(0x30000) if bool(table[point] & flag) != asks(chr(point))]
        assert odd == [], flag
