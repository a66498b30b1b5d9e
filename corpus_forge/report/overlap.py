"""What a report says of sources that have documents in common: how many of each have a copy in each other one.

`counts[i][j]` is how many documents of source i are in a group with one of source j; on the diagonal, with another one of
source i. Columns after those of the sources are earlier runs. `documents` is how many of each source the step saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from corpus_forge.report.plain import plain
from corpus_forge.report.tables import simple_table

WIDEST = 8
"""Columns of a matrix on a terminal; of more sources the largest entries are listed."""
SHOWN_ROWS = 15


def overlap_sections(run_record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each step that counted, in their order."""
    found = run_record.get("overlap") or {}
    return [{"step": label, **counted} for label, counted in found.items() if "counts" in counted]


def overlap_table(section: Mapping[str, Any]) -> Table:
    """The matrix, or the largest entries of a large one."""
    columns = [*section["sources"], *(f"run {name}" for name in section["earlier"])]
    title = plain(f"documents with a copy in · {section['step']}")
    return _matrix(section, columns, title) if len(columns) <= WIDEST else _list(section, columns, title)


def _matrix(section: Mapping[str, Any], columns: list[str], title: str) -> Table:
    table = simple_table(title)
    table.add_column("source", no_wrap=True)
    for name in ("documents", *columns):
        table.add_column(plain(name), justify="right", no_wrap=True)
    for name, documents, counts in zip(section["sources"], section["documents"], section["counts"], strict=True):
        table.add_row(plain(name), f"{documents:,}", *(_cell(count, documents) for count in counts))
    return table


def _list(section: Mapping[str, Any], columns: list[str], title: str) -> Table:
    table = simple_table(title)
    for name in ("source", "in"):
        table.add_column(name, no_wrap=True)
    table.add_column("documents", justify="right", no_wrap=True)
    entries = [
        (count, row, column) for row, counts in enumerate(section["counts"]) for column, count in enumerate(counts) if count
    ]
    for count, row, column in sorted(entries, key=lambda entry: (-entry[0], entry[1:]))[:SHOWN_ROWS]:
        source, documents = section["sources"][row], section["documents"][row]
        table.add_row(plain(source), plain(columns[column]), _cell(count, documents))
    if len(entries) > SHOWN_ROWS:
        table.add_row(f"and {len(entries) - SHOWN_ROWS} more in report.json", "", "")
    return table


def _cell(count: int, documents: int) -> str:
    return f"{count:,} ({count / documents:.1%})" if count else ""
