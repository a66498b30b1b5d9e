"""Gold pages with what other extractors make of them, for training: blocks that all agree on are labels of less weight.

    python benchmarks/extraction/guesses.py GOLD OUT TEXTS TEXTS ...

TEXTS are files of a text a line, as compare.py keeps them in benchmarks/.inputs/extraction/texts, in the order of GOLD's pages.
forge-1 was learned from trafilatura's pages with the texts of trafilatura, resiliparse and readability-lxml; on the
blocks that have snippets, what the three agree to be text is right for 94 of 100 blocks, what they agree not to be for 98.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import gold


def main() -> None:
    """Write OUT."""
    source, out, *texts = map(Path, sys.argv[1:])
    with out.open("w", encoding="utf-8") as file:
        for row, *guesses in zip(gold.rows(source), *map(gold.read, texts), strict=True):
            file.write(json.dumps({**row, "guesses": [guess or "" for guess in guesses]}) + "\n")


if __name__ == "__main__":
    main()
