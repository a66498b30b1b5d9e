"""Connected components against a dictionary that is merged pair by pair."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup import components as module
from corpus_forge.dedup.components import Forest, components

IDS = st.one_of(st.integers(0, 12), st.integers((1 << 64) - 8, (1 << 64) - 1))
PAIRS = st.lists(st.tuples(IDS, IDS), max_size=40)


def groups_of(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Each id and the smallest of its group, by merging sets."""
    group: dict[int, set[int]] = {}
    for left, right in pairs:
        if left != right:
            merged = group.get(left, {left}) | group.get(right, {right})
            group |= dict.fromkeys(merged, merged)
    return {member: min(members) for member, members in group.items()}


def arrays(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([pair[0] for pair in pairs], np.uint64), np.array([pair[1] for pair in pairs], np.uint64)


@cases(300)
@given(PAIRS)
def test_components_are_those_of_merged_sets(pairs):
    ids, roots = components(*arrays(pairs))
    assert (ids.dtype, roots.dtype) == (np.uint64, np.uint64)
    assert ids.tolist() == sorted(ids.tolist())
    assert dict(zip(ids.tolist(), roots.tolist(), strict=True)) == groups_of(pairs)


@cases(200)
@given(pairs=PAIRS, cuts=st.lists(st.integers(0, 40), max_size=5), turned=st.booleans())
def test_a_forest_is_the_same_for_any_order_and_split_of_the_pairs(pairs, cuts, turned):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST_PENDING", 3)
        forest = Forest()
        ordered = pairs[::-1] if turned else pairs
        bounds = sorted({0, len(pairs), *(cut for cut in cuts if cut < len(pairs))})
        for first, last in pairwise(bounds):
            forest.add(*arrays(ordered[first:last]))
        ids, roots = forest.groups()
    expected = groups_of(pairs)
    assert dict(zip(ids.tolist(), roots.tolist(), strict=True)) == expected
    assert forest.sizes().tolist() == [list(expected.values()).count(expected[one]) for one in ids.tolist()]


def test_no_pairs_make_no_groups():
    ids, roots = Forest().groups()
    assert (len(ids), len(roots)) == (0, 0)


def test_a_chain_of_a_hundred_thousand_is_one_group_either_way():
    chain = np.arange(100_000, dtype=np.uint64)
    for left, right in ((chain[1:], chain[:-1]), (chain[:-1][::-1], chain[1:][::-1])):
        ids, roots = components(left, right)
        assert len(ids) == 100_000
        assert not roots.any()


@cases(60)
@given(nodes=st.integers(1, 60), share=st.floats(0, 0.2), seed=st.integers(0, 1000))
def test_components_of_random_graphs_are_those_of_networkx(nodes, share, seed):
    networkx = pytest.importorskip("networkx")
    graph = networkx.gnp_random_graph(nodes, share, seed=seed)
    ids, roots = components(*arrays(list(graph.edges)))
    expected = {one: min(group) for group in networkx.connected_components(graph) if len(group) > 1 for one in group}
    assert dict(zip(ids.tolist(), roots.tolist(), strict=True)) == expected
