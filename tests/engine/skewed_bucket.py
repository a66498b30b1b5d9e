"""Child process: one band bucket of so many rows through reduce and join; prints its peak memory and what came out.

Usage: skewed_bucket.py ROWS DOCUMENTS FOLDER. Every row has the same key when ROWS equals DOCUMENTS; else each document has
ROWS / DOCUMENTS bands, all equal to those of every other.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from corpus_forge.engine import corpus
from corpus_forge.engine.keys import KeysWriter
from corpus_forge.engine.removals import join_fingerprint, reduce_fingerprint
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import KEY_DTYPE, MEMBER_DTYPE
from corpus_forge.steps.dedup.family import dedup

SHARDS = 4


def main(rows: int, documents: int, folder: str) -> None:
    space = Workspace(Path(folder))
    space.create()
    bands = rows // documents
    for shard in range(SHARDS):
        keys = np.zeros(rows // SHARDS, KEY_DTYPE)
        keys["row"] = np.arange(len(keys)) // bands
        keys["hi"] = np.arange(len(keys)) % bands + 1
        path = space.scratch("keys")
        with KeysWriter(path, KEY_DTYPE, 1) as writer:
            writer.write(keys)
        space.commit(f"keys{shard}", {"keys": path}, {})
    space.write_json("work/data/seal.seal", [f"keys{shard}" for shard in range(SHARDS)])
    context = SimpleNamespace(workspace=space, config=SimpleNamespace(steps=[dedup.make({"preset": "fineweb"})]))
    payload = {"step": 0, "seal": "seal", "buckets": 1}
    reduced = corpus.run_reduce(context, Task("reduce", "", "", reduce_fingerprint("seal", 0, 1), {**payload, "bucket": 0}))
    joined = corpus.run_join(context, Task("join", "", "", join_fingerprint("seal"), payload))
    members = np.fromfile(space.output(joined["fingerprint"], "members"), MEMBER_DTYPE)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    groups = len(np.unique(members["kept"]))
    print(json.dumps({"peak_mb": peak, "pairs": reduced["rows"], "members": len(members), "groups": groups}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
