"""Data-Juicer's signals and the shares of listed words against the slow oracle."""

from __future__ import annotations

import re

import juicer_oracle
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge.text.juicer_counts import FLAGGED_BITS, LANGUAGES, LISTED, JuicerCount
from corpus_forge.text.juicer_table import LOWER_CASE, juicer_table
from corpus_forge.text.juicer_words import hash_word
from corpus_forge.text.word_lists import KINDS, word_lists, words_of

NAMES = list(juicer_oracle.signals("a"))
PIECES = [
    " ", "\n", "\t", "\r\n", "\r", "\x0b", "\u2028", "\u3000", "\xa0", "the", "The", "of", "der", "und", "zür", "a1", "12",
    "Ⅳ", "½",    "...", "“with”", "it's", "'ll", "😀", "中文", "Собака", "Г", "г", "Øl", "øl", "ΣαΣ", "İx", "\0", "b" * 12,
    "one two three four five six seven eight nine ten eleven ", "abcdefghijabcdefghij",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=50).map("".join)


def measured(texts) -> list[dict[str, float]]:
    return cf.signals(texts, NAMES).to_pylist()


def test_the_oracle_and_the_registry_know_the_same_signals():
    ours = [name for name in cf.signals([]).column_names if re.search("_data_juicer$|^(stop|flagged)_word_share_", name)]
    assert sorted(NAMES) == ours


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_kernels_say_what_the_oracle_says(texts):
    assert measured(texts) == [juicer_oracle.signals(text) for text in texts]


@given(TEXTS, st.integers(2, 4))
def test_repeated_texts(text, times):
    whole = " ".join([text] * times)
    assert measured([whole]) == [juicer_oracle.signals(whole)]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\r\n", "\r\n\r", "123456789", "1234567890", "aaaaaaaaaa" * 3, "...\n\u2028", "ΣΑΣ σας"]
)
def test_single_texts(text):
    assert measured([text]) == [juicer_oracle.signals(text)]


def test_the_largest_are_summed_where_not_all_that_repeat_count():
    text = "".join(f"{k:010d}" * (k + 2) for k in range(40))
    assert measured([text]) == [juicer_oracle.signals(text)]
    assert 0 < juicer_oracle.top_characters(text) < 1


def test_batches_and_slices_do_not_matter():
    texts = ["The end of it.\n\nThe end of it.", None, "été à la mer", "", "one two"] * 3
    whole = measured(texts)
    array = pa.array(["before", *texts], pa.large_string()).slice(1)
    assert measured(array) == whole
    assert [measured(array.slice(row, 1))[0] for row in range(len(texts))] == whole


def test_a_signal_alone_is_the_same_as_with_all_others():
    text = "The end of it... and the rest of it; été und der Rest. " * 3
    every = measured([text])[0]
    assert {name: cf.signals([text], name)[name][0].as_py() for name in NAMES} == every


def test_lower_case_is_that_of_python():
    table = juicer_table()
    assert table.dtype == np.uint32
    for char in "AZéÉЖǄǅⅧⒶẞ中1":
        assert chr(table[ord(char)] & LOWER_CASE) == char.lower()


def test_each_list_says_where_it_is_from():
    from corpus_forge.rules.files import folders

    for kind in KINDS:
        assert sorted(path.stem for path in (folders()[0] / "lists" / kind).glob("*.txt")) == sorted(LANGUAGES)
        for path in (folders()[0] / "lists" / kind).glob("*.txt"):
            first = path.read_text("utf-8").splitlines()[0]
            assert re.fullmatch(
                r"# (Stop|Flagged) words of \w+: .+, https://\S+, (Apache-2.0|CC-BY-4.0), taken on 2026-\d\d-\d\d", first
            )


def test_each_word_is_on_its_lists_and_on_no_other():
    keys, bits = word_lists()
    found = {int(key) - 1: int(bit) for key, bit in zip(keys, bits, strict=True) if key}
    expected: dict[int, int] = {}
    for kind, first in KINDS.items():
        for number, language in enumerate(LANGUAGES):
            for word in words_of(kind, language):
                expected[hash_word(word)] = expected.get(hash_word(word), 0) | 1 << first + number
    assert found == expected
    assert len({word for kind in KINDS for language in LANGUAGES for word in words_of(kind, language)}) == len(found)


def test_the_bit_of_a_list_is_its_column():
    for number, language in enumerate(LANGUAGES):
        assert JuicerCount[f"STOP_{language.upper()}"] == LISTED + number
        assert JuicerCount[f"FLAGGED_{language.upper()}"] == LISTED + FLAGGED_BITS + number


def test_shares_of_listed_words():
    assert words_of("stop_words", "de").count("und") == 1
    shares = cf.signals(["Der Hund UND die Katze!"], ["stop_word_share_de", "stop_word_share_en", "flagged_word_share_de"])
    assert shares.to_pylist() == [{"stop_word_share_de": 3 / 5, "stop_word_share_en": 0.0, "flagged_word_share_de": 0.0}]


def test_a_long_text_of_one_letter_needs_bounded_memory():
    text = "a" * 3_000_000
    row = cf.signals([text], ["top_char_10_gram_share_data_juicer", "longest_line_data_juicer"]).to_pylist()[0]
    assert row == {"top_char_10_gram_share_data_juicer": 1.0, "longest_line_data_juicer": 3_000_000}


def test_real_texts(test_data):
    books = sorted((test_data / "books").rglob("*.txt"))
    texts = [path.read_text("utf-8", "replace")[10_000:20_000] for path in books[:12]]
    assert texts
    assert measured(texts) == [juicer_oracle.signals(text) for text in texts]
