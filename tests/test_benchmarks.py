"""The benchmark harness draws its table from figures, and its rows load without either side's libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def harness(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import run

    return run


def figures(*seconds: float) -> list[dict]:
    return [
        {"seconds": each, "processor_seconds": each / 2, "documents": 100, "size": 2_000_000, "answer": "100 kept"}
        for each in seconds
    ]


def test_a_line_tells_median_spread_throughput_and_ratio(harness):
    ours = figures(1.5)
    line = harness._line("peer", figures(4.0, 2.0, 3.0), ours, harness.Row("A row", {}))
    expected = "3.000 (2.000 to 4.000, n=3) | 1.50 | 0.7 MB/s of text, 33 documents/s | 2.00 | 2.00 | 100 kept"
    assert line == f"| peer | {expected} |"
    with_peak = [{**each, "peak_mb": each["seconds"] * 100} for each in figures(4.0, 2.0, 3.0)]
    line = harness._line("peer", with_peak, ours, harness.Row("A row", {}, shows_memory=True))
    assert line == f"| peer | {expected}; 400 MB at the peak |"


def test_a_side_that_failed_is_shown_as_failed(harness):
    assert harness._line("peer", [], figures(1.5), harness.Row("A row", {})) == "| peer | failed | | | | | |"


def test_ratios_are_over_the_first_side(harness):
    row = harness.Row("A row", {}, note="like this")
    result = {"date": "2026-01-01", "input": "3 texts", "sides": {"corpus-forge": figures(2.0), "peer": figures(10.0)}}
    table = harness.render([(row, result)], ["a machine"])
    assert "## A row\n\n2026-01-01. Like this. Input: 3 texts.\n" in table
    assert [line.split(" | ")[4] for line in table.splitlines() if line.startswith("| ")][1:] == ["1.00", "5.00"]


def test_every_row_is_listed_and_loads_with_the_standard_library_alone(harness):
    files = {path.stem for path in (BENCHMARKS / "rows").glob("*.py")} - {"__init__", "whole"}
    assert files == set(harness.ROWS)
    code = "import sys; from importlib import import_module\n" + "".join(
        f"row = import_module('rows.{name}').ROW; assert len(row.sides) >= 2\n" for name in harness.ROWS
    )
    heavy = "assert not {'numpy', 'pyarrow', 'datatrove', 'corpus_forge'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code + heavy], cwd=BENCHMARKS, check=True)
