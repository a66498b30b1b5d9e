"""Pairs of a bucket: stars, and verified ones held against leaders."""

from __future__ import annotations

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup import pairs as module
from corpus_forge.dedup.pairs import MAX_LEADERS, star_pairs, verified_pairs

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.lists(st.integers(0, 1), min_size=4, max_size=4)), max_size=20
)


def sorted_rows(rows):
    """Rows numbered and sorted as a reduce task sorts them, and their signatures by id."""
    keyed = sorted((hi, lo, number) for number, (hi, lo, _) in enumerate(rows))
    hi, lo, ids = (np.array([row[i] for row in keyed], np.uint64) for i in range(3))
    return (hi, lo, ids), np.array([row[2] for row in rows], np.uint32).reshape(-1, 4)


def expected_pairs(rows, needed):
    """Leaders one after the other, in lists."""
    pairs = []
    for key in sorted({row[:2] for row in rows}):
        leaders = []
        for number, row in enumerate(rows):
            if row[:2] == key:
                alike = [
                    leader for leader in leaders if sum(a == b for a, b in zip(rows[leader][2], row[2], strict=True)) >= needed
                ]
                if alike:
                    pairs.append((number, alike[0]))
                else:
                    leaders.append(number)
    return pairs


@cases(150)
@given(rows=ROWS, needed=st.integers(1, 4), piece=st.sampled_from([1, 3, 1 << 16]))
def test_verified_pairs_are_those_of_the_obvious_loop(rows, needed, piece):
    keys, signatures = sorted_rows(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", piece)
        later, leader = verified_pairs(*keys, lambda ids: signatures[ids.astype(np.int64)], needed / 4)
    assert list(zip(later.tolist(), leader.tolist(), strict=True)) == expected_pairs(rows, needed)


def test_a_share_means_at_least_that_share():
    signatures = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], np.uint32)
    keys = np.zeros(2, np.uint64), np.zeros(2, np.uint64), np.arange(2, dtype=np.uint64)
    for share, pairs in ((0.75, 1), (0.750001, 0), (1.0, 0), (0.1, 1)):
        assert len(verified_pairs(*keys, lambda ids: signatures[ids.astype(np.int64)], share)[0]) == pairs


def test_a_crowd_of_unlike_documents_keeps_a_bounded_number_of_leaders():
    count = 3 * MAX_LEADERS
    signatures = np.repeat(np.arange(count, dtype=np.uint32)[:, None], 4, axis=1)
    signatures = np.vstack([signatures, signatures])
    ids = np.arange(2 * count, dtype=np.uint64)
    keys = np.zeros(2 * count, np.uint64), np.zeros(2 * count, np.uint64), ids
    later, leader = verified_pairs(*keys, lambda ids: signatures[ids.astype(np.int64)], 1.0)
    assert leader.tolist() == list(range(MAX_LEADERS))
    assert (later - leader).tolist() == [count] * MAX_LEADERS


def test_a_star_has_one_pair_less_than_the_group_has_rows():
    ids = np.arange(1_000_000, dtype=np.uint64)
    later, first = star_pairs(np.zeros(len(ids), np.uint64), np.zeros(len(ids), np.uint64), ids)
    assert later.tolist() == ids[1:].tolist()
    assert not first.any()
