"""ARPA models: a tiny one worked out by hand, any by a slow oracle, and what is said of broken files."""

from __future__ import annotations

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from ngram_oracle import sentence_log10, write_arpa

from corpus_forge.errors import InputError
from corpus_forge.scoring.arpa import is_arpa, load_arpa

TINY = {
    ("<unk>",): (-2.0, None),
    ("<s>",): (-99.0, -0.5),
    ("</s>",): (-1.0, None),
    ("a",): (-0.5, -0.25),
    ("b",): (-0.75, -0.125),
    ("<s>", "a"): (-0.25, -0.0625),
    ("a", "b"): (-0.375, -0.03125),
    ("b", "</s>"): (-0.5, None),
    ("<s>", "a", "b"): (-0.125, None),
}
"""All numbers are powers of two and their sums: float32 holds them exactly."""
BY_HAND = {
    "a b": -0.25 - 0.125 - 0.03125 - 0.5,  # a after <s>; b after <s> a; (a b) backs off to </s> after b
    "b": -0.5 - 0.75 - 0.5,  # <s> backs off to b; </s> after b
    "": -0.5 - 1.0,
    "a a": -0.25 - 0.0625 - 0.25 - 0.5 - 0.25 - 1.0,  # (<s> a), then a back off to a; a backs off to </s>
    "c": -0.5 - 2.0 - 1.0,  # <s> backs off to <unk>, whose back-off is none
    "a c b": -0.25 - 0.0625 - 0.25 - 2.0 - 0.75 - 0.5,
    "  a\tb ": -0.25 - 0.125 - 0.03125 - 0.5,
}


@pytest.fixture
def tiny(tmp_path):
    return load_arpa(write_arpa(tmp_path / "tiny.arpa", TINY))


def test_scores_are_those_of_a_hand(tiny):
    assert tiny.log10(list(BY_HAND)).tolist() == list(BY_HAND.values())
    assert tiny.log10([]).tolist() == []
    assert tiny.order == 3


def test_a_model_without_unk_gives_unknown_words_kenlms_minus_100(tmp_path):
    known = {words: value for words, value in TINY.items() if words != ("<unk>",)}
    assert load_arpa(write_arpa(tmp_path / "m.arpa", known)).log10(["c"]).tolist() == [-0.5 - 100.0 - 1.0]


WORDS = ["<s>", "</s>", "<unk>", "a", "b", "ü"]
LOGS = st.floats(-9, 0, width=32)
GRAMS = st.dictionaries(
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(tuple),
    st.tuples(LOGS, st.none() | LOGS),
    min_size=1,
    max_size=40,
)


@given(GRAMS, st.lists(st.lists(st.sampled_from(["a", "b", "ü", "zz"]), max_size=8).map(" ".join), max_size=4))
@cases(150)
def test_scores_are_those_of_a_slow_model(tmp_path_factory, longer, sentences):
    """n-grams in any company: with and without those that they begin and end with, as pruned models have them."""
    grams = {(word,): (-float(place), -place / 8) for place, word in enumerate(WORDS)} | longer
    model = load_arpa(write_arpa(tmp_path_factory.mktemp("m") / "m.arpa", grams))
    expected = [sentence_log10(grams, sentence) for sentence in sentences]
    np.testing.assert_allclose(model.log10(sentences), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\\end\\", "", "the file ends here"),
        ("ngram 2=3", "ngram 2=2", "the section .3-grams: was expected"),
        ("ngram 2=3", "ngram 2=4", "a probability, 2 words"),
        ("ngram 3=1", "ngram 3=x", "`ngram 3=COUNT`"),
        ("ngram 1=5", "ngram 1=500000000", "n-grams announced"),
        ("-0.5\ta\t-0.25", "0.5\ta\t-0.25", "no logarithm"),
        ("-0.5\ta\t-0.25", "nan\ta\t-0.25", "no logarithm"),
        ("-0.5\ta\t-0.25", "half\ta\t-0.25", "line 11: could not convert"),
        ("-0.375\ta b", "-0.375\ta d", "b'd' is no number, or no word"),
        ("-0.375\ta b", "-0.375\tb </s>", "an n-gram of 2 words comes twice"),
        ("-99.0\t<s>\t-0.5", "-99.0\t<begin>\t-0.5", "<s>' is no number, or no word"),
    ],
)
def test_broken_files_are_told_with_the_line(tmp_path, old, new, says):
    path = write_arpa(tmp_path / "m.arpa", TINY)
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new))
    with pytest.raises(InputError, match=says):
        load_arpa(path)


def test_what_is_arpa(tmp_path):
    assert is_arpa(write_arpa(tmp_path / "m.arpa", TINY))
    (tmp_path / "x").write_bytes(b"mmap lm")
    assert not is_arpa(tmp_path / "x")
    with pytest.raises(InputError, match="No such file"):
        is_arpa(tmp_path / "none")
