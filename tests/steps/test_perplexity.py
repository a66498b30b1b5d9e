"""Step `perplexity`: columns by language, intervals, buckets, identity, and what `check` says."""

from __future__ import annotations

import shutil

import pyarrow as pa
import pytest
from ngram_oracle import write_arpa
from pydantic import ValidationError

from corpus_forge.errors import ConfigError
from corpus_forge.steps.perplexity import PerplexityStep

GRAMS = {("<unk>",): (-2.0, None), ("<s>",): (-99.0, 0.0), ("</s>",): (-1.0, None), ("a",): (-0.5, 0.0)}
TEXTS = ["a", "b", "a", "", "a a a"]
LANGUAGES = ["en", "en", "de", "en", None]
A, B = 10**0.75, 10**1.5


@pytest.fixture
def model(tmp_path):
    return str(write_arpa(tmp_path / "en.arpa", GRAMS))


def run(**parameters):
    rows = {"text": pa.array(["cut", *TEXTS], pa.large_string()), "language": pa.array(["en", *LANGUAGES])}
    return PerplexityStep.model_validate(parameters).start()(pa.record_batch(rows).slice(1))


def test_each_language_has_its_model_and_its_cutoffs(model):
    made = run(models={"en": {"model": model, "cutoffs": [10, 20]}}).batch
    assert made.schema.names == ["text", "language", "perplexity", "perplexity_bucket"]
    assert made["perplexity"].to_pylist() == [A, B, None, None, None]
    assert made["perplexity_bucket"].to_pylist() == ["head", "tail", "all", "all", "all"]


def test_a_star_stands_for_all_other_languages(model):
    other = {"model": model, "cutoffs": [0, 100]}
    made = run(models={"en": {"model": model}, "*": other}, column="pp").batch
    assert made["pp"].to_pylist() == pytest.approx([A, B, A, None, 10**0.625])
    assert made["pp_bucket"].to_pylist() == ["all", "all", "middle", "all", "middle"]
    alone = PerplexityStep.model_validate({"models": {"*": {"model": model}}})
    assert alone.needs == ("text",)
    assert alone.start()(pa.record_batch({"text": pa.array(TEXTS)})).batch["perplexity"].to_pylist()[2] == A
    assert PerplexityStep.model_validate({"models": {"en": {"model": model}}}).needs == ("text", "language")


def test_what_is_not_in_the_interval_or_the_buckets_leaves(model):
    models = {"en": {"model": model, "cutoffs": [10, 20]}}
    assert {row: tuple(why) for row, why in run(models=models, keep=[None, 20]).removed.items()} == {
        1: ("perplexity.perplexity", B, ""),
        **dict.fromkeys((2, 3, 4), ("perplexity.perplexity", None, "no value")),
    }
    assert {row: tuple(why) for row, why in run(models=models, keep_buckets=["head", "all"]).removed.items()} == {
        1: ("perplexity.perplexity_bucket", None, "tail")
    }


def test_identity_has_digests_and_no_paths(model, tmp_path):
    shutil.copy(model, tmp_path / "copy.arpa")
    steps = [PerplexityStep.model_validate({"models": {"en": {"model": path}}}) for path in (model, f"{tmp_path}/copy.arpa")]
    assert steps[0].identity() == steps[1].identity()
    other = PerplexityStep.model_validate({"models": {"en": {"model": model, "cutoffs": [1, 2]}}})
    assert other.identity() != steps[0].identity()


def test_check_names_each_model_that_is_absent_and_where_it_is_published(model, tmp_path):
    models = {"en": {"model": model}, "fr": {"model": str(tmp_path / "fr.arpa.bin"), "sha256": "0" * 64}}
    step = PerplexityStep.model_validate({"models": models})
    [said] = step.problems()
    assert said.startswith("fr: model ")
    assert "published at https://dl.fbaipublicfiles.com/cc_net/lm/fr.arpa.bin" in said
    with pytest.raises(ConfigError, match=r"^perplexity\.models: "):
        step.start()


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": {}},
        {"models": {"en": {"model": "x", "cutoffs": [2, 1]}}},
        {"models": {"en": {"model": "x", "path": "y"}}},
        {"models": {"en": {"model": "x"}}, "keep": [2, 1]},
        {"models": {"en": {"model": "x"}}, "keep_buckets": ["tails"]},
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        PerplexityStep.model_validate(wrong)
