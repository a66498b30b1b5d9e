"""The table of a mixture on a terminal: of a plan, from estimates, and of a run, from what was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from corpus_forge.mixture.portions import Mixture, Portion
from corpus_forge.report.plain import plain
from corpus_forge.report.tables import simple_table

BASES = {"measured": "", "estimated": "~", "at most": "≤ ", "given": "given "}


def mixture_table(mixture: Mixture) -> Table:
    """One row a part: tokens there, wanted, how often it is read for that, and its share of all."""
    table = simple_table(f"mixture: {count(mixture.tokens)} tokens")
    table.add_column("part", no_wrap=True)
    for name in ("available", "wanted", "epochs", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    for portion in mixture.portions:
        there = f"{BASES[portion.basis]}{count(portion.available)}"
        table.add_row(plain(portion.part), there, count(portion.wanted), f"{portion.epochs:.2f}", f"{portion.share:.1%}")
    if any(portion.basis in {"estimated", "at most"} for portion in mixture.portions):
        table.caption = Text("~ from the bytes of the input, before filters; ≤ all of its source: counted once it is tokenized")
    return table


def mixture_of_report(told: Mapping[str, Any]) -> Mixture:
    """The mixture that run.json keeps. A materialised one has what was written of each part, to the row."""
    rows = [{key: value for key, value in row.items() if key != "written"} for row in told["parts"]]
    if told["materialised"]:
        rows = [_as_written(row, told["parts"][number]["written"], told["parts"]) for number, row in enumerate(rows)]
    return Mixture(tuple(Portion(**row) for row in rows), sum(row["wanted"] for row in rows), tuple(told["warnings"]))


def mixture_view(mixture: Mixture) -> Group:
    """The table, and a line for each warning."""
    return Group(mixture_table(mixture), *(Text(plain(f"mix: {warning}"), style="yellow") for warning in mixture.warnings))


def count(tokens: int) -> str:
    """`6.2B`, `412K`: three digits are what a plan is good for."""
    size = float(tokens)
    for unit in ("", "K", "M", "B"):
        if abs(size) < 999.5:
            return f"{size:.3g}{unit}"
        size /= 1000
    return f"{size:.3g}T" if size < 999.5 else f"{size:,.0f}T"


def _as_written(row: dict[str, Any], written: int, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    whole = sum(each["written"] for each in rows)
    epochs = written / row["available"] if row["available"] else 0.0
    return {**row, "wanted": written, "epochs": epochs, "share": written / whole if whole else 0.0}
