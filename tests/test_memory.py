"""Memory does not grow with the input: ten times the files, the same peak of the process tree within a tenth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

EXAMPLE = Path(__file__).parent.parent / "examples" / "data" / "docs.warc.gz"
ALLOWED_GROWTH = 1.10


def peak_of_run(folder: Path, copies: int) -> int:
    """Peak of the proportional set size of an inline run and its sandbox over `copies` files, in bytes."""
    inputs = folder / f"in{copies}"
    inputs.mkdir()
    for n in range(copies):
        # Another comment in the first header of each copy makes it another content, so that no copy is reused.
        (inputs / f"{n:02d}.warc.gz").write_bytes(EXAMPLE.read_bytes() + b"\n" * n)
    pipeline = {
        "name": "memory",
        "sources": [{"name": "web", "format": "warc", "paths": [f"{inputs}/*.warc.gz"]}],
        "steps": [{"extract": "resiliparse"}, {"language": {"keep": ["en"]}}, {"filter": "gopher_quality"}, {"redact": ["email"]}],
        "tokenize": {"train": {"vocab_size": 1024, "sample": "500kB"}, "seq_len": 512, "shard_tokens": "1M"},
    }  # fmt: skip
    file = folder / f"{copies}.json"
    file.write_text(json.dumps(pipeline))
    command = [sys.executable, "-m", "corpus_forge", "run", str(file), "-o", str(folder / f"run{copies}"), "--executor", "inline"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _tree_bytes(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0
    return peak


def _tree_bytes(pid: int) -> int:
    """Sum of PSS over a process and its descendants; shared pages are counted once in all."""
    total = 0
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except (psutil.Error, FileNotFoundError):
            continue
    return total


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's proportional set size")
@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="the interpreter's memory is not the kernels'")
def test_ten_times_the_input_needs_no_more_memory(tmp_path):
    peak_of_run(tmp_path, 1)
    one, ten = peak_of_run(tmp_path, 2), peak_of_run(tmp_path, 20)
    print(f"peak {one / 1e6:.0f} MB for 2 files, {ten / 1e6:.0f} MB for 20")
    assert ten <= one * ALLOWED_GROWTH
