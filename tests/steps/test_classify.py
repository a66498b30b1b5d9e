"""Step `classify`: columns, intervals, identity, and what `check` says. The classifier is the bundled one of languages."""

from __future__ import annotations

import shutil
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

import corpus_forge as cf
from corpus_forge.errors import ConfigError
from corpus_forge.language.fasttext_model import BUNDLED, BUNDLED_SHA256, model_path
from corpus_forge.steps.classify import ClassifyStep

MODEL = {"model": str(model_path(BUNDLED)), "sha256": BUNDLED_SHA256}
TEXTS = [
    "The quick brown fox jumps over the lazy dog near the river bank.",
    "Der schnelle braune Fuchs springt über den faulen Hund am Fluss.",
    "",
    "ok 12",
]


def run(**parameters):
    batch = pa.record_batch({"text": pa.array(["cut", *TEXTS], pa.large_string())}).slice(1)
    return ClassifyStep.model_validate({**MODEL, **parameters}).start()(batch)


def test_columns_are_named_by_the_parameter_and_the_labels():
    made = run(column="lang", labels=["de", "en"]).batch
    assert made.schema.names == ["text", "lang", "lang_score", "lang_de", "lang_en"]
    assert made["lang"].to_pylist()[:3] == ["en", "de", None]
    assert made["lang_en"].to_pylist()[0] == made["lang_score"].to_pylist()[0] > 0.9
    assert made["lang_en"].to_pylist()[1] < 0.1
    assert ClassifyStep(**MODEL, column="lang", labels="en").gives == ("lang", "lang_score", "lang_en")
    assert run().batch.schema.names == ["text", "class", "class_score"]


def test_what_is_not_in_the_interval_leaves_with_its_score():
    outcome = run(keep={"en": [0.8, None]})
    scores = outcome.batch["class_en"].to_pylist()
    assert {row: tuple(why) for row, why in outcome.removed.items()} == {
        1: ("classify.class_en", scores[1], ""),
        2: ("classify.class_en", None, "no value"),
        3: ("classify.class_en", scores[3], ""),
    }


def test_the_bound_itself_is_kept_as_it_is_printed():
    score = run(labels=["en"]).batch["class_en"][3].as_py()
    assert 3 not in run(keep={"en": [score, 1]}).removed
    assert 3 in run(keep={"en": [float(np.nextafter(np.float32(score), np.float32(1))), None]}).removed


def test_identity_has_the_digest_and_no_path(tmp_path):
    path = tmp_path / "copy.ftz"
    shutil.copy(MODEL["model"], path)
    step = ClassifyStep(**MODEL, labels=("en", "de"))
    assert step.identity() == ClassifyStep(model=str(path), sha256=BUNDLED_SHA256, labels=("de", "en")).identity()
    assert step.identity()["sha256"] == BUNDLED_SHA256
    assert step.identity() != ClassifyStep(**MODEL, labels=("en", "de"), characters=10).identity()


def test_check_says_what_is_absent_where_it_is_published_and_which_labels_do_not_exist(tmp_path):
    assert ClassifyStep(**MODEL, labels=("en",)).problems() == []
    assert "has no label 'english'. " in ClassifyStep(**MODEL, labels=("english",)).problems()[0]
    assert f"write sha256: {BUNDLED_SHA256}" in ClassifyStep(model=MODEL["model"]).problems()[0]
    name = "openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train.bin"
    absent = ClassifyStep(model=f"{tmp_path}/{name}", sha256="0" * 64)
    assert "No such file" in absent.problems()[0]
    assert "published at https://huggingface.co/mlfoundations/fasttext-oh-eli5" in absent.problems()[0]
    with pytest.raises(ConfigError, match=r"^classify\.model: "):
        absent.start()


@pytest.mark.parametrize(
    "wrong",
    [
        {"keep": {"en": [1, 0]}},
        {"keep": {"en": [None, None]}},
        {"labels": ["score"]},
        {"column": "a b"},
        {"characters": 0},
        {"sha256": "ab"},
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        ClassifyStep.model_validate({**MODEL, **wrong})


def test_a_pipeline_scores_selects_and_samples_by_the_columns(tmp_path):
    (tmp_path / "in.txt").write_text("\n\n".join(f"{text} {n}" for n in range(100) for text in TEXTS[:2]), "utf-8")
    steps = [
        {"classify": {**MODEL, "column": "lang", "labels": ["en"]}},
        {"select": {"columns": {"lang_en": [0.5, None]}}},
        {"sample": {"method": "pareto", "by": "lang_en", "alpha": 30}},
    ]
    source = {"name": "t", "format": "text", "paths": [str(tmp_path / "in.txt")], "unit": "paragraph"}
    pipeline = cf.Pipeline.from_dict({"name": "t", "sources": [source], "steps": steps})
    assert [str(problem) for problem in pipeline.check()] == []
    run = pipeline.run(tmp_path / "run", executor="inline", workers=1)
    kept, removed = run.documents(), Counter(run.removed()["rule"].to_pylist())
    assert min(kept["lang_en"].to_pylist()) > 0.5
    assert removed["select.lang_en"] == 100
    assert kept.num_rows == 100 - removed["sample.lang_en"]
    assert 10 < kept.num_rows < 90
