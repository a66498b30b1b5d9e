"""The quickstart's steps with trafilatura on both sides, where the extractor is most of the work."""

from __future__ import annotations

from measure import OURS, PEERS, Row, Side, main

from rows.whole import datatrove, ours

ROW = Row(
    "Quickstart, trafilatura on both sides",
    {"corpus-forge, trafilatura": Side(OURS, ours("trafilatura")), "datatrove, trafilatura": Side(PEERS, datatrove)},
    note="the same steps; the extractor is most of the work; "
    "datatrove's reader drops pages that libmagic does not call HTML, so it has fewer to work on",
    repeats=3,
    size_of="WARC",
)

if __name__ == "__main__":
    main(ROW)
