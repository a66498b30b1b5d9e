"""`status` tells a run that goes on from one whose driver was killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from small_corpus import pipeline_dict

from corpus_forge.pipeline import Pipeline, Run

PLUGIN = Path(__file__).parent / "data" / "plugins" / "slow.py"


def test_a_killed_driver_is_not_called_running(corpus, tmp_path):
    file, folder = tmp_path / "slow.json", tmp_path / "run"
    file.write_text(json.dumps(pipeline_dict(corpus, steps=[{"slow": {"seconds_per_document": 0.05}}], tokenize=None)))
    command = [sys.executable, "-m", "corpus_forge", "run", str(file), "-o", str(folder), "--executor", "inline"]
    process = subprocess.Popen([*command, "--plugin", str(PLUGIN)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tasks, deadline = folder / "work" / "tasks", time.monotonic() + 60
    while time.monotonic() < deadline and not (tasks.is_dir() and any(tasks.iterdir())):
        time.sleep(0.05)
    running = Run.open(folder).status()
    process.kill()
    process.wait()
    killed = Run.open(folder).status()
    assert running["status"] == "running"
    assert running["committed"] >= 1
    assert killed["status"].startswith("killed; run the same command again")
    assert Run.open(folder).record["status"] == "running"


def test_a_finished_run_is_complete(corpus, tmp_path):
    run = Pipeline.from_dict(pipeline_dict(corpus, tokenize=None)).run(tmp_path / "run", executor="inline")
    status = run.status()
    assert status["status"] == "complete"
    assert status["failures"] == 0
    assert status["stages"][0]["name"] == "read"
