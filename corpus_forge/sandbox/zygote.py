"""The helper's main: import the engine once, then fork a child whenever the parent asks, and bury it when told to.

Strictly one request after the other, no signal handlers, no threads. It ends when the parent hangs up or dies; should a
process forked from the parent hold the connection open, a glance once a second at who the parent is tells it too.
(PR_SET_PDEATHSIG would not do here: it fires when the parent's *thread* ends.)
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import time
from typing import Any

import corpus_forge.extract  # noqa: F401 (registers the built-in engines)
from corpus_forge.extract.engine import Engine, make_engine
from corpus_forge.plugins import load_entry_points, load_plugins
from corpus_forge.registry import extractors
from corpus_forge.sandbox import verdict
from corpus_forge.sandbox.child import serve
from corpus_forge.sandbox.confine import confine, cut_network
from corpus_forge.sandbox.protocol import COMMAND, FAILED, FORK, HAD_TO_KILL, READY, REAP, pack_fault

PARENT_CHECK_S = 1.0
REAP_POLL_S = 0.0005
WARM_PAGE = "<html><head><title>t</title></head><body><p>One page, to load all that the engine needs.</p></body></html>"


def main(settings: dict[str, Any]) -> None:
    """Run until the parent is gone. `settings` are those of `helper.Helper`."""
    control = socket.socket(fileno=settings["control"])
    _undo_inherited_signals()
    try:
        engine = _load(settings["engine"], settings["options"], settings["plugins"])
    except Exception as error:  # noqa: BLE001 (whatever keeps the engine from loading is told to the parent, which raises)
        payload = pack_fault(*verdict.of_exception(error))
        control.sendall(COMMAND.pack(FAILED, len(payload)) + payload)
        return
    cut_network()
    # Objects that exist now stay in pages shared with all children: the collector must not touch them.
    gc.collect()
    gc.freeze()
    control.sendall(COMMAND.pack(READY, 0))
    _serve(control, engine, settings)


def _undo_inherited_signals() -> None:
    # Ray workers ignore SIGCHLD and block others; Ctrl-C is for the parent, which decides how to stop.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _load(name: str, options: dict[str, Any], plugins: list[str]) -> Engine:
    load_plugins(plugins)
    if name not in extractors:
        load_entry_points()
    engine = make_engine(name, options)
    try:
        engine.extract(WARM_PAGE, None)
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 (not for the warm-up to judge: each page will say so itself)
        return engine
    return engine


def _serve(control: socket.socket, engine: Engine, settings: dict[str, Any]) -> None:
    parent = os.getppid() if os.getppid() == settings["parent"] else -1
    child = 0
    control.settimeout(PARENT_CHECK_S)
    try:
        while os.getppid() == parent:
            try:
                message, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 1)
            except TimeoutError:
                continue
            if len(message) < COMMAND.size:
                return
            command, value = COMMAND.unpack(message)
            if command == FORK:
                child, answer = _fork(control, descriptors[0], engine, settings)
            else:
                child, answer = 0, COMMAND.pack(REAP, _bury(child, value))
            control.sendall(answer)
    except OSError:
        return
    finally:
        if child:
            _bury(child, 0)


def _fork(control: socket.socket, data: int, engine: Engine, settings: dict[str, Any]) -> tuple[int, bytes]:
    helper = os.getpid()
    try:
        child = os.fork()
    except OSError as error:
        os.close(data)
        return 0, COMMAND.pack(FAILED, error.errno or 0)
    if child:
        os.close(data)
        with contextlib.suppress(OSError):
            # The child does so too; who comes first is open, and it must have its own group before it can be buried.
            os.setpgid(child, child)
        return child, COMMAND.pack(FORK, child)
    _live(control, data, engine, helper, settings)
    raise AssertionError("a child never returns")


def _live(control: socket.socket, data: int, engine: Engine, helper: int, settings: dict[str, Any]) -> None:
    """The life of a child; never returns, so that nothing of the helper's runs in it."""
    code = 1
    try:
        control.close()
        os.set_inheritable(data, False)
        confine(helper, settings["memory"])
        serve(socket.socket(fileno=data), settings["arena"], engine)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code & 0xFF)


def _bury(child: int, grace_ms: int) -> int:
    """Wait status of the child, or HAD_TO_KILL: it has so many ms to end by itself, then it is killed, with all it started."""
    if not child:
        return HAD_TO_KILL
    deadline = time.monotonic() + grace_ms / 1000
    while not (ended := os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG)) and time.monotonic() < deadline:
        time.sleep(REAP_POLL_S)
    # Before it is waited for: until then its process group cannot be anybody else's.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    return status if ended else HAD_TO_KILL
