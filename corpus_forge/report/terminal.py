"""A run on a terminal: the funnel as a table with a bar, what left and why, tokens.

Everything is built from report.json's values (build.py), so that a notebook, a terminal and a file never disagree. Text that
comes from documents goes through `plain` and into `Text` objects, where it cannot act as markup.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from corpus_forge.report.contamination import contamination_sentence
from corpus_forge.report.filters import filter_sentence
from corpus_forge.report.mixture import mixture_of_report, mixture_view
from corpus_forge.report.overlap import overlap_table
from corpus_forge.report.plain import plain
from corpus_forge.report.rules import never_fired, quiet_rules_table
from corpus_forge.report.self_test import self_test_table
from corpus_forge.report.tables import simple_table
from corpus_forge.units import format_size

BAR_CELLS = 24
SHOWN_ROWS = 15
WIDE = 104
"""Columns that the funnel takes with all it has to say."""
PIPED_WIDTH = 120
"""Columns when the output is no terminal and COLUMNS does not say: rich's 80 would cut rule names."""


def make_console(stderr: bool = False) -> Console:
    """A console for people: no markup or emoji in what is printed, a steady width in files and pipes."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED_WIDTH
    return console


def report_view(report: Mapping[str, Any]) -> RenderableType:
    """The whole report: funnel, removed, quarantined, tokens, and one line that says whether the accounts balance."""
    parts: list[RenderableType] = [Funnel(report)]
    removed, quarantined = report.get("removed") or [], report.get("quarantined") or []
    if removed:
        parts.append(count_table("removed", "rule", removed))
    if quarantined:
        parts.append(count_table("quarantined", "reason", quarantined))
    if report.get("cleaned"):
        parts.append(count_table("cleaned in kept documents", "kind", report["cleaned"]))
    if quiet := never_fired(report.get("rules") or []):
        parts.append(quiet_rules_table(quiet))
    statistics = (report.get("tokens") or {}).get("statistics") or {}
    if len(statistics.get("sources") or {}) > 1 or len(statistics.get("languages") or {}) > 1:
        parts.append(token_table(statistics))
    if report.get("mixture"):
        parts.append(mixture_view(mixture_of_report(report["mixture"])))
    parts.extend(self_test_table(section) for section in report.get("self_tests") or [])
    parts.extend(overlap_table(section) for section in report.get("overlap") or [])
    parts.extend(contamination_table(section) for section in report.get("contamination") or [])
    parts.extend(Text(plain(filter_sentence(section))) for section in report.get("filters") or [])
    parts.extend(_closing_lines(report))
    return Group(*parts)


class Funnel:
    """The funnel table as wide as the terminal allows: below WIDE columns without bytes and speeds, and with a shorter bar."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Table]:
        yield funnel_table(self.report, wide=options.max_width >= WIDE)


