"""The quickstart's steps from WARCs to token files, against the same steps in datatrove with its default extractor."""

from __future__ import annotations

from measure import OURS, PEERS, Row, Side, main

from rows.whole import datatrove, ours

ROW = Row(
    "Quickstart, end to end",
    {"corpus-forge, resiliparse": Side(OURS, ours("resiliparse")), "datatrove, trafilatura": Side(PEERS, datatrove)},
    note="URL list, extraction, language, gopher_quality, redaction, exact deduplication, tokens; default extractors; "
    "datatrove's reader drops pages that libmagic does not call HTML, so it has fewer to work on",
    repeats=3,
    size_of="WARC",
)

if __name__ == "__main__":
    main(ROW)
