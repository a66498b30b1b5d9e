"""What `whatif` found, for people: a table by source, a few documents each way, and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from corpus_forge.report.plain import plain
from corpus_forge.report.terminal import simple_table
from corpus_forge.report.views import removed_view
from corpus_forge.units import format_size


def whatif_view(found: Mapping[str, Any]) -> RenderableType:
    """See Run.whatif for what is shown."""
    changes = [
        Text(f"{plain(each['rule'])}: {_interval(each['before'])} → {_interval(each['after'])}") for each in found["changes"]
    ]
    parts: list[RenderableType] = [*(changes or [Text("nothing is changed by this")]), _table(found["sources"])]
    for name in ("gained", "lost"):
        if found[name]:
            parts += [Text(f"{name}, for example:", style="bold"), removed_view(found[name])]
    for row in found["flagged"]:
        parts.append(Text(f"flagged by {plain(row['rule'])}: {row['before']:,} → {row['after']:,} kept documents"))
    for label, count in found["unknown"].items():
        parts.append(Text(f"unknown: {count:,} more reach {plain(label)}, which did not measure them.", style="yellow"))
    return Group(*parts, *(Text(f"estimate: {sentence}", style="dim") for sentence in found["estimates"]))


def _table(sources: list[Mapping[str, Any]]) -> RenderableType:
    if not sources:
        return Text("no document changes sides")
    table = simple_table("documents that change sides")
    table.add_column("source", overflow="fold")
    for name in ("gained", "bytes", "≈ tokens", "lost", "bytes", "≈ tokens"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in sources:
        cells = [plain(row["source"])]
        for name in ("gained", "lost"):
            tokens = row[f"{name}_tokens"]
            cells += [
                f"{row[f'{name}_documents']:,}",
                format_size(row[f"{name}_bytes"]),
                "" if tokens is None else f"{tokens:,}",
            ]
        table.add_row(*cells)
    return table


def _interval(keep: list[float | None]) -> str:
    return "[" + ", ".join("null" if bound is None else f"{bound:.12g}" for bound in keep) + "]"
