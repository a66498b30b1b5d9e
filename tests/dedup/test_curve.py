"""The chance of a pair to be found, by formula, against drawing signatures; and the interval of a share."""

from __future__ import annotations

import numpy as np
import pytest

from corpus_forge.dedup.curve import found_probability, wilson_interval
from corpus_forge.dedup.lsh import catch_probability


@pytest.mark.parametrize(("bands", "rows"), [(14, 8), (20, 5), (1, 1)])
def test_without_verification_it_is_the_curve_of_bands(bands, rows):
    at = np.linspace(0, 1, 7)
    expected = [catch_probability(s, bands, rows) for s in at.tolist()]
    np.testing.assert_allclose(found_probability(at, bands, rows), expected)
    by_sets = found_probability(at, bands, rows, 0.5, by_sets=True)
    np.testing.assert_allclose(by_sets, [p if s >= 0.5 else 0 for s, p in zip(at.tolist(), expected, strict=True)])


@pytest.mark.parametrize(("similarity", "verify"), [(0.6, 0.6), (0.7, 0.75), (0.75, 0.75), (0.9, 0.85), (0.8, 0.1)])
def test_verified_by_signature_it_is_the_share_of_drawn_signatures(similarity, verify):
    rng = np.random.default_rng(3)
    equal = rng.random((40_000, 20, 5)) < similarity
    found = equal.all(axis=2).any(axis=1) & (equal.mean(axis=(1, 2)) >= verify - 1e-12)
    [expected] = found_probability(np.array([similarity]), 20, 5, verify)
    assert found.mean() == pytest.approx(expected, abs=4 * (0.25 / 40_000) ** 0.5)


def test_intervals_of_shares():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    low, high = wilson_interval(81, 263)  # Newcombe 1998, Statistics in Medicine 17, table II: 0.2553 to 0.3662
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson_interval(10, 10)[1] == 1.0
    assert wilson_interval(0, 10)[0] == 0.0
