"""The parent's hold on the helper process: start it, have it fork a child, have it bury one, let it go.

Started by `subprocess` with this process's `sys.path` and plugin files, so that it finds the same code also where the package
was shipped as plain files. It gets no credentials: variables that look like them stay here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import weakref
from typing import Any

from corpus_forge.errors import RunError
from corpus_forge.plugins import loaded_plugins
from corpus_forge.sandbox.protocol import COMMAND, FAILED, FORK, READY, REAP, receive, unpack_fault

START_TIMEOUT_S = 120.0
"""An engine may load a model from a slow disk."""
ANSWER_TIMEOUT_S = 30.0
END_TIMEOUT_S = 2.0
_BOOT = """
import json, sys
settings = json.loads(sys.argv[1])
sys.path[:] = settings["path"]
from corpus_forge.sandbox.zygote import main
main(settings)
"""
_CREDENTIAL = re.compile(r"^(AWS|AZURE|GOOGLE|GCP|GITHUB|HF|RAY)_|SECRET|TOKEN|PASSW|CREDENTIAL|API_?KEY|ACCESS_?KEY", re.I)


class Helper:
    """A running helper with engine `name` loaded. RunError when the engine cannot be; OSError or EOFError when it dies."""

    def __init__(self, name: str, options: dict[str, Any], memory: int, arena: int) -> None:
        self._control, theirs = socket.socketpair()
        settings = {
            "path": [os.path.abspath(entry) for entry in sys.path],  # noqa: PTH100 ('' stands for the working directory)
            "plugins": loaded_plugins(),
            "engine": name,
            "options": options,
            "memory": memory,
            "arena": arena,
            "control": theirs.fileno(),
            "parent": os.getpid(),
        }
        with theirs:
            self._process = _start(settings, (theirs.fileno(), arena))
        self.close = weakref.finalize(self, _end, self._process, self._control, os.getpid())
        try:
            self._await_ready(name)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the helper."""
        return self._process.pid

    def fork(self) -> tuple[int, socket.socket]:
        """A fresh child: its process id, and the socket on which it takes batches and answers."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [COMMAND.pack(FORK, 0)], [theirs.fileno()])
            answer, value = self._answer(ANSWER_TIMEOUT_S)
            if answer == FAILED:
                raise OSError(value, os.strerror(value))
        except BaseException:
            ours.close()
            raise
        return value, ours

    def bury(self, grace_ms: int) -> int | None:
        """Wait status of the last child, killed if it has not ended after the grace; None when the helper has died."""
        try:
            self._control.sendall(COMMAND.pack(REAP, grace_ms))
            return self._answer(ANSWER_TIMEOUT_S)[1]
        except (OSError, EOFError):
            return None

    def _await_ready(self, name: str) -> None:
        answer, length = self._answer(START_TIMEOUT_S)
        if answer == FAILED:
            reason, detail = unpack_fault(receive(self._control, length))
            raise RunError(
                f"extraction engine '{name}' cannot be loaded in the sandbox ({reason}: {detail}). Install what it imports."
                f" To see it fail: cf.extract('<p>x</p>', engine='{name}')."
            )
        assert answer == READY

    def _answer(self, timeout: float) -> tuple[bytes, int]:
        self._control.settimeout(timeout)
        return COMMAND.unpack(receive(self._control, COMMAND.size))


def _start(settings: dict[str, Any], descriptors: tuple[int, ...]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _BOOT, json.dumps(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=_environment(),
        pass_fds=descriptors,
        # Out of reach of Ctrl-C, which goes to all processes of a terminal: the parent decides how to stop.
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _CREDENTIAL.search(name)}
    # An engine that walks a set gives the same text in every run; and no threads before a fork.
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **kept, "PYTHONHASHSEED": "0"}


def _end(process: subprocess.Popen, control: socket.socket, owner: int) -> None:
    control.close()
    if os.getpid() != owner:
        # A fork of the owner: the helper is not its child.
        return
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_TIMEOUT_S)
        return
    process.kill()
    process.wait()
