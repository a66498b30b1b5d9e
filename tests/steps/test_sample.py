"""Step `sample`: chances as published, by nothing but the text and the seed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.scoring.chance import gumbel_noise, pareto_chance, uniform_draws
from corpus_forge.steps.sample import SampleStep

TEXTS = pa.array([f"text number {n}" for n in range(20_000)], pa.large_string())


def kept(texts=TEXTS, scores=None, **parameters):
    columns = {"text": texts} if scores is None else {"text": texts, "score": pa.array(scores)}
    outcome = SampleStep.model_validate(parameters).start()(pa.record_batch(columns))
    return outcome.keep_mask(), outcome.removed


def test_draws_are_uniform_and_belong_to_the_text():
    draws = uniform_draws(TEXTS, 3)
    assert 0 < draws.min() < draws.max() < 1
    counts, _ = np.histogram(draws, 20, (0, 1))
    assert ((counts - 1000) ** 2 / 1000).sum() < 50  # chi squared, 19 degrees of freedom: p = 1e-4
    assert np.array_equal(uniform_draws(TEXTS.slice(500, 90), 3), draws[500:590])
    assert not np.array_equal(uniform_draws(TEXTS, 4), draws)
    assert len(uniform_draws(TEXTS.slice(0, 0), 3)) == 0


def test_a_share_of_all_stays_whatever_the_batch():
    mask, removed = kept(method="share", share=0.3)
    assert mask.mean() == pytest.approx(0.3, abs=0.015)
    assert next(iter(removed.values())) == ("sample.share", None, "")
    pieces = [kept(TEXTS.slice(at, 7), method="share", share=0.3)[0] for at in range(0, 700, 7)]
    assert np.array_equal(np.concatenate(pieces), mask[:700])


@pytest.mark.parametrize("score", [0.0, 0.5, 0.9, 1.0])
def test_the_chance_is_that_of_numpys_pareto_beyond_one_less_the_score(score):
    theirs = (np.random.default_rng(1).pareto(9, 200_000) > 1 - score).mean()
    assert pareto_chance(np.array([score]), 9)[0] == pytest.approx(theirs, abs=0.005)
    mask, _ = kept(scores=[score] * len(TEXTS), by="score", alpha=9)
    assert mask.mean() == pytest.approx(theirs, abs=0.015)


def test_gumbel_over_a_bound_is_the_largest_of_weight_plus_noise():
    scores = np.linspace(-3, 3, len(TEXTS))
    noisy = scores + gumbel_noise(uniform_draws(TEXTS, 0))
    least = float(np.sort(noisy)[-1000])
    mask, removed = kept(scores=scores, method="gumbel", by="score", least=least)
    assert set(np.flatnonzero(mask)) == set(np.argsort(noisy)[-1000:])
    assert removed[0] == ("sample.score", -3.0, "")


def test_gumbel_noise_draws_by_weight():
    """Of pairs of weights 3 to 1 the heavier has the larger sum in three of four."""
    noise = gumbel_noise(uniform_draws(TEXTS, 0)).reshape(-1, 2)
    assert (noise[:, 0] + np.log(3) > noise[:, 1]).mean() == pytest.approx(0.75, abs=0.02)


def test_no_number_never_stays():
    mask, removed = kept(TEXTS[:3], [None, float("nan"), 1.0], by="score")
    assert mask.tolist() == [False, False, True]
    assert removed[0] == ("sample.score", None, "no value")
    assert not kept(TEXTS[:2], ["a", "b"], by="score")[0].any()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "needs a column"),
        ({"method": "share", "share": 0.5, "by": "x"}, "looks at no column"),
        ({"method": "share"}, "share: method share needs it"),
        ({"method": "gumbel", "by": "x"}, "least: method gumbel needs it"),
        ({"by": "x", "least": 1}, "least: is for gumbel"),
        ({"by": "x", "alpha": 0}, "greater than 0"),
    ],
)
def test_what_cannot_be_meant(wrong, says):
    with pytest.raises(ValidationError, match=says):
        SampleStep.model_validate(wrong)


def test_it_needs_the_column_it_looks_at():
    assert SampleStep(by="x").needs == ("text", "x")
    assert SampleStep(method="share", share=0.5).needs == ("text",)
