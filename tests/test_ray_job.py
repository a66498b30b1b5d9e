"""The quickstart as a Ray job: submitted to the head of a cluster, it gives the tokens that it gives here (docs/cluster.md)."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus_forge.pipeline import Pipeline, Run

pytest.importorskip("aiohttp", reason="`ray job submit` needs the extra `cluster`")
pytestmark = pytest.mark.ray

RAY = Path(sys.executable).parent / "ray"


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def head() -> Iterator[tuple[str, dict[str, str]]]:
    """A head with 2 slots and token authentication: (address of its job server, environment to reach it)."""
    gcs, dashboard, agent = free_ports(3)
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    ports = ["--port", str(gcs), "--dashboard-port", str(dashboard), "--dashboard-agent-listen-port", str(agent)]
    local = ["--node-ip-address", "127.0.0.1", "--dashboard-host", "127.0.0.1"]
    quiet = ["--num-cpus", "2", "--object-store-memory", str(128 << 20), "--disable-usage-stats"]
    command = [str(RAY), "start", "--head", "--block", *ports, *local, *quiet]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    address = f"http://127.0.0.1:{dashboard}"
    try:
        _wait_for(address, process)
        yield address, environment
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        finally:
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None


def _wait_for(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "the head ended"
        try:
            urllib.request.urlopen(f"{address}/api/version", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
        else:
            return
    pytest.fail("the head did not answer within 90 s")


def _submitted(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess:
    """The job's end. The head answers a while before it has the agent that starts jobs: until then it takes none."""
    deadline = time.monotonic() + 60
    while True:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
        if "submitted successfully" in done.stdout or time.monotonic() > deadline:
            return done
        time.sleep(1)


def test_the_quickstart_runs_as_a_submitted_job(head, tmp_path):
    address, environment = head
    run = tmp_path / "run"
    job = [sys.executable, "-m", "corpus_forge", "run", "quickstart", "-o", str(run), "--executor", "ray", "--address", "auto"]
    done = _submitted([str(RAY), "job", "submit", "--address", address, "--", *job], environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    record = Run.open(run).record
    assert (record["status"], record["executor"]) == ("complete", "ray")
    here = Pipeline.from_yaml("quickstart").run(tmp_path / "here", executor="inline")
    shards = [entry["sha256"] for entry in Run.open(run).tokens().index["shards"]]
    assert shards == [entry["sha256"] for entry in here.tokens().index["shards"]]
    assert len(shards) == 1
