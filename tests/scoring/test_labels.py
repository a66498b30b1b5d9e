"""Scores of a fastText classifier: of every label asked for, null where the model has nothing to say."""

from __future__ import annotations

import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.language import detect_language
from corpus_forge.language.fasttext_model import load_model
from corpus_forge.scoring.labels import label_scores

TEXTS = ["The quick brown fox jumps over the lazy dog.", "Der schnelle braune Fuchs springt über den Hund.", " \n ", None]


def test_scores_are_those_of_the_model_for_every_label():
    found = label_scores(load_model(), TEXTS, ["de", "en", "klingon"])
    assert found.best.to_pylist() == ["en", "de", None, None]
    english, german = load_model().scores(TEXTS[0].encode() + b"\n"), load_model().scores(TEXTS[1].encode() + b"\n")
    assert found.scores[0].to_pylist() == pytest.approx([english["de"], german["de"], None, None])
    assert found.scores[1].to_pylist() == pytest.approx([english["en"], german["en"], None, None])
    assert found.best_score.to_pylist() == [found.scores[1][0].as_py(), found.scores[0][1].as_py(), None, None]
    assert found.scores[2].null_count == len(TEXTS)
    assert sum(english.values()) == pytest.approx(1, abs=0.01)


def test_the_likeliest_label_is_the_language():
    texts = TEXTS[:2]
    found, said = label_scores(load_model(), texts), detect_language(texts)
    assert found.best.to_pylist() == said["language"].to_pylist()
    assert found.best_score.to_pylist() == said["language_score"].to_pylist()


def test_all_of_a_text_counts_unless_it_is_cut():
    head = TEXTS[1] + " "
    both = head + TEXTS[0] * 50
    assert label_scores(load_model(), [both]).best.to_pylist() == ["en"]
    assert label_scores(load_model(), [both], ["de"], len(head)) == label_scores(load_model(), [head], ["de"])


def test_slices_and_no_rows():
    column = pa.array(["x", *TEXTS], pa.large_string())
    assert label_scores(load_model(), column.slice(1), ["en"]) == label_scores(load_model(), TEXTS, ["en"])
    assert [len(part) for part in label_scores(load_model(), [])[:2]] == [0, 0]


@given(st.lists(st.text(max_size=60), max_size=3))
@cases(50)
def test_any_text_has_scores_in_bounds_or_none(texts):
    found = label_scores(load_model(), texts, ["en"])
    for text, best, top, english in zip(
        texts, found.best.to_pylist(), found.best_score.to_pylist(), found.scores[0].to_pylist(), strict=True
    ):
        assert (best is None) == (top is None) == (english is None)
        assert best is not None or not text.strip()
        assert best is None or 0 <= english <= top <= 1
