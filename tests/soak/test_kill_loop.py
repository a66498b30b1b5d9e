"""The kill loop in full size: 20 workers and 10 drivers over the 8 WARCs. `make soak`; the result goes to
docs/reliability.md.
"""

from __future__ import annotations

import os

import pytest
import yaml
from kill_loop import kill_loop

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif("CORPUS_FORGE_SOAK" not in os.environ, reason="an hour of work: `make soak` runs it"),
]


def test_twenty_dead_workers_and_ten_dead_drivers_change_no_byte(tmp_path, test_data):
    slow = {"slow": {"seconds_per_document": 0.05}}
    pipeline = {
        "name": "soak",
        "sources": [{"name": "web", "format": "warc", "paths": [str(test_data / "warc" / "*.warc.gz")]}],
        "steps": [
            slow, {"extract": "resiliparse"}, slow, {"language": {"keep": ["en"]}}, slow,
            {"filter": "gopher_quality"}, {"redact": ["email", "ip"]}, {"dedup": "exact"}, slow,
        ],
        "tokenize": {"train": {"vocab_size": 4096}, "seq_len": 512},
    }  # fmt: skip
    file = tmp_path / "soak.yaml"
    file.write_text(yaml.safe_dump(pipeline))
    account = kill_loop(file, tmp_path, worker_kills=20, driver_kills=10)
    print(account)
    assert account.calm_seconds >= 120
    assert (account.worker_kills, account.driver_kills, account.reruns) == (20, 10, 10)
    assert account.started_after_commit == []
    assert account.same_bytes
    assert account.left_over == []
