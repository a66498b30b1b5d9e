"""Kills -9 of random Ray workers and of the driver during one run, each after at least one more commit.

The run is a real `corpus-forge run --executor ray` in a process of its own. What is proved: every rerun ends well, no task
that was committed is started again, nothing is left over after `clean`, and the bytes are those of a calm run. The cluster of a
killed driver takes up to a minute to end; the next run starts at once, beside it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from small_corpus import tree_digest

from corpus_forge.engine.workspace import Workspace

PLUGIN = Path(__file__).parent / "data" / "plugins" / "slow.py"


@dataclass
class Account:
    """What happened."""

    calm_seconds: float = 0.0
    killed_seconds: float = 0.0
    worker_kills: int = 0
    driver_kills: int = 0
    reruns: int = 0
    started_after_commit: list[str] = field(default_factory=list)
    same_bytes: bool = False
    left_over: list[str] = field(default_factory=list)


def command(pipeline: Path, run: Path, workers: int) -> list[str]:
    """The run as a user types it."""
    program = [sys.executable, "-m", "corpus_forge", "run", str(pipeline), "-o", str(run)]
    return [*program, "--executor", "ray", "--workers", str(workers), "--plugin", str(PLUGIN)]


def kill_loop(pipeline: Path, folder: Path, worker_kills: int, driver_kills: int, workers: int = 2, seed: int = 1) -> Account:
    """A calm run, then one with all the kills, compared."""
    account, began = Account(), time.monotonic()
    calm = subprocess.run(command(pipeline, folder / "calm", workers), check=False, capture_output=True, text=True)
    assert calm.returncode == 0, calm.stderr[-4000:]
    account.calm_seconds = time.monotonic() - began

    rng, run, began = random.Random(seed), folder / "killed", time.monotonic()
    kills = ["worker"] * worker_kills + ["driver"] * driver_kills
    rng.shuffle(kills)
    while True:
        driver = subprocess.Popen(command(pipeline, run, workers), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        kills = _kill_while_running(driver, run, kills, rng, account)
        output = driver.communicate()[0].decode()
        if driver.returncode == -signal.SIGKILL:
            account.reruns += 1
            continue
        assert driver.returncode == 0, output[-4000:]
        break
    account.killed_seconds = time.monotonic() - began
    account.started_after_commit = list(_started_after_commit(run))
    account.same_bytes = tree_digest(run) == tree_digest(folder / "calm")
    subprocess.run([sys.executable, "-m", "corpus_forge", "clean", str(run)], check=True, capture_output=True)
    shown = {"documents", "removed", "quarantine", "tokens", "index", "run.json", "report.json"}
    account.left_over = sorted(path.name for path in run.iterdir() if path.name not in shown)
    return account


def _kill_while_running(
    driver: subprocess.Popen, run: Path, kills: list[str], rng: random.Random, account: Account
) -> list[str]:
    """Kill as planned until the driver ends, one kill after each further commit; what is left of the plan."""
    seen = _commits(run)
    while kills and driver.poll() is None:
        time.sleep(0.05)
        if _commits(run) <= seen:
            continue
        time.sleep(rng.uniform(0.0, 0.3))
        if kills[0] == "driver":
            driver.kill()
            account.driver_kills += 1
            return kills[1:]
        if _kill_a_worker(driver.pid, rng):
            account.worker_kills += 1
            kills, seen = kills[1:], _commits(run)
    return kills


def _kill_a_worker(driver: int, rng: random.Random) -> bool:
    """SIGKILL one Ray worker that runs a task; False when none does right now."""
    workers = []
    for process in _descendants(driver):
        try:
            if process.name().startswith("ray::execute") or "ray::execute" in " ".join(process.cmdline()):
                workers.append(process)
        except psutil.Error:
            continue
    if not workers:
        return False
    os.kill(rng.choice(workers).pid, signal.SIGKILL)
    return True


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _commits(run: Path) -> int:
    tasks = run / "work" / "tasks"
    return len(list(tasks.glob("*.json"))) if tasks.is_dir() else 0


def _started_after_commit(run: Path) -> Iterator[str]:
    """Tasks that the log shows started although they were committed before."""
    committed: Counter[str] = Counter()
    for event in Workspace(run).events():
        if event["event"] == "commit":
            committed[event["task"]] += 1
        elif event["event"] == "start" and committed[event["task"]]:
            yield event["label"]
