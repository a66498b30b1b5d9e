"""A slice of the kill loop: 4 dead workers and 2 dead drivers. tests/soak has the full size."""

from __future__ import annotations

import pytest
import yaml
from kill_loop import kill_loop
from small_corpus import pipeline_dict, write_shard

pytestmark = pytest.mark.ray


def test_dead_workers_and_drivers_change_no_byte(tmp_path):
    for n in range(8):
        write_shard(tmp_path / "in" / f"{n}.jsonl", n, documents=60)
    slow = {"slow": {"seconds_per_document": 0.01}}
    steps = [slow, {"filter": "gopher_quality"}, slow, {"dedup": {"preset": "fineweb", "keep": "longest"}}, slow]
    file = tmp_path / "slow.yaml"
    file.write_text(yaml.safe_dump(pipeline_dict(tmp_path / "in", steps=steps)))
    account = kill_loop(file, tmp_path, worker_kills=4, driver_kills=2)
    assert (account.worker_kills, account.driver_kills, account.reruns) == (4, 2, 2)
    assert account.started_after_commit == []
    assert account.same_bytes
    assert account.left_over == []
