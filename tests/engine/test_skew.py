"""Crowded buckets: pairs follow the documents, not their square, and memory is bounded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = pytest.mark.skipif("CORPUS_FORGE_SOAK" not in os.environ, reason="runs with CORPUS_FORGE_SOAK=1: make soak")


@pytest.mark.parametrize(
    ("rows", "documents", "peak_mb"),
    [
        pytest.param(2_000_000, 2_000_000, 800, id="one band of two million documents"),
        pytest.param(1_400_000, 100_000, 700, id="fourteen bands of a hundred thousand equal documents"),
        pytest.param(10_000_000, 10_000_000, 2000, id="one band of ten million documents", marks=SOAK),
        pytest.param(14_000_000, 1_000_000, 2000, id="fourteen bands of a million equal documents", marks=SOAK),
    ],
)
def test_a_crowd_of_equal_documents_is_one_group(tmp_path, rows, documents, peak_mb):
    command = [
        sys.executable,
        str(Path(__file__).parent / "skewed_bucket.py"),
        str(rows),
        str(documents),
        str(tmp_path / "run"),
    ]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (found["pairs"], found["members"], found["groups"]) == (documents - 1, documents, 1)
    assert found["peak_mb"] < peak_mb
