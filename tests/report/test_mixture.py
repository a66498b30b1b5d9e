"""The mixture's table: what a run says it wrote, and counts for people."""

from __future__ import annotations

import pytest

from corpus_forge.report.mixture import count, mixture_of_report


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [(0, "0"), (999, "999"), (999.6, "1K"), (12_345, "12.3K"), (999_499, "999K"), (2e6, "2M"), (3.1e9, "3.1B"), (15e12, "15T")],
)  # fmt: skip
def test_counts_for_people(tokens, shown) -> None:
    assert count(tokens) == shown


def test_a_materialised_mixture_shows_what_was_written() -> None:
    rows = [
        {"part": "a", "available": 100, "basis": "measured", "wanted": 200, "epochs": 2.0, "share": 0.5, "written": 300},
        {"part": "b", "available": 0, "basis": "measured", "wanted": 200, "epochs": 0.0, "share": 0.5, "written": 100},
    ]
    told = {"tokens": 400, "materialised": True, "parts": rows, "warnings": []}
    table = mixture_of_report(told)
    assert table.tokens == 400
    assert [(row.wanted, row.epochs, row.share) for row in table.portions] == [(300, 3.0, 0.75), (100, 0.0, 0.25)]
    as_planned = mixture_of_report({**told, "materialised": False})
    assert [(row.wanted, row.epochs) for row in as_planned.portions] == [(200, 2.0), (200, 0.0)]
