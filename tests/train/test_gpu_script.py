"""benchmarks/gpu.py at a size for a CPU: every part runs, and what must hold anywhere holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "gpu.py"


def test_every_part_runs_and_writes_its_page(tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Words\n\n<!-- MEASURED -->\nold table\n")
    where = {**os.environ, "PYTHONPATH": str(SCRIPT.parent.parent), "OMP_NUM_THREADS": "1"}
    command = [
        sys.executable,
        str(SCRIPT),
        "--device",
        "cpu",
        "--tiny",
        "--output",
        str(tmp_path / "rows.json"),
        "--page",
        str(page),
    ]
    done = subprocess.run(command, env=where, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads((tmp_path / "rows.json").read_text())
    parts = [row["part"] for row in rows]
    assert list(dict.fromkeys(parts)) == ["ceiling", "parity", "mfu", "resume", "attention"]
    assert all(row["passed"] for row in rows if row["part"] in ("parity", "resume"))
    assert [row["largest_difference"] for row in rows if row["part"] == "resume"] == [0.0]
    assert all(row["mfu"] is None for row in rows if row["part"] == "mfu"), "no peak is known of a CPU, and none is guessed"
    text = page.read_text()
    assert text.startswith("# Words")
    assert "old table" not in text
    assert "### resume" in text