def funnel_table(report: Mapping[str, Any], wide: bool = True) -> Table:
    """One row a step: documents in and out, what left, bytes, speed of a worker, and the share still there as a bar."""
    table = simple_table(plain(f"{report.get('name')} · {report.get('status')}"))
    table.add_column("step", no_wrap=True)
    for name in ("in", "out", "removed", "quarantined", *(("bytes out", "docs/s", "MB/s") if wide else ())):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("left of all" if wide else "left", no_wrap=True)
    table.caption = Text("docs/s and MB/s are those of one worker in the step") if wide else None
    for row in report.get("funnel") or []:
        share = row["left_share"]
        table.add_row(
            plain(row["step"]),
            _count(row["documents_in"]),
            _count(row["documents_out"]),
            _removed(row, wide),
            _count(row["quarantined"]) if row["quarantined"] else "",
            *((format_size(row["bytes_out"]), *_speeds(row)) if wide else ()),
            bar(share, BAR_CELLS if wide else BAR_CELLS // 5) + Text(f" {share:.1%}"),
        )
    return table


def count_table(title: str, label: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Counts by name, the largest first; beyond SHOWN_ROWS only how many there are."""
    table = simple_table(title)
    table.add_column(label, no_wrap=True)
    table.add_column("step", no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("of all records" if "share" in rows[0] else "", justify="right", no_wrap=True)
    for row in rows[:SHOWN_ROWS]:
        table.add_row(
            plain(row[label]), plain(row["step"]), _count(row["count"]), f"{row['share']:.2%}" if "share" in row else ""
        )
    if len(rows) > SHOWN_ROWS:
        table.add_row(f"and {len(rows) - SHOWN_ROWS} more in report.json", "", "", "")
    return table


def token_table(statistics: Mapping[str, Any]) -> Table:
    """Documents, bytes and tokens by source, then by language, the largest first; beyond SHOWN_ROWS only how many there are."""
    table = simple_table("tokens by source and language, EOS not counted")
    for name in ("source", "language"):
        table.add_column(name, no_wrap=True)
    for name in ("documents", "text", "tokens", "bytes/token"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = [
        (source, language, counts)
        for source, found in statistics["sources"].items()
        for language, counts in found["languages"].items()
    ]
    rows.sort(key=lambda row: (-row[2]["tokens"], row[0], row[1]))
    for source, language, counts in rows[:SHOWN_ROWS]:
        per_token = f"{counts['bytes'] / counts['tokens']:.2f}" if counts["tokens"] else ""
        figures = (_count(counts["documents"]), format_size(counts["bytes"]), _count(counts["tokens"]), per_token)
        table.add_row(plain(source), plain(language), *figures)
    if len(rows) > SHOWN_ROWS:
        table.add_row(f"and {len(rows) - SHOWN_ROWS} more in report.json", "", "", "", "", "")
    return table


def contamination_table(section: Mapping[str, Any]) -> Table:
    """One row an evaluation set: how many items, how many of them can be found, and were; in how many documents."""
    table = simple_table(plain(f"contamination · {section['step']}"))
    table.add_column("set", no_wrap=True)
    for name in ("n", "items", "can match", "found", "in documents", "removed"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in section["sets"]:
        counts = ("ngram", "items", "can_match", "items_found", "documents", "removed")
        table.add_row(plain(row["name"]), *(_count(row[key]) for key in counts))
    table.caption = Text(contamination_sentence(section))
    return table


def bar(share: float, cells: int = BAR_CELLS) -> Text:
    """A share in [0, 1] as a bar of `cells` characters; something is drawn for every share above 0."""
    full = max(round(min(max(share, 0.0), 1.0) * cells), 1 if share > 0 else 0)
    return Text("█" * full, style="green") + Text("░" * (cells - full), style="dim")


def counted(count: int, noun: str) -> str:
    """`1 shard`, `2,000 shards`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _closing_lines(report: Mapping[str, Any]) -> list[Text]:
    totals, tokens, speed = report["totals"], report.get("tokens"), report["throughput"]
    lines = []
    if tokens:
        lines.append(_tokens_line(tokens))
    if speed["documents_per_second"]:
        lines.append(Text(f"speed: {speed['seconds']:.1f} s, {_count(round(speed['documents_per_second']))} records/s"))
    lines.append(_balance_line(totals, report["accounts"]))
    failed = report.get("failed_shards") or []
    if failed:
        says = f"failed shards: {len(failed)}; their records are missing above, and the same command tries them again"
        lines.append(Text(says, style="bold red"))
    return lines


def _tokens_line(tokens: Mapping[str, Any]) -> Text:
    parts = [
        f"{_count(tokens.get('tokens') or 0)} tokens",
        f"{counted(tokens.get('sequences') or 0, 'row')} of {tokens.get('seq_len')}",
        counted(tokens.get("shards") or 0, "shard"),
    ]
    if tokens.get("vocab_size"):
        parts.append(f"vocabulary {_count(tokens['vocab_size'])}")
    parts.append(f"{tokens['bytes_per_token']:.2f} bytes a token")
    return Text("tokens: " + ", ".join(parts))


def _balance_line(totals: Mapping[str, int], accounts: Mapping[str, Any]) -> Text:
    sentence = (
        f"{_count(totals['records_in'])} records in = {_count(totals['kept'])} kept"
        f" + {_count(totals['removed'])} removed + {_count(totals['quarantined'])} quarantined"
    )
    if accounts["balance"]:
        return Text(sentence, style="bold")
    return Text(f"{sentence}: THE ACCOUNTS DO NOT BALANCE: {plain('; '.join(accounts['findings']))}", style="bold red")


def _speeds(row: Mapping[str, Any]) -> tuple[str, str]:
    if not row["worker_seconds"]:
        return "", ""
    return _count(round(row["documents_per_second"])), f"{row['bytes_per_second'] / 1e6:.1f}"


def _removed(row: Mapping[str, Any], wide: bool) -> str:
    share = f"{row['removed_share']:.1%}" if row["removed"] else ""
    return f"{_count(row['removed'])} ({share})" if wide and share else share


def _count(value: int) -> str:
    return f"{value:,}"
