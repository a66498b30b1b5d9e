"""How tokenizers fit a corpus, and what a run's tokens are of, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from corpus_forge.report.plain import plain
from corpus_forge.report.terminal import simple_table
from corpus_forge.units import format_size


def fit_view(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The rows of `tokens.evaluate`."""
    table = simple_table("how tokenizers fit")
    for name in ("texts", "tokenizer"):
        table.add_column(name, no_wrap=name != "tokenizer", overflow="fold")
    for name in ("docs", "size", "bytes/token", "tokens/word", "unknown", "lossless"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            "all" if row["source"] == "*" else plain(f"{row['source']} {row['language']}"),
            plain(row["tokenizer"]),
            f"{row['documents']:,}",
            format_size(row["bytes"]),
            f"{row['bytes_per_token']:.2f}",
            f"{row['fertility']:.2f}",
            f"{row['unknown']:.2%}",
            f"{row['lossless']:.1%}",
        )
    return table
