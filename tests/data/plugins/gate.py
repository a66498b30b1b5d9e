"""A step that waits, so that a test can act in the middle of a run: shard 2 does not pass before a file is there."""

import time
from pathlib import Path

from corpus_forge import batch_step


@batch_step("gate")
def gate(batch, *, file: str):
    waits = any(url.startswith("https://example.org/2/") for url in batch["url"].to_pylist())
    deadline = time.monotonic() + 120
    while waits and not Path(file).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return batch
