"""Who stays: ranks order as the values they are made of, and the least of each group is found."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup.ranks import LAST, date_ranks, least_of_groups, length_ranks, source_ranks, value_ranks


def in_order(ranks: np.ndarray) -> list[int]:
    return np.argsort(ranks, kind="stable").tolist()


@cases(200)
@given(st.lists(st.floats(allow_nan=False), max_size=20))
def test_values_rank_as_floats_compare(values):
    numbers = np.array(values, np.float64)
    assert in_order(value_ranks(numbers, False)) == sorted(range(len(values)), key=lambda i: values[i])
    assert in_order(value_ranks(numbers, True)) == sorted(range(len(values)), key=lambda i: -values[i])


def test_what_is_no_number_comes_last_either_way():
    values = np.array([math.nan, math.inf, -math.inf, -math.nan])
    assert in_order(value_ranks(values, True)) == [1, 2, 0, 3]
    assert in_order(value_ranks(values, False)) == [2, 1, 0, 3]


def test_integers_are_ranked_too():
    assert in_order(value_ranks(np.array([3, -1, 7]), True)) == [2, 0, 1]


def test_dates_to_the_second_and_what_is_no_date_last():
    dates = pa.array(["2024-05-01T10:00:00Z", None, "2024-05-01", "May 2025", "2023-12-31 23:59:59", "2024-05-01T10:00:01Z"])
    assert in_order(date_ranks(dates, newest=True)) == [5, 0, 2, 4, 1, 3]
    assert in_order(date_ranks(dates, newest=False)) == [4, 2, 0, 5, 1, 3]
    assert (date_ranks(pa.array([None, None], pa.string()), newest=True) == LAST).all()


def test_sources_by_their_place_and_the_others_after_them():
    assert source_ranks(pa.array(["cc", "wiki", None, "books"]), ["wiki", "cc"]).tolist() == [1, 0, 2, 2]


def test_longest_means_most_bytes():
    assert in_order(length_ranks(pa.array(["ab", "é€", None, ""], pa.large_string()))) == [1, 0, 2, 3]


@cases(200)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=20))
def test_the_least_of_each_group_stays(rows):
    ids = np.arange(len(rows), dtype=np.uint64) * np.uint64(3)
    groups = np.array([row[0] for row in rows], np.uint64)
    found = least_of_groups(ids, groups, np.array([row[1:] for row in rows], np.uint64).reshape(-1, 2))
    best = {
        group: min((*row[1:], 3 * i) for i, row in enumerate(rows) if row[0] == group) for group in {row[0] for row in rows}
    }
    assert found.tolist() == [best[row[0]][2] for row in rows]
