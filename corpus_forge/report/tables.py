"""The look of all tables."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text


def simple_table(title: str | None = None) -> Table:
    """A rule under the header, nothing else."""
    return Table(
        title=Text(title) if title else None,
        box=box.SIMPLE,
        title_justify="left",
        caption_justify="right",
        pad_edge=False,
        title_style="bold",
    )
