"""The small corpus as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_corpus import write_shard


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six files of forty documents."""
    folder = tmp_path / "in"
    for n in range(6):
        write_shard(folder / f"{n}.jsonl", n)
    return folder
