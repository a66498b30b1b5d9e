"""What a row of the comparison is, and how one side of it is timed.

Both interpreters load this file, corpus-forge's and the peers', so it needs the standard library alone. A side is timed in a
process of its own: it prepares (imports, models, compiled kernels, input in memory, a small warm-up), then works once between
two clock readings, on one core. What a side prepares is thus in no figure; the cost is a fresh process for every repeat.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

OURS, PEERS, DOLMA = "corpus-forge", "peers", "dolma"
"""The environments: ours, that of benchmarks/constraints-peers.txt, and dolma's own, which needs an older numpy."""
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONHASHSEED": "0",
    "HF_HUB_OFFLINE": "1",
}


class Done(NamedTuple):
    """What a side has worked through: documents and bytes of input, and its answer, to be held against the other side's."""

    documents: int
    size: int
    answer: str


Work = Callable[[], Done]


@dataclass(frozen=True)
class Side:
    """One contestant: the environment it needs, and `prepare`, which takes the folder of inputs."""

    environment: str
    prepare: Callable[[Path], Work]


@dataclass(frozen=True)
class Row:
    """One comparison. The first side is corpus-forge; ratios are other sides' seconds over its seconds."""

    title: str
    sides: dict[str, Side]
    note: str = ""
    repeats: int = 5
    size_of: str = field(default="text")
    """What the bytes count: WARC (compressed), HTML, text; empty where throughput means nothing."""
    shows_memory: bool = False
    """Whether the answer has the peak memory of the side's process."""


def main(row: Row) -> None:
    """Child process: `row.py SIDE INPUTS CORE` prints one JSON line."""
    name, inputs, core = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if core >= 0:
        os.sched_setaffinity(0, {core})
    work = row.sides[name].prepare(inputs)
    before, clock = _processor_seconds(), time.perf_counter()
    done = work()
    seconds = time.perf_counter() - clock
    figures = {"seconds": seconds, "processor_seconds": _processor_seconds() - before, "peak_mb": _peak_mb()}
    print(json.dumps({**figures, **done._asdict()}), flush=True)


def _processor_seconds() -> float:
    """Of this process and all below it, ended or not: a sandbox's work is its caller's."""
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        process = int(stat.parent.name)
        parents[process], ticks[process] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {os.getpid()}
    for process in sorted(parents):  # a child's number is higher than its parent's, wrapping around apart
        if parents[process] in family:
            family.add(process)
    return sum(ticks[process] for process in family) / os.sysconf("SC_CLK_TCK")


def _peak_mb() -> float:
    """Of this process alone. Not getrusage: its figure is inherited from the process that started this one."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def read_lines(path: Path, key: str) -> list[str]:
    """One field of every row of a JSONL file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line)[key] for line in file]


def warcs(inputs: Path) -> list[str]:
    """Paths of the WARC files of the comparison."""
    return (inputs / "warcs.txt").read_text("utf-8").split("\n")


def total_size(paths: list[str]) -> int:
    """Bytes of files."""
    return sum(Path(path).stat().st_size for path in paths)


def text_size(texts: list[str]) -> int:
    """Bytes of texts in UTF-8."""
    return sum(len(text.encode()) for text in texts)
