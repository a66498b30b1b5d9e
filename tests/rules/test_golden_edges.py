"""Every rule of every shipped set has golden texts on both sides of each of its bounds, near it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from corpus_forge.rules import RuleSet, load_rules, shipped
from corpus_forge.rules.apply import applied

NEAR = 0.1
"""How far a value may lie from a bound: a tenth of it, or of 1."""


def looked_at(rules: RuleSet) -> dict[str, list[float]]:
    """By the key of each rule, the numbers that it saw: of each golden text, and of its lines the lowest and the highest."""
    values: dict[str, list[float]] = {rule.key: [] for rule in rules.rules}
    for golden in rules.golden:
        given = {name: pa.array([getattr(golden, name)], pa.string()) for name in ("language", "source")}
        seen = applied(pa.array([golden.full_text()], pa.large_string()), rules, given).seen
        for rule in rules.rules:
            each = seen[rules.rule_name(rule)]
            values[rule.key] += [value for value in (each.lowest, each.highest) if value is not None]
    return values


def sides_without_a_text(rules: RuleSet) -> Iterator[str]:
    """`word_count >= 50: nothing near below`."""
    values = looked_at(rules)
    for rule in rules.rules:
        for bound, sign in ((rule.keep[0], 1), (rule.keep[1], -1)):
            if bound is None:
                continue
            reach = max(1.0, abs(bound) * NEAR) if float(bound).is_integer() else max(abs(bound), 1.0) * NEAR
            inside = [value for value in values[rule.key] if 0 <= sign * (value - bound) <= reach]
            outside = [value for value in values[rule.key] if 0 < sign * (bound - value) <= reach]
            for side, found in (("kept", inside), ("failing", outside)):
                if not found:
                    yield f"{rule.key}, bound {bound}: no {side} text near it"


@pytest.mark.parametrize("name", shipped())
def test_golden_texts_lie_on_both_sides_of_each_bound(name):
    assert list(sides_without_a_text(load_rules(name))) == []


def test_a_rule_without_a_text_on_one_side_is_found():
    golden = [
        {"text": "one two three", "removed_by": None},
        {"text": [{"repeat": "a ", "times": 40}], "removed_by": "word_count"},
    ]
    rules = RuleSet.model_validate(
        {"family": "f", "title": "t", "source": "s", "rules": [{"signal": "word_count", "keep": [3, 9]}], "golden": golden}
    )
    assert list(sides_without_a_text(rules)) == [
        "word_count, bound 3.0: no failing text near it",
        "word_count, bound 9.0: no kept text near it",
        "word_count, bound 9.0: no failing text near it",
    ]
