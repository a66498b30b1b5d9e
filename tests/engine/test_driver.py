"""The driver tries again what may work again, gives up what will not, and never loses a task."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus_forge.engine import driver as driver_module
from corpus_forge.engine.driver import Driver
from corpus_forge.engine.executor import Result
from corpus_forge.engine.failures import RETRIES, Attempts, Failure
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import RunError


class ScriptedExecutor:
    """Ends each task as its script says: a list of error kinds, then a commit."""

    name, slots = "scripted", 2

    def __init__(self, space: Workspace, script: dict[str, list[str]]) -> None:
        self.space, self.script, self.queue, self.attempts = space, script, [], Counter()
        self.most_in_flight = 0

    def submit(self, task):
        self.queue.append(task)
        self.most_in_flight = max(self.most_in_flight, len(self.queue))

    def wait(self, timeout):
        if not self.queue:
            return []
        task = self.queue.pop(0)
        self.attempts[task.fingerprint] += 1
        kinds = self.script.get(task.fingerprint, [])
        if kinds:
            return [Result(task, {"error": {"kind": kinds.pop(0), "message": "scripted", "trace": ""}})]
        manifest = self.space.commit(task.fingerprint, {}, {"kind": "fake", "steps": [], "rows": 1})
        return [Result(task, {"manifest": manifest, "seconds": 0.0})]

    def cancel(self, task):
        pass

    def start(self, job):
        pass

    def close(self):
        pass


@pytest.fixture
def space(tmp_path, monkeypatch):
    monkeypatch.setattr("corpus_forge.engine.failures.BACKOFF_SECONDS", 0.0)
    space = Workspace(tmp_path / "run")
    space.create()
    return space


def tasks(count: int) -> list[Task]:
    return [Task("fake", "stage", f"shard {n}", f"{n:032x}", {}) for n in range(count)]


def run(space, script, count=6):
    executor = ScriptedExecutor(space, script)
    driver = Driver(space, executor, Observer())
    return driver, executor, driver.run("stage", tasks(count))


def test_manifests_come_back_in_the_order_of_the_tasks(space):
    _, executor, manifests = run(space, {})
    assert [m["fingerprint"] for m in manifests] == [t.fingerprint for t in tasks(6)]
    assert executor.most_in_flight <= driver_module.WINDOW * executor.slots


def test_a_finished_task_is_not_run_again(space):
    run(space, {}, count=4)
    _, executor, manifests = run(space, {}, count=6)
    assert sorted(executor.attempts) == [t.fingerprint for t in tasks(6)[4:]]
    assert len(manifests) == 6


def test_a_manifest_whose_file_is_gone_does_not_count(space):
    scratch = space.scratch("documents")
    scratch.write_text("x")
    space.commit(tasks(1)[0].fingerprint, {"documents": scratch}, {"kind": "fake", "steps": [], "rows": 1})
    space.output(tasks(1)[0].fingerprint, "documents").unlink()
    _, executor, _ = run(space, {}, count=1)
    assert executor.attempts[tasks(1)[0].fingerprint] == 1


@pytest.mark.parametrize("kind", ["worker", "memory", "silent", "bug"])
def test_each_kind_of_failure_is_tried_again_as_often_as_declared(space, kind):
    first = tasks(1)[0].fingerprint
    driver, executor, manifests = run(space, {first: [kind] * RETRIES[kind]}, count=1)
    assert executor.attempts[first] == RETRIES[kind] + 1
    assert manifests[0] is not None
    assert driver.failed == []


@pytest.mark.parametrize("kind", sorted(RETRIES))
def test_one_failure_more_gives_the_task_up_and_the_others_go_on(space, kind):
    last = tasks(3)[2].fingerprint
    driver, executor, manifests = run(space, {last: [kind] * 99}, count=3)
    assert executor.attempts[last] == RETRIES[kind] + 1
    assert [m is not None for m in manifests] == [True, True, False]
    assert [(f.task.label, f.kind) for f in driver.failed] == [("shard 2", kind)]


def test_a_commit_anywhere_starts_the_count_of_dead_workers_again():
    attempts, failure = Attempts(), Failure(tasks(1)[0], "worker", "died", "")
    for _ in range(4):
        assert [attempts.again(failure) is not None for _ in range(RETRIES["worker"])] == [True] * RETRIES["worker"]
        attempts.committed()
    waits = [attempts.again(failure) for _ in range(RETRIES["worker"] + 1)]
    assert waits[-1] is None
    assert waits[:-1] == sorted(waits[:-1])


def test_a_bug_is_not_forgiven_because_others_commit(space):
    first = tasks(30)[0].fingerprint
    driver, executor, _ = run(space, {first: ["bug"] * 30}, count=30)
    assert executor.attempts[first] == RETRIES["bug"] + 1
    assert len(driver.failed) == 1


def test_a_full_disk_stops_the_run_and_says_so(space):
    with pytest.raises(RunError, match="Free some space"):
        run(space, {tasks(1)[0].fingerprint: ["disk"]}, count=1)


def test_equal_tasks_run_once(space):
    twice = tasks(1) * 2
    executor = ScriptedExecutor(space, {})
    manifests = Driver(space, executor, Observer()).run("stage", twice)
    assert executor.attempts == {twice[0].fingerprint: 1}
    assert manifests[0] == manifests[1] is not None
