"""The overlap of sources against counting by hand."""

from __future__ import annotations

import numpy as np
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup.overlap import overlap_matrix


@cases(100)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=40), st.sampled_from([1, 3, 1 << 20]))
def test_the_matrix_is_that_of_looking_at_every_pair(rows, piece):
    import corpus_forge.dedup.overlap as module

    module.PIECE, before = piece, module.PIECE
    groups, sources = (np.array([row[i] for row in rows], np.int64) for i in range(2))
    try:
        found = overlap_matrix(groups.astype(np.uint64), sources, 5)
    finally:
        module.PIECE = before
    expected = np.zeros((5, 5), np.int64)
    for i, (group, source) in enumerate(rows):
        for other in {other for j, (its, other) in enumerate(rows) if j != i and its == group}:
            expected[source, other] += 1
    np.testing.assert_array_equal(found, expected)


def test_no_groups_have_nothing_in_common():
    assert overlap_matrix(np.empty(0, np.uint64), np.empty(0, np.int64), 2).tolist() == [[0, 0], [0, 0]]
