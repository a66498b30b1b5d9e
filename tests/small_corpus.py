"""A small corpus of JSONL files with known duplicates, and the pipeline that most engine tests run on it."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

WORDS = [
    "the",
    "be",
    "to",
    "of",
    "and",
    "that",
    "have",
    "with",
    "river",
    "stone",
    "light",
    "paper",
    "north",
    "winter",
    "garden",
    "engine",
    "window",
    "market",
    "signal",
    "forest",
]


def make_text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)) + "."


def write_shard(path: Path, seed: int, documents: int = 40) -> Path:
    """One JSONL file: mostly texts of 20 to 120 words, some repeated within the file and some common to all files."""
    rng = random.Random(seed)
    common = [make_text(random.Random(1000 + i), 80) for i in range(5)]
    lines = []
    for i in range(documents):
        text = rng.choice(common) if i % 10 == 3 else make_text(rng, rng.randint(20, 120))
        lines.append({"text": text, "url": f"https://example.org/{seed}/{i}"})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def pipeline_dict(folder: Path, **changes: Any) -> dict[str, Any]:
    """Reads folder/*.jsonl, filters, deduplicates, trains a tokenizer and packs; `changes` replace top-level keys."""
    return {
        "name": "small",
        "sources": [{"name": "web", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}],
        "steps": [{"filter": {"rules": "gopher_quality"}}, {"redact": ["email"]}, {"dedup": {"method": "exact"}}],
        "tokenize": {"train": {"vocab_size": 512}, "seq_len": 128},
        **changes,
    }


def tree_digest(run: Path, folders: tuple[str, ...] = ("documents", "removed", "quarantine", "tokens")) -> dict[str, str]:
    """sha256 of every public file of a run, by relative name."""
    files = sorted(path for folder in folders for path in (run / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
