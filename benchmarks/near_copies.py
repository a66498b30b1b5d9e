"""Documents for fuzzy deduplication: real pages grown by edits, as many as wanted, the same for the same seed.

Seven in ten are new: 2,000 characters of a page in which one word of three is replaced by a word of another page, so that two
from one page share an eighth of their word 5-grams. Three in ten are copies of an earlier new one, with one word of 200, 50 or
20 replaced. Uses the standard library alone, so that both environments can make them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

SEED, CHARACTERS, COPIES = 20, 2000, 0.3
NEW, EDITS = 1 / 3, (1 / 200, 1 / 50, 1 / 20)


def near_copies(inputs: Path, documents: int) -> Path:
    """The JSONL of so many documents, made once."""
    path = inputs / f"near-copies-{documents}.jsonl"
    if not path.exists():
        subprocess.run([sys.executable, __file__, str(path), str(documents)], check=True)  # its memory is no side's
    return path


def _make(path: Path, documents: int) -> None:
    with path.with_name("english.jsonl").open(encoding="utf-8") as file:
        pages = [json.loads(line)["text"] for line in file]
    part = path.with_suffix(f".{os.getpid()}")
    _write(part, [page for page in pages if len(page) >= CHARACTERS], documents)
    part.replace(path)


def _write(path: Path, pages: list[str], documents: int) -> None:
    draw = random.Random(SEED)
    words = [word for page in pages for word in page[:CHARACTERS].split()]
    originals: list[list[str]] = []
    with path.open("w", encoding="utf-8") as file:
        for number in range(documents):
            if originals and draw.random() < COPIES:
                text = _edited(draw, draw.choice(originals), draw.choice(EDITS), words)
            else:
                page = draw.choice(pages)
                first = draw.randrange(len(page) - CHARACTERS + 1)
                text = _edited(draw, page[first : first + CHARACTERS].split(), NEW, words)
                originals.append(text)
            file.write(json.dumps({"id": str(number), "text": " ".join(text)}) + "\n")


def _edited(draw: random.Random, text: list[str], share: float, words: list[str]) -> list[str]:
    return [draw.choice(words) if draw.random() < share else word for word in text]


if __name__ == "__main__":
    _make(Path(sys.argv[1]), int(sys.argv[2]))
