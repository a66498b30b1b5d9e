"""Repeated substrings of 200 bytes in ten times as many documents: neither memory nor the time of a document must grow.

No peer: the suffix arrays of Lee and others are a Rust program that is in no package registry.
"""

from __future__ import annotations

from measure import OURS, Row, Side, main

from rows.fuzzy_dedup import ours

ROW = Row(
    "Repeated substrings, ten times the documents",
    {f"{n:,} documents": Side(OURS, ours(n, method="substring", length=200)) for n in (10_000, 100_000)},
    note="three in ten documents are copies with some words changed; what matters is documents a second, and the peak",
    repeats=1,
    shows_memory=True,
)

if __name__ == "__main__":
    main(ROW)
