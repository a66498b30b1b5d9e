"""Who starts, who dies, and that nobody is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from corpus_forge.sandbox.guard import Sandbox
from corpus_forge.sandbox.shared import shared_sandbox
from corpus_forge.sandbox.talk import Talk

POISON_PLUGIN = Path(__file__).parents[1] / "data" / "plugins" / "poison_engine.py"

SCRIPT = f"""
import os, sys, threading, time
import pyarrow as pa
from corpus_forge.plugins import load_plugins
load_plugins([{str(POISON_PLUGIN)!r}])
from corpus_forge.sandbox.shared import shared_sandbox
box = shared_sandbox({{"engine": "poison"}}, 60.0)
box.run(pa.array(["x"]))
print(box.processes.helper_pid, box.processes.child_pid, flush=True)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descriptors_of(process: int | str) -> int:
    return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())


def gone(pids: list[int], within: float) -> bool:
    deadline = time.monotonic() + within
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))


def start_script(rest: str) -> tuple[subprocess.Popen, list[int]]:
    process = subprocess.Popen([sys.executable, "-c", SCRIPT + rest], stdout=subprocess.PIPE, text=True, cwd="/")
    return process, [int(pid) for pid in process.stdout.readline().split()]


@pytest.fixture(autouse=True)
def _package_is_found(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


@pytest.mark.parametrize("page", ["idle", "<!--poison:hang_asleep-->", "<!--poison:hang_in_c-->", "spawn_and_hang"])
def test_kill_9_of_the_parent_leaves_no_process_behind(page):
    # Seconds that no other process on the machine sleeps, so that one left over elsewhere is not taken for ours.
    seconds = f"4322.{os.getpid()}{time.monotonic_ns()}"
    page = f"<!--poison:spawn_and_hang {seconds}-->" if page == "spawn_and_hang" else page
    rest = "time.sleep(600)" if page == "idle" else f"box.run(pa.array([{page!r}]))"
    process, family = start_script(rest)
    with process:
        time.sleep(0.2)
        process.kill()
    assert gone(family, within=5)
    assert not [
        p for p in Path("/proc").glob("[0-9]*/cmdline") if seconds.encode() in _command(p) and b"sleep\0" in _command(p)
    ]


def test_kill_9_of_the_parent_is_seen_while_its_fork_holds_the_connection_open():
    process, family = start_script("fork = os.fork()\nif fork: print(fork, flush=True)\ntime.sleep(600)")
    with process:
        fork = int(process.stdout.readline())
        process.kill()
        assert gone(family, within=5)
        os.kill(fork, signal.SIGKILL)


@pytest.mark.parametrize("rest", ["", "sys.exit(3)", "raise ValueError", "box.close()"])
def test_processes_end_with_the_program(rest):
    process, family = start_script(f"sys.stderr.close()\n{rest}")
    with process:
        assert gone([process.pid, *family], within=5)


def test_a_fork_of_the_program_gets_processes_of_its_own_and_ends_only_those():
    process, family = start_script(
        "fork = os.fork()\n"
        "box = shared_sandbox({'engine': 'poison'}, 60.0)\n"
        "text = box.run(pa.array(['<p>hello</p>']))[0][0].as_py()\n"
        "if fork: os.waitpid(fork, 0)\n"
        "print(box.processes.helper_pid, text, flush=True)\n"
        "if fork: print(box.run(pa.array(['<p>still here</p>']))[0][0].as_py())\n"
    )
    with process:
        (forked, first), (own, second) = (process.stdout.readline().split() for _ in range(2))
        assert (first, second) == ("hello", "hello")
        assert int(own) == family[0] != int(forked)
        assert process.stdout.readline() == "still here\n"
        assert process.wait() == 0
    assert gone([*family, int(forked)], within=5)


@pytest.mark.parametrize("victim", ["child_pid", "helper_pid"])
def test_kill_9_by_somebody_else_costs_time_and_no_page(sandbox, poison, victim):
    sandbox.run(pa.array(["x"]))
    pages = [poison("nap", 0.05) + str(i) for i in range(12)]
    timer = threading.Timer(0.2, lambda: os.kill(getattr(sandbox.processes, victim), signal.SIGKILL))
    before = sandbox.processes.children_started
    timer.start()
    texts, faults = sandbox.run(pa.array(pages))
    timer.join()
    assert faults == {}
    assert texts.to_pylist() == [f"never seen{i}" for i in range(12)]
    assert sandbox.processes.children_started > before


@pytest.mark.parametrize("victim", ["child_pid", "helper_pid"])
def test_kill_9_between_batches_is_not_noticed(sandbox, victim):
    sandbox.run(pa.array(["x"]))
    pid = getattr(sandbox.processes, victim)
    os.kill(pid, signal.SIGKILL)
    gone([pid], within=5)
    texts, faults = sandbox.run(pa.array(["<p>a</p>", "<p>b</p>"]))
    assert (texts.to_pylist(), faults) == (["a", "b"], {})


def test_fifty_restarts_leave_no_zombie_and_no_descriptor(sandbox, poison):
    sandbox.run(pa.array(["x"]))
    descriptors, helper = descriptors_of("self"), sandbox.processes.helper_pid
    of_helper = descriptors_of(helper)
    before = sandbox.processes.children_started
    for _ in range(25):
        _, faults = sandbox.run(pa.array([poison("exit", 1), "y"]))
        assert faults[0].reason == "exit:1"
        sandbox.run(pa.array(["y"]))
    assert sandbox.processes.children_started - before >= 50
    assert sandbox.processes.helper_pid == helper
    assert descriptors_of("self") == descriptors
    assert descriptors_of(helper) == of_helper
    assert _children(helper) == [sandbox.processes.child_pid]


def test_closing_leaves_nothing_and_a_closed_sandbox_starts_again():
    descriptors = descriptors_of("self")
    box = Sandbox({"engine": "poison"})
    for _ in range(2):
        assert box.run(pa.array(["<p>a</p>"]))[0].to_pylist() == ["a"]
        family = [box.processes.helper_pid, box.processes.child_pid]
        box.close()
        assert not any(map(alive, family))
    del box
    assert descriptors_of("self") == descriptors


def test_a_sandbox_outlives_the_thread_that_started_it(sandbox):
    sandbox.close()
    thread = threading.Thread(target=lambda: sandbox.run(pa.array(["x"])))
    thread.start()
    thread.join()
    family = [sandbox.processes.helper_pid, sandbox.processes.child_pid]
    time.sleep(0.1)
    assert all(map(alive, family))
    assert sandbox.run(pa.array(["<p>b</p>"]))[0].to_pylist() == ["b"]
    assert [sandbox.processes.helper_pid, sandbox.processes.child_pid] == family


def test_threads_take_turns(sandbox, poison):
    batches = [pa.array([f"<p>{k}.{i}</p>" for i in range(20)] + [poison("exit", k)]) for k in range(1, 6)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(sandbox.run, batches))
    for k, (texts, faults) in enumerate(answers, start=1):
        assert texts.to_pylist() == [f"{k}.{i}" for i in range(20)] + [None]
        assert {row: fault.reason for row, fault in faults.items()} == {20: f"exit:{k}"}


def test_an_interrupted_call_does_not_spoil_the_next(sandbox, poison, monkeypatch):
    def interrupt(self, timeout):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Talk, "answer", interrupt)
        with pytest.raises(KeyboardInterrupt):
            sandbox.run(pa.array(["<p>old</p>"] * 3))
    assert sandbox.run(pa.array(["<p>new</p>"] * 3))[0].to_pylist() == ["new"] * 3


def test_ctrl_c_in_a_terminal_does_not_reach_the_helper(sandbox):
    sandbox.run(pa.array(["x"]))
    assert os.getsid(sandbox.processes.helper_pid) != os.getsid(0)


def test_one_sandbox_for_the_same_settings_and_at_most_four():
    first = shared_sandbox({"engine": "poison"}, 11.0)
    assert shared_sandbox({"engine": "poison"}, 11.0) is first
    first.run(pa.array(["x"]))
    helper = first.processes.helper_pid
    for timeout in (12.0, 13.0, 14.0, 15.0):
        assert shared_sandbox({"engine": "poison"}, timeout) is not first
    assert not alive(helper)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
