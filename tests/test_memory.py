"""Memory does not grow with the input: ten times the files, the same peak of the process tree within a tenth.

The pages are made up, so that a file costs little to run and yet ten times as many hold three times what the margin lets pass.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_corpus import WORDS
from web_archives import write_warc

from corpus_forge.pipeline import Run

FILES, TIMES = 2, 10
PAGES_PER_FILE, WORDS_PER_PAGE = 60, 12_000
ALLOWED_GROWTH = 1.10


def write_inputs(folder: Path) -> list[str]:
    """Archives of some 4 MB of text each, no two pages the same."""
    paths = [folder / f"{n:02d}.warc.gz" for n in range(FILES * TIMES)]
    for n, path in enumerate(paths):
        rng = random.Random(n)
        pages = [f"<html><p>{' '.join(rng.choices(WORDS, k=WORDS_PER_PAGE))}.</p></html>" for _ in range(PAGES_PER_FILE)]
        path.write_bytes(write_warc([page.encode() for page in pages]))
    return [str(path) for path in paths]


def peak_of_run(folder: Path, paths: list[str]) -> int:
    """Peak of an inline run: extraction in its sandbox, language, rules, dedup, a tokenizer, token shards."""
    pipeline = {
        "name": "memory",
        "sources": [{"name": "web", "format": "warc", "paths": paths}],
        "steps": ["extract", "language", {"filter": "gopher_quality"}, {"redact": ["email"]}, "dedup"],
        "tokenize": {"train": {"vocab_size": 1024, "sample": "500kB"}, "seq_len": 512, "shard_tokens": "1M"},
    }
    file, run = folder / f"{len(paths)}.json", folder / f"run{len(paths)}"
    file.write_text(json.dumps(pipeline))
    peak = peak_of([sys.executable, "-m", "corpus_forge", "run", str(file), "--executor", "inline", "-o", str(run)])
    assert Run.open(run).record["totals"]["kept"] == PAGES_PER_FILE * len(paths)
    return peak


def peak_of(command: list[str]) -> int:
    """Peak of the proportional set size of a program and all it starts, in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, tree_bytes(process.pid))
        time.sleep(0.03)
    assert process.returncode == 0
    return peak


def tree_bytes(pid: int) -> int:
    """Sum over a process and its descendants; a page that several share counts once in all."""
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
    paths = write_inputs(tmp_path)
    one, ten = peak_of_run(tmp_path, paths[:FILES]), peak_of_run(tmp_path, paths)
    text = PAGES_PER_FILE * WORDS_PER_PAGE * 5 * FILES * TIMES
    print(f"peak {one / 1e6:.0f} MB for {FILES} files, {ten / 1e6:.0f} MB for {FILES * TIMES}, which hold {text / 1e6:.0f} MB")
    assert ten <= one * ALLOWED_GROWTH
