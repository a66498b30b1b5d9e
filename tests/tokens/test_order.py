"""The shuffle is a bijection that looks random; the mixture draws every row of every source once an epoch, at its share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.errors import RequestError
from corpus_forge.tokens.mixture import MixtureOrder
from corpus_forge.tokens.order import Shuffle, stream_key

SEEDS = st.integers(0, 2**64 - 1)
WEIGHTS = st.lists(st.sampled_from([0, 1, 2, 0.5, 0.003, 7, 1e-3]), min_size=1, max_size=5).filter(any)


def slow_shuffle(shuffle: Shuffle, place: int) -> int:
    """The oracle: the same network over Python's integers, one place at a time."""
    half, mask = int(shuffle._half), int(shuffle._mask)
    while True:
        left, right = place >> half, place & mask
        for key in shuffle._keys.tolist():
            mixed = ((right ^ key) * 0x9E3779B97F4A7C15) % 2**64
            mixed = ((mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9) % 2**64
            left, right = right, left ^ ((mixed ^ mixed >> 32) & mask)
        place = left << half | right
        if place < shuffle.n:
            return place


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 16, 17, 1000, 4096, 65_537])
def test_every_row_has_one_place(n) -> None:
    rows = Shuffle(n, 7, 1)(np.arange(n))
    assert np.array_equal(np.sort(rows), np.arange(n))


@cases(100)
@given(st.integers(1, 300), SEEDS, SEEDS)
def test_it_is_the_network_it_says(n, seed, stream) -> None:
    shuffle = Shuffle(n, seed, stream)
    rows = shuffle(np.arange(n))
    assert rows.tolist() == [slow_shuffle(shuffle, place) for place in range(n)]
    assert sorted(rows.tolist()) == list(range(n))


def test_a_place_alone_gives_what_it_gives_among_others_also_in_an_order_too_large_to_list() -> None:
    shuffle, places = Shuffle(10**12 + 7, 3, 9), np.array([0, 5, 10**12 + 6])
    together = shuffle(places)
    assert [int(shuffle(np.array([place]))[0]) for place in places] == together.tolist()
    assert (together < 10**12 + 7).all()


def test_orders_of_other_seeds_and_streams_are_others_and_none_looks_sorted() -> None:
    n = 20_000
    orders = [Shuffle(n, seed, stream)(np.arange(n)) for seed, stream in ((0, 0), (1, 0), (0, 1))]
    for order in orders:
        assert abs(np.corrcoef(np.arange(n), order)[0, 1]) < 4 / np.sqrt(n)
        assert np.mean(np.abs(np.diff(order)) == 1) < 4 * 2 / n + 4 * np.sqrt(2 / n / n)
    assert np.mean(orders[0] == orders[1]) < 5 / n * 2
    assert np.mean(orders[0] == orders[2]) < 5 / n * 2


def test_places_outside_are_refused() -> None:
    for wrong in (-1, 5):
        with pytest.raises(ValueError, match="of an order of 5 rows"):
            Shuffle(5, 0, 0)(np.array([wrong]))
    with pytest.raises(ValueError, match="at least 1"):
        Shuffle(0, 0, 0)


def test_stream_keys_do_not_run_into_each_other() -> None:
    assert len({stream_key("a", 1), stream_key("a", "1"), stream_key("a1"), stream_key("", "a1"), stream_key("a", 11)}) == 5
    assert stream_key("rows", "web", 0) == 3081232684212680776


@given(WEIGHTS, SEEDS, st.integers(0, 5000), st.integers(1, 700))
@cases(60)
def test_any_part_of_the_mixture_is_what_the_whole_says(weights, seed, start, length) -> None:
    names = [f"s{n}" for n in range(len(weights))]
    order = MixtureOrder(names, [(0, dict(zip(names, weights, strict=True)))], seed)
    source, inside = order.locate(np.arange(start + length))
    for number, weight in enumerate(weights):
        mine = inside[source == number]
        assert mine.tolist() == list(range(len(mine)))
        assert weight or not len(mine)
    part_source, part_inside = order.locate(np.arange(start, start + length))
    assert np.array_equal(part_source, source[start:])
    assert np.array_equal(part_inside, inside[start:])
    assert order.counts(start + length).tolist() == np.bincount(source, minlength=len(weights)).tolist()


def test_whole_blocks_hold_the_shares_to_half_a_row_and_every_row_once() -> None:
    weights = {"a": 0.503, "b": 0.25, "c": 0.2, "d": 0.03, "e": 0.015, "f": 0.002}
    order = MixtureOrder(list(weights), [(0, weights)], 1)
    n = 1024 * 40
    source, inside = order.locate(np.arange(n))
    total = sum(Fraction(weight) for weight in weights.values())
    for number, weight in enumerate(weights.values()):
        mine = inside[source == number]
        assert mine.tolist() == list(range(len(mine)))
        assert abs(len(mine) - n * Fraction(weight) / total) <= 1


def test_five_sources_meet_their_shares_within_half_a_percent_at_10_million_tokens() -> None:
    weights = {"a": 40, "b": 30, "c": 15, "d": 10, "e": 5}
    rows = 10_000_000 // 2048
    source, _ = MixtureOrder(list(weights), [(0, weights)], 3).locate(np.arange(rows))
    shares = np.bincount(source, minlength=5) / rows
    assert np.abs(shares - np.array([0.4, 0.3, 0.15, 0.1, 0.05])).max() < 0.005


@pytest.mark.parametrize("change", [1, 100, 1024, 1500, 5000])
def test_a_new_phase_goes_on_with_every_source_where_it_stood(change) -> None:
    first, then = {"a": 3, "b": 1}, {"b": 1, "c": 2}
    order = MixtureOrder("abc", [(0, first), (change, then)], 5)
    alone = MixtureOrder("abc", [(0, first)], 5)
    n = change + 6 * 1024
    source, inside = order.locate(np.arange(n))
    old_source, old_inside = alone.locate(np.arange(change))
    assert np.array_equal(source[:change], old_source)
    assert np.array_equal(inside[:change], old_inside)
    used = np.bincount(old_source, minlength=3)
    for number in range(3):
        later = inside[change:][source[change:] == number]
        assert later.tolist() == list(range(int(used[number]), int(used[number]) + len(later)))
    assert not (source[change:] == 0).any()
    assert abs((source[change:] == 2).mean() - 2 / 3) < 1e-3


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([], "must start at row 0"),
        ([(1, {"a": 1})], "must start at row 0"),
        ([(0, {"a": 1}), (0, {"a": 1})], "0 follows 0"),
        ([(0, {"x": 1})], "no source is called 'x'. Known: a, b"),
        ([(0, {"a": -1})], "the weight of 'a' is -1"),
        ([(0, {"a": float("nan")})], "the weight of 'a' is nan"),
        ([(0, {"a": float("inf")})], "the weight of 'a' is inf"),
        ([(0, {"a": True})], "the weight of 'a' is True"),
        ([(0, {"a": 0})], "no source has a weight above 0"),
        ([(0, {"a": 1, "b": 1e-9})], "a share of 1e-09 is too small"),
    ],
)
def test_wrong_mixtures_are_named(phases, message) -> None:
    with pytest.raises(RequestError, match=message):
        MixtureOrder(["a", "b"], phases, 0)
