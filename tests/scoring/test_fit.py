"""Precision, recall, AUC and thresholds, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.errors import RequestError
from corpus_forge.scoring.fit import auc, fit, threshold_for

SCORES = st.lists(st.integers(0, 8), min_size=1, max_size=20).map(lambda values: np.array(values) / 8)


def test_rows_are_those_of_a_hand():
    found = fit(np.array([0.9, 0.8, 0.6, 0.2]), np.array([0.7, 0.5, 0.3, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01, 0.0]), keep=0.2)
    assert found["threshold"] == 0.5
    rows = {row["threshold"]: (row["precision"], row["recall"], row["kept"]) for row in found["rows"]}
    assert rows[0.5] == (0.6, 0.75, 0.2)
    assert rows[0.7] == (round(2 / 3, 6), 0.5, 0.1)
    assert found["auc"] == round((10 + 10 + 9 + 7) / 40, 6)
    assert [row["threshold"] for row in found["rows"]] == sorted(rows, reverse=True)


@cases(100)
@given(SCORES, SCORES)
def test_auc_is_the_share_of_pairs_in_order(positive, negative):
    pairs = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert auc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))


@cases(100)
@given(SCORES, st.floats(0.01, 1))
def test_the_threshold_is_the_highest_that_keeps_the_share(scores, share):
    bound = threshold_for(scores, share)
    assert (scores >= bound).mean() >= share - 1e-9
    assert (scores > bound).mean() < share


def test_nothing_to_measure_on_is_told():
    with pytest.raises(RequestError, match="0 positive and 1 negative"):
        fit(np.array([]), np.array([0.5]), 0.1)
    with pytest.raises(RequestError, match="keep: 0 is no share"):
        threshold_for(np.array([0.5]), 0)
