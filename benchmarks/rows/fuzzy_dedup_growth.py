"""The same deduplication by corpus-forge of ten times as many documents: what a document costs must not grow."""

from __future__ import annotations

from measure import OURS, Row, Side, main

from rows.fuzzy_dedup import ours

ROW = Row(
    "Fuzzy deduplication, ten times the documents",
    {"20,000 documents": Side(OURS, ours(20_000)), "200,000 documents": Side(OURS, ours(200_000))},
    note="what matters is documents a second",
    repeats=3,
    shows_memory=True,
)

if __name__ == "__main__":
    main(ROW)
