"""Views of single documents and of a run's parts: `removed`, `explain`, `status`, `plan`, problems.

Each takes plain values and gives something rich can print; texts from documents are cut to a line and made safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from corpus_forge.report.mixture import mixture_view
from corpus_forge.report.plain import plain
from corpus_forge.report.tables import simple_table
from corpus_forge.report.terminal import counted
from corpus_forge.units import format_size

TEXT_CHARACTERS = 200


def removed_view(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Removed documents, each with its rule and value, where it came from, and the beginning of its text."""
    blocks: list[RenderableType] = []
    for row in rows:
        head = Text(f"{row['id']}  ", style="bold") + Text(f"{plain(row['rule'])}{_value(row)}", style="yellow")
        blocks.append(head)
        blocks.extend(Text(f"    {plain(row[key], 300)}", style="dim") for key in ("url", "origin") if row.get(key))
        if row.get("text"):
            blocks.append(Text(f"    {plain(row['text'], TEXT_CHARACTERS)}"))
    return Group(*blocks) if blocks else Text("No removed document matches.")


def explain_view(life: Mapping[str, Any]) -> RenderableType:
    """One document from its bytes to its tokens: origin, what each step said, where its tokens are."""
    facts = [
        Text(f"{key}: {plain(life[key])}") for key in ("id", "outcome", "url", "source", "origin") if life.get(key) is not None
    ]
    table = simple_table("verdicts")
    for name in ("step", "verdict", "rule", "value", "detail"):
        table.add_column(name, overflow="fold")
    for verdict in life.get("verdicts") or []:
        cells = [plain(verdict.get(key)) for key in ("step", "verdict", "rule")]
        table.add_row(*cells, _measured(verdict.get("value")), plain(verdict.get("detail"), TEXT_CHARACTERS))
    places = [
        Text(f"    {plain(place['shard'])} row {place['row']}: [{place['start']}, {place['stop']})")
        for place in life.get("tokens") or []
    ]
    tokens = [Text("tokens:", style="bold"), *places] if places else [Text("tokens: none")]
    others = (
        [Text(f"other documents of this URL: {', '.join(plain(each) for each in life['others'])}")]
        if life.get("others")
        else []
    )
    return Group(*facts, table, *tokens, *others)


def status_view(status: Mapping[str, Any]) -> RenderableType:
    """What a run directory says of itself: plain facts as lines, lists of mappings as tables."""
    parts: list[RenderableType] = []
    for key, value in status.items():
        if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            parts.append(_rows_table(key, value))
        elif isinstance(value, Mapping):
            parts.append(Text(f"{key}: " + ", ".join(f"{name} {_fact(each)}" for name, each in value.items())))
        elif value not in (None, [], ""):
            parts.append(Text(f"{key}: {_fact(value)}"))
    return Group(*parts)


def plan_view(plan: Any) -> RenderableType:
    """A `Plan`: one row a stage with what is reused, what will run, and why; `?` where earlier stages decide."""
    table = simple_table("plan")
    table.add_column("stage", no_wrap=True)
    table.add_column("steps", overflow="fold")
    for name in ("tasks", "reused", "to run"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for stage in plan.stages:
        counts = ("?" if count is None else f"{count:,}" for count in (stage.tasks, stage.reused, stage.to_run))
        table.add_row(plain(stage.name), plain(" → ".join(stage.steps)), *counts, plain(stage.reason))
    inputs = Text(f"input: {counted(plan.shards, 'shard')}, {format_size(plan.bytes)}")
    remarks = (Text(plain(remark)) for remark in plan.remarks)
    mixed = mixture_view(plan.mixture) if plan.mixture else Group()
    return Group(table, mixed, *remarks, inputs, Text(f"executor: {plain(plan.executor)} ({plain(plan.executor_reason)})"))


def problems_view(problems: Iterable[Any]) -> RenderableType:
    """Problems as lines, errors in red; or a sentence when there is none."""
    styles = {"error": "bold red", "warning": "yellow"}
    lines = [
        Text(f"{problem.level}: ", style=styles.get(problem.level, ""))
        + Text(f"{plain(problem.where)}: {plain(problem.message)}")
        for problem in problems
    ]
    return Group(*lines) if lines else Text("no problems", style="green")


def names_view(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    """A list of names and what is said of them."""
    table = simple_table()
    for index, column in enumerate(columns):
        table.add_column(column, no_wrap=index == 0, overflow="fold")
    for row in rows:
        table.add_row(*(plain(cell) for cell in row))
    return table


def number(value: Any) -> str:
    """A rule's value for people: six significant digits, no digits behind the point of a whole number."""
    if value is None:
        return ""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:.6g}"


def _measured(value: Any) -> str:
    """What a step looked at: one number, or several by name."""
    if isinstance(value, Mapping):
        pairs = ((name, number(each) if isinstance(each, int | float) else plain(each)) for name, each in value.items())
        return ", ".join(f"{plain(name)} {shown}" for name, shown in pairs)
    return number(value)


def _value(row: Mapping[str, Any]) -> str:
    words = [number(row.get("value")), plain(row.get("detail"), 120)]
    shown = " ".join(word for word in words if word)
    return f" = {shown}" if shown else ""


def _rows_table(title: str, rows: list[Mapping[str, Any]]) -> Table:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = simple_table(title)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(plain(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_fact(row.get(column)) for column in columns))
    return table


def _fact(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(plain(each) for each in value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    return f"{value:,}" if isinstance(value, int) else plain(value)
