"""Step `language`: columns, removals, identity and what `check` says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.errors import ConfigError
from corpus_forge.language import detect_language
from corpus_forge.language.fasttext_model import BUNDLED_SHA256
from corpus_forge.steps.language import LanguageStep
from corpus_forge.text.signals import registry

TEXTS = [
    "The quick brown fox jumps over the lazy dog near the river bank.",
    "Der schnelle braune Fuchs springt über den faulen Hund am Fluss.",
    "",
    "ok 12",
    None,
]


def run(**parameters):
    batch = pa.record_batch({"text": pa.array(TEXTS, pa.large_string())})
    return LanguageStep.model_validate(parameters).start()(batch)


def test_without_keep_it_only_labels():
    outcome = run()
    assert outcome.batch.select(["language", "language_score"]).to_pylist() == detect_language(TEXTS).to_pylist()
    assert outcome.removed == {}
    assert outcome.batch.schema.field("language_score").type == pa.float32()


def test_other_languages_and_unsure_ones_are_removed_with_score_and_language():
    outcome = run(keep="en")
    scores = outcome.batch["language_score"].to_pylist()
    assert scores[3] < 0.65
    assert {row: tuple(removal) for row, removal in outcome.removed.items()} == {
        1: ("language.keep", scores[1], "de"),
        2: ("language.keep", 0.0, "und"),
        3: ("language.min_score", scores[3], "en"),
        4: ("language.keep", 0.0, "und"),
    }


def test_the_share_of_sentences_in_another_language():
    english, german = TEXTS[0], TEXTS[1]
    texts = [f"{english} {english} {german} {english}", german, "", f"{german}\n{english} {german}", "..."]
    step = LanguageStep(sentences=True)
    assert step.gives == ("language", "language_score", "foreign_sentence_share_madlad")
    assert step.kernels() == ("madlad",)
    array = pa.array(["padding", *texts], pa.large_string())
    outcome = step.start()(pa.record_batch({"text": array.slice(1)}))
    assert outcome.batch["language"].to_pylist()[:4] == ["en", "de", "und", "de"]
    shares = [1 / 4, 0.0, 0.0, 1 / 3, 0.0]
    assert outcome.batch["foreign_sentence_share_madlad"].to_pylist() == shares
    assert registry.get("foreign_sentence_share_madlad").needs == "a model; `- language: {sentences: true}` writes it"
    empty = step.start()(pa.record_batch({"text": pa.array([], pa.large_string())}))
    assert empty.batch["foreign_sentence_share_madlad"].to_pylist() == []


def test_without_sentences_nothing_is_another_than_it_was():
    assert LanguageStep().gives == LanguageStep.gives == ("language", "language_score")
    assert LanguageStep().kernels() == ()
    assert "sentences" not in LanguageStep().identity()
    assert LanguageStep(sentences=True).identity()["sentences"] is True


def test_the_bound_itself_is_kept():
    score = run().batch["language_score"][3].as_py()
    assert 3 not in run(keep=["en"], min_score=score).removed
    assert 3 in run(keep=["en"], min_score=float(np.nextafter(np.float32(score), np.float32(1)))).removed


def test_undetermined_can_be_kept():
    assert sorted(run(keep=["und"], min_score=0).removed) == [0, 1, 3]


def test_identity_has_the_digest_of_the_model_and_not_its_path(tmp_path):
    identity = LanguageStep(keep=("en", "de")).identity()
    assert identity["sha256"] == BUNDLED_SHA256
    assert identity["keep"] == ["de", "en"]
    assert LanguageStep.model_validate({"keep": ["de", "en", "de"]}).identity() == identity
    assert LanguageStep.model_validate({"keep": ["de", "en"], "characters": 100}).identity() != identity


def test_problems_name_unknown_languages_and_absent_models():
    assert LanguageStep(keep=("en", "de")).problems() == []
    assert "no language 'english'" in LanguageStep(keep=("english",)).problems()[0]
    absent = LanguageStep(model="./absent.ftz", sha256="0" * 64)
    assert "absent.ftz: cannot be read" in absent.problems()[0]
    with pytest.raises(ConfigError, match=r"^language\.model: "):
        absent.start()


@pytest.mark.parametrize("wrong", [{"keep": []}, {"min_score": 1.1}, {"min_score": -0.1}, {"characters": 0}, {"sha256": "abc"}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        LanguageStep.model_validate(wrong)
