"""NeMo Curator's signals against the slow oracle, and the readings that are named after it."""

from __future__ import annotations

import nemo_oracle
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge.text.alphabetic import alphabetic
from corpus_forge.text.nemo_counts import BULLETS, ELLIPSES, PHRASES

NAMES = list(nemo_oracle.signals("a"))
PIECES = [
    " ", "\n", "\n\n", "\t", "\u3000", "\x08", "a", "B", "the", "of", "with", "12", "#", "##", "#a#", "é", "Ⅷ", "中文", ".",
    "!", "'", "...", "…", "[…]", "-»", "Read More", "read more..", "(", "]", "⟨", "•", "◦", "-", "http://",
    "https://x.y/%2F%zz", "http",
    "%41", "x" * 9, "Terms Of Use", "use cookies", "privacy & cookies policy", "Lorem ipsum", "a b", "a b a b",
    "one two three four five ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def measured(texts) -> list[dict[str, float]]:
    return cf.signals(texts, NAMES).to_pylist()


def test_the_oracle_and_the_registry_know_the_same_signals():
    assert sorted(NAMES) == [name for name in cf.signals([]).column_names if name.endswith("_nemo")]


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_kernels_say_what_the_oracle_says(texts):
    assert measured(texts) == [nemo_oracle.signals(text) for text in texts]


@given(TEXTS.map(lambda text: " ".join([text] * 3)))
def test_repeated_texts(text):
    assert measured([text]) == [nemo_oracle.signals(text)]


SINGLE = [
    "",
    " ",
    "\n",
    "\n\n\n\n",
    "\u3000\n\u3000",
    "# ## ### #a",
    *ELLIPSES,
    *BULLETS,
    *(phrase.upper() for phrase in PHRASES),
]


@pytest.mark.parametrize("text", SINGLE)
def test_single_texts(text):
    twice = f"x {text}\n\n{text}"
    assert measured([text, twice]) == [nemo_oracle.signals(text), nemo_oracle.signals(twice)]


def test_a_top_n_gram_is_taken_out_as_a_string():
    text = "a b a b xa bx a\nb aa bb"
    assert text.count("a b") == 4, "twice, then in `xa bx` and `aa bb`"
    assert measured([text])[0]["top_2_gram_char_share_nemo"] == 4 * 3 / len(text)


def test_long_words_that_repeat_are_found_in_linear_time():
    """Half a megabyte in which a search that starts anew at each letter would compare 10¹¹ of them."""
    text = " ".join(["a" * 250_000] * 2 + ["a" * 249_999])
    assert measured([text])[0]["top_2_gram_char_share_nemo"] == 500_001 / len(text)


def test_a_text_that_begins_alike_everywhere_is_searched_in_linear_time():
    """Every place of the second half has the first eight bytes of `aaa… b` and not the rest of it."""
    text = " ".join(["a" * 200 + " b"] * 3 + ["a" * 400_000])
    assert measured([text])[0]["top_2_gram_char_share_nemo"] == 3 * 202 / len(text)


def test_batches_and_slices_do_not_matter():
    texts = ["The end of it.\n\nThe end of it.", None, "• a b a b", "", "http://x.y z ## …"] * 3
    whole = measured(texts)
    array = pa.array(["before", *texts], pa.large_string()).slice(1)
    assert measured(array) == whole
    assert [measured(array.slice(row, 1))[0] for row in range(len(texts))] == whole


def test_a_signal_alone_is_the_same_as_with_all_others():
    text = "The end of it...\n\n• http://x.y/z (12) ## with the end of it. The end of it"
    every = measured([text])[0]
    assert {name: cf.signals([text], name)[name][0].as_py() for name in NAMES} == every


def test_alphabetic_characters():
    table = alphabetic()
    assert all(table[ord(char)] for char in "aZéЖ中ªⅧⓐी")
    assert not any(table[ord(char)] for char in "1_ -٣²½€")
    assert np.count_nonzero(table) > 130_000


def test_real_texts(test_data):
    books = sorted((test_data / "books").rglob("*.txt"))
    pieces = [path.read_text("utf-8", "replace")[10_000:25_000] for path in books[:12]]
    assert pieces
    assert measured(pieces) == [nemo_oracle.signals(text) for text in pieces]
