"""The table of a mixture: shares, weights, caps, temperature and UniMax, against plain oracles and published figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.errors import RequestError
from corpus_forge.mixture.estimate import tokens_of_bytes
from corpus_forge.mixture.filling import fill, tempered
from corpus_forge.mixture.portions import Part, plan_mixture

SIZES = st.integers(0, 10**13)


def wanted(*parts: Part, **how) -> dict[str, int]:
    return {row.part: row.wanted for row in plan_mixture(parts, **how).portions}


def unimax(sizes: list[int], budget: float, epochs: float) -> list[float]:
    """Algorithm 1 of arXiv:2304.09151: the smallest corpus first, each an equal part of what is left, at most `epochs`."""
    given, left = [0.0] * len(sizes), budget
    for turn, i in enumerate(sorted(range(len(sizes)), key=lambda i: sizes[i])):
        given[i] = min(left / (len(sizes) - turn), epochs * sizes[i])
        left -= given[i]
    return given


def level_by_bisection(budget: float, weights: list[float], limits: list[float]) -> list[float]:
    """The oracle: the level at which what is poured is the budget, by halving."""
    low, high = 0.0, 1e30
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(map(min, (w * middle for w in weights), limits)) < budget else (low, middle)
    return [min(weight * high, limit) for weight, limit in zip(weights, limits, strict=True)]


def test_unimax_gives_the_figures_of_another_implementation() -> None:
    """The worked example of the package unimax-sampling 0.1 (its README), FineWeb-2's characters."""
    sizes = {"swe": 179955884499, "fas": 184595788282, "ekk": 42541080893, "isl": 10027573389, "fao": 549707867}
    found = wanted(*(Part(name, size, max_epochs=4) for name, size in sizes.items()), budget=250_000_000_000, unimax=True)
    third = 69230291659
    assert found == {"fao": 2198831468, "isl": 40110293556, "ekk": third, "swe": third, "fas": third}


@given(st.lists(SIZES, min_size=1, max_size=8), st.floats(1, 1e13), st.floats(0.1, 20))
def test_unimax_is_algorithm_1(sizes, budget, epochs) -> None:
    found = fill(budget, [1.0] * len(sizes), [epochs * size for size in sizes])
    assert found == pytest.approx(unimax(sizes, budget, epochs), rel=1e-9, abs=1e-6)


@given(st.floats(1, 1e9), st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 1e8)), min_size=1, max_size=7))
def test_pouring_finds_the_level(budget, parts) -> None:
    weights, limits = [weight for weight, _ in parts], [limit for _, limit in parts]
    found = fill(budget, weights, limits)
    assert sum(found) == pytest.approx(min(budget, sum(limits)), rel=1e-9)
    assert found == pytest.approx(level_by_bisection(min(budget, sum(limits)), weights, limits), rel=1e-6, abs=1e-3)


def test_temperature_flattens_sizes() -> None:
    assert tempered([100, 400, 0], 1) == [0.25, 1, 0]
    assert tempered([100, 400], 2) == pytest.approx([0.5, 1])
    assert wanted(Part("a", 100), Part("b", 900), budget=1000) == {"a": 100, "b": 900}
    assert wanted(Part("a", 100), Part("b", 900), budget=1000, temperature=2.0) == {"a": 250, "b": 750}


def test_fixed_parts_come_first_and_weights_share_the_rest() -> None:
    parts = (
        Part("a", 1000, tokens=100), Part("b", 50, epochs=2), Part("c", 10**6, share=0.3),
        Part("d", 10**6, weight=1), Part("e", 10**6, weight=3),
    )  # fmt: skip
    assert wanted(*parts, budget=1000) == {"a": 100, "b": 100, "c": 300, "d": 125, "e": 375}


def test_without_a_budget_what_asks_by_weight_is_read_once() -> None:
    assert wanted(Part("a", 300, weight=1), Part("b", 100, weight=1)) == {"a": 200, "b": 200}
    assert wanted(Part("a", 300), Part("b", 100), Part("c", 10, share=0.5)) == {"a": 300, "b": 100, "c": 400}
    assert wanted(Part("a", 300, tokens=50), Part("b", 100, epochs=3)) == {"a": 50, "b": 300}
    assert wanted(Part("a", 300, share=0.5), Part("b", 100, share=0.5)) == {"a": 200, "b": 200}


