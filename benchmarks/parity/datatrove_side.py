"""What datatrove's own filters say of each text: run in the peers' interpreter by run.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter

FILTERS = {
    "gopher_quality@datatrove": GopherQualityFilter,
    "gopher_repetition@datatrove": GopherRepetitionFilter,
    "fineweb@datatrove": FineWebQualityFilter,
    "c4@datatrove": C4QualityFilter,
}


def main(reading: str, path: str) -> None:
    """A line of JSON a document: keep, and why not."""
    step = FILTERS[reading]()
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            document = Document(text=json.loads(line)["text"], id="")
            verdict = step.filter(document)
            keep = verdict is True
            text = document.text if reading.startswith("c4") else None
            print(json.dumps({"keep": keep, "why": None if keep else verdict[1], "text": text}))


if __name__ == "__main__":
    main(*sys.argv[1:])
