"""What a report says of a step that tested itself: recall by similarity, its sampling interval, and the curve beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from corpus_forge.report.plain import plain
from corpus_forge.report.tables import simple_table


def self_test_sections(run_record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each step that tested itself, in their order."""
    facts = run_record.get("facts") or {}
    return [{"step": label, **said} for label, said in facts.items() if said["kind"] == "self_test"]


def self_test_table(section: Mapping[str, Any]) -> Table:
    """One row a range of similarity."""
    table = simple_table(plain(f"self-test · {section['step']}"))
    table.add_column("similarity", no_wrap=True)
    for name in ("pairs", "found", "recall", "95% interval", "curve"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in section["bins"]:
        interval, pairs = f"{row['low']:.1%} to {row['high']:.1%}", f"{row['pairs']:,}"
        ends = f"{row['from']:.2f} to {row['to']:.2f}"
        table.add_row(ends, pairs, f"{row['found']:,}", f"{row['recall']:.1%}", interval, f"{row['expected']:.1%}")
    table.caption = Text(f"{section['pairs']:,} edited copies of {section['documents']:,} documents, looked for beside the run")
    return table