def test_a_full_part_leaves_its_rest_to_the_others() -> None:
    table = plan_mixture([Part("a", 10, weight=1, max_epochs=2), Part("b", 1000, weight=1)], 500)
    assert [row.wanted for row in table.portions] == [20, 480]
    assert table.warnings == ()


def test_a_mixture_that_cannot_be_filled_is_smaller_and_says_so() -> None:
    table = plan_mixture([Part("a", 10, tokens=500, max_epochs=5), Part("b", 100, weight=1, max_epochs=1)], 1000)
    assert [row.wanted for row in table.portions] == [50, 100]
    assert table.warnings == (
        "'a' is cut from 500 to 50 tokens: max_epochs",
        "'a' is read 5.0 times; beyond 4 repeats add little",
        "the mixture has 150 tokens, fewer than the 1,000 asked for",
    )


def test_what_people_should_know() -> None:
    table = plan_mixture([Part("a", 10, weight=1), Part("b", 0, weight=1), Part("c", 10**9, weight=0)], 60)
    assert table.warnings == ("'a' is read 6.0 times; beyond 4 repeats add little", "'b' holds no tokens")
    assert [row.share for row in table.portions] == [1, 0, 0]
    rare = plan_mixture([Part("a", 10**9, weight=1), Part("b", 10**9, weight=1e-6)], 10**9)
    assert [warning.split(",")[0] for warning in rare.warnings] == ["'b' has a share of 1.0e-06"]


def test_epochs_are_cut_where_the_budget_has_no_room_for_them() -> None:
    parts = [Part("a", 10**6, tokens=100), Part("b", 600, epochs=2), Part("c", 200, epochs=3), Part("d", 10, weight=1)]
    table = plan_mixture(parts, 1000)
    assert [row.wanted for row in table.portions] == [100, 600, 300, 0]
    assert table.warnings == (
        "'b' is cut from 1,200 to 600 tokens: the budget has no more room",
        "'c' is cut from 600 to 300 tokens: the budget has no more room",
        "'d' gets nothing: what others ask for is the whole budget",
    )


def test_tokens_and_shares_above_the_budget_are_refused() -> None:
    with pytest.raises(RequestError, match=r"are 1,100 tokens together, the budget is 1,000"):
        plan_mixture([Part("a", 10**6, tokens=900), Part("b", 600, share=0.2)], 1000)


@given(
    st.lists(st.tuples(SIZES, st.sampled_from(["weight", "share", "tokens", "epochs"]), st.floats(0.01, 0.2)), max_size=5),
    st.one_of(st.none(), st.integers(1, 10**13)),
    st.one_of(st.none(), st.floats(0.5, 9)),
)
def test_any_table_keeps_its_limits_and_adds_up(parts, budget, cap) -> None:
    ask = {"weight": float, "share": float, "tokens": lambda x: int(x * (budget or 10**6)) or 1, "epochs": lambda x: 10 * x}
    made = [Part(f"p{n}", size, **{how: ask[how](x)}, max_epochs=cap) for n, (size, how, x) in enumerate(parts)]
    try:
        table = plan_mixture(made, budget)
    except RequestError:
        return
    assert table.tokens == sum(row.wanted for row in table.portions)
    for part, row in zip(made, table.portions, strict=True):
        assert row.wanted <= part.limit + 1 if part.available else row.wanted == 0
    assert math.isclose(sum(row.share for row in table.portions), 1, abs_tol=1e-6) or not table.tokens


def test_estimates_of_files_are_those_of_examples() -> None:
    """Bytes of text in a byte of the file, of real samples: c4 2.65, the Pile 2.97, FineWeb 2.18, Wikipedia 1.68."""
    for name, kind, text in (
        ("c.json.gz", "jsonl", 2.65),
        ("p.jsonl.zst", "jsonl", 2.97),
        ("f.parquet", "parquet", 2.0),
        ("w.xml.bz2", "mediawiki", 1.68),
    ):
        assert tokens_of_bytes(1e6, kind, name) * 4.3 / 1e6 == pytest.approx(text, rel=0.15)
