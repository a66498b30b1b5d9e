"""The cluster executor, and the only file that imports Ray.

Ray core tasks, one a shard: arguments and answers are a few KB of JSON, data stays in files, and the driver, not Ray,
decides what a failure means (`max_retries=0`). Without an address a local cluster is started and stopped; with one the run
joins it, and all nodes must see the run directory and have this package and the plugin files installed at the same paths.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from corpus_forge.engine.executor import Result, available_workers
from corpus_forge.engine.tasks import Job, Task, encode
from corpus_forge.engine.worker import execute
from corpus_forge.errors import RequestError

REACH_SECONDS = 10.0
OBJECT_STORE_BYTES = 128 << 20
"""Nothing but task answers goes through it."""


class RayExecutor:
    """Runs tasks as Ray core tasks of one CPU each."""

    name = "ray"

    def __init__(self, workers: int | None, address: str | None) -> None:
        self.address = address
        self.slots = workers or available_workers()
        self._asked = workers
        self._job = ""
        self._live: dict[Any, Task] = {}
        self._owns = False

    def start(self, job: Job) -> None:
        """Join the cluster at the address, or the one of this process, or start a local one."""
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        import ray

        self._job = encode(job)
        if not ray.is_initialized():
            _check_reachable(self.address or "")
            self._owns = True
            try:
                ray.init(**self._options())
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise RequestError(f"{self._wish()}: {error}") from error
        if self._asked is None:
            self.slots = max(1, int(ray.cluster_resources().get("CPU", self.slots)))
        self._remote = ray.remote(num_cpus=1, max_retries=0)(execute)

    def _options(self) -> dict[str, Any]:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "runtime_env": {"env_vars": _environment()}}
        if self.address:
            return {"address": self.address, **quiet}
        # Said in words: left out, Ray would look for a cluster that somebody else started on this machine.
        local = {"address": "local", "num_cpus": self.slots, "include_dashboard": False}
        return {**local, "object_store_memory": OBJECT_STORE_BYTES, **quiet}

    def _wish(self) -> str:
        if self.address:
            return f"--address {self.address}: no Ray cluster can be joined there"
        return "--executor ray: no local Ray cluster can be started; `--executor inline` needs none"

    def submit(self, task: Task) -> None:
        """Hand a task to Ray."""
        self._live[self._remote.remote(self._job, encode(task))] = task

    def wait(self, timeout: float) -> list[Result]:
        """What has ended, with the death of a worker turned into an error of kind `worker`."""
        import ray

        if not self._live:
            return []
        done, _ = ray.wait(list(self._live), num_returns=1, timeout=timeout)
        more, _ = ray.wait(list(self._live), num_returns=len(self._live), timeout=0) if done else ([], [])
        return [Result(self._live.pop(reference), _answer(reference)) for reference in more]

    def cancel(self, task: Task) -> None:
        """Kill the worker that runs the task."""
        import ray

        for reference, live in self._live.items():
            if live == task:
                ray.cancel(reference, force=True)

    def close(self) -> None:
        """Cancel what runs; stop the cluster if this executor started it."""
        import ray

        for reference in self._live:
            ray.cancel(reference, force=True)
        self._live.clear()
        if self._owns:
            ray.shutdown()
            self._owns = False


def _check_reachable(address: str) -> None:
    """RequestError when nobody listens at HOST:PORT, within seconds. Ray itself tries for minutes before it says so.

    `auto` is what RAY_ADDRESS says or else the cluster that was last started on this machine, which may be gone.
    """
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS") or _last_cluster()
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise RequestError(f"--address {address}: no Ray cluster can be joined there: {error}") from error


def _last_cluster() -> str:
    """HOST:PORT that Ray has noted for this machine; empty when it has not."""
    note = Path(os.environ.get("RAY_TMPDIR", "/tmp")) / "ray" / "ray_current_cluster"  # noqa: S108 - where Ray itself looks
    try:
        return note.read_text().strip()
    except OSError:
        return ""


def _answer(reference: Any) -> dict[str, Any]:
    """What the task answered, or what Ray says of its end, by class."""
    import ray
    from ray import exceptions

    try:
        return ray.get(reference)
    except exceptions.OutOfMemoryError as error:
        return _failure("memory", error)
    except exceptions.TaskCancelledError as error:
        return _failure("silent", error)
    except exceptions.RayTaskError as error:
        return _failure("bug", error)
    except exceptions.RayError as error:
        return _failure("worker", error)


def _failure(kind: str, error: Exception) -> dict[str, Any]:
    first = str(error).strip().splitlines()
    return {"error": {"kind": kind, "message": f"{type(error).__name__}: {first[0] if first else ''}", "trace": ""}}


def _environment() -> dict[str, str]:
    """What workers need to know: compiled kernels are shared, and the package is found where the driver found it."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    shared = {name: os.environ[name] for name in ("NUMBA_CACHE_DIR",) if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), **shared}
