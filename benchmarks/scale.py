"""How fuzzy deduplication grows: millions of synthetic signatures through partition, buckets and components.

    python benchmarks/scale.py                                  # 1, 2, 5, 10 and 20 million; some minutes, 8 GB of disk
    python benchmarks/scale.py --documents 200000 --table ""    # one size, as lines of JSON alone

Four documents in ten are copies at a similarity of 0.9 of one of the other six; which one is drawn, so clusters are small and
lie across all shards, as in a crawl. Signatures are drawn, not computed from texts: what is measured is the engine's own
partition writer, reduce tasks and join task, with as many buckets as it takes for documents of 2,000 bytes. Each size is a
process of its own, one core, one task after the other, so its peak memory is that of the largest task.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from corpus_forge.dedup.lsh import band_keys, catch_probability
from corpus_forge.engine import corpus
from corpus_forge.engine.corpus_stages import bucket_count
from corpus_forge.engine.keys import KeysWriter
from corpus_forge.engine.removals import join_fingerprint, reduce_fingerprint
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import KEY_DTYPE, MEMBER_DTYPE
from corpus_forge.steps.dedup.family import dedup

HERE = Path(__file__).parent
SIZES = (1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000)
BANDS, ROWS, SIMILARITY, ORIGINALS = 14, 8, 0.9, 0.6
SHARD_DOCUMENTS, BATCH, DOCUMENT_BYTES = 250_000, 25_000, 2000
MULTIPLIER, ADDEND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)


def main() -> None:
    """Measure all sizes, or be the child that measures one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--core", type=int, default=0, help="the core to pin to; -1: do not pin")
    parser.add_argument(
        "--table", default=str(HERE / "scale.json"), help="where the rows go, and a picture beside docs/scale.md"
    )
    parser.add_argument("--child", metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.documents[0], Path(given.child))), flush=True)
        return
    rows = [_in_child(documents, given.core) for documents in given.documents]
    if given.table:
        Path(given.table).write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
        draw(rows, HERE.parent / "docs" / "scale.svg")


def _in_child(documents: int, core: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--documents", str(documents), "--child", folder]
        pin = (lambda: os.sched_setaffinity(0, {core})) if core >= 0 else None
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, preexec_fn=pin)
    print(done.stdout, end="", flush=True)
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def measure(documents: int, folder: Path) -> dict[str, Any]:
    """One row: seconds of each wave, peak memory, and what was found beside what is expected."""
    space = Workspace(folder / "run")
    space.create()
    step: Any = dedup.make({"method": "minhash", "bands": BANDS, "rows": ROWS})
    buckets = bucket_count(step, [SimpleNamespace(size=documents * DOCUMENT_BYTES)])  # type: ignore[list-item]
    context: Any = SimpleNamespace(workspace=space, config=SimpleNamespace(steps=[step]))
    payload = {"step": 0, "seal": "seal", "buckets": buckets}
    seconds = {"draw": 0.0, "partition": 0.0}
    space.write_json("work/data/seal.seal", list(partitioned(space, documents, buckets, seconds)))
    clock = time.process_time()
    pairs = 0
    for bucket in range(buckets):
        fingerprint = reduce_fingerprint("seal", bucket, buckets)
        pairs += corpus.run_reduce(context, Task("reduce", "", "", fingerprint, {**payload, "bucket": bucket}))["rows"]
    seconds["reduce"] = time.process_time() - clock
    clock = time.process_time()
    joined = corpus.run_join(context, Task("join", "", "", join_fingerprint("seal"), payload))
    seconds["join"] = time.process_time() - clock
    members = np.fromfile(space.output(joined["fingerprint"], "members"), MEMBER_DTYPE)
    return {
        "documents": documents,
        "buckets": buckets,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "peak_mb": round(_peak_mb()),
        "pairs": pairs,
        "removed": int((members["id"] != members["kept"]).sum()),
        "copies": documents - round(documents * ORIGINALS),
        "expected_share": round(catch_probability(SIMILARITY, BANDS, ROWS), 6),
    }


def partitioned(space: Workspace, documents: int, buckets: int, seconds: dict[str, float]) -> Iterator[str]:
    """Write the keys of each shard, and give the names of the shards' outputs."""
    for shard, first in enumerate(range(0, documents, SHARD_DOCUMENTS)):
        path = space.scratch("keys")
        with KeysWriter(path, KEY_DTYPE, buckets) as writer:
            for begin in range(first, min(first + SHARD_DOCUMENTS, documents), BATCH):
                clock = time.process_time()
                signatures = draw_signatures(np.arange(begin, min(begin + BATCH, documents)), documents)
                drawn = time.process_time()
                hi, lo = band_keys(signatures, BANDS, ROWS)
                keys = np.empty(hi.size, KEY_DTYPE)
                keys["hi"], keys["lo"] = hi.reshape(-1), lo.reshape(-1)
                keys["row"] = np.repeat(np.arange(begin - first, begin - first + len(hi)), BANDS)
                writer.write(keys)
                seconds["draw"] += drawn - clock
                seconds["partition"] += time.process_time() - drawn
        yield str(space.commit(f"keys{shard}", {"keys": path}, {})["fingerprint"])


def draw_signatures(numbers: np.ndarray, documents: int) -> np.ndarray:
    """uint32[n, BANDS * ROWS] of the documents of these numbers: an original's own entries, nine in ten of them for a copy."""
    originals = round(documents * ORIGINALS)
    random = np.random.Generator(np.random.Philox(key=[documents, int(numbers[0])]))
    of = np.where(numbers < originals, numbers, random.integers(0, originals, len(numbers))).astype(np.uint32)
    entries = np.arange(BANDS * ROWS, dtype=np.uint32) * ADDEND
    value = of[:, None] * MULTIPLIER + entries
    for shift in (16, 15):
        value ^= value >> np.uint32(shift)
        value *= np.uint32(0x2C1B3C6D)
    value ^= value >> np.uint32(14)
    changed = random.random(value.shape, np.float32) >= SIMILARITY
    changed[numbers < originals] = False
    value[changed] = random.integers(0, 1 << 32, int(changed.sum()), np.uint32)
    return value


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Processor seconds of each wave and peak memory against documents."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "scale"
    from matplotlib import pyplot

    millions = [row["documents"] / 1e6 for row in rows]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    left.stackplot(millions, *[[row["seconds"][name] for row in rows] for name in ("partition", "reduce", "join")])
    left.legend(["partition", "reduce", "join"], loc="upper left")
    left.set(xlabel="million documents", ylabel="processor seconds", xlim=(0, None), ylim=(0, None))
    right.plot(millions, [row["peak_mb"] for row in rows], "o-")
    right.axhline(2000, linestyle="--", color="grey")
    right.set(xlabel="million documents", ylabel="peak memory of the largest task, MB", xlim=(0, None), ylim=(0, None))
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
