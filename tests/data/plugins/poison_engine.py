"""Engine `poison`: pages that name a fault have it, others answer with their text. Shows what the sandbox must survive."""

import ctypes
import os
import re
import signal
import sys
import time
from pathlib import Path

from corpus_forge.registry import extractors

MARK = re.compile(r"<!--poison:(\w+)(?: (.*?))?-->")
TAG = re.compile(r"<[^>]*>")


@extractors.add("poison")
class Poison:
    version = "1"

    def extract(self, html, url):
        mark = MARK.search(html)
        if mark:
            FAULTS[mark[1]](mark[2])
        return TAG.sub("", html)


@extractors.add("unloadable")
class Unloadable:
    version = "1"

    def extract(self, html, url):
        import a_library_that_nobody_has  # noqa: F401


def segfault(_):
    ctypes.string_at(0)


def hang_in_c(_):
    # Holds the GIL for ages: backtracking, 2^64 steps.
    re.match(r"(a+)+$", "a" * 64 + "b")


def hang_asleep(_):
    time.sleep(1e6)


def allocate(_):
    return len(bytearray(8 << 30))


def hoard(_):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def refuse(_):
    raise ValueError("not this page")


def odd_message(_):
    class OddError(Exception):
        def __str__(self):
            raise RuntimeError("no message")

    raise OddError


def overflow_stack(_):
    sys.setrecursionlimit(1 << 30)
    one, other = [], []
    for _ in range(300_000):
        one, other = [one], [other]
    one == other  # noqa: B015 (compares in C, a frame a level)


def wrong_type(_):
    TAG.sub(0, "")


def write_file(path):
    with Path(path).open("wb") as file:
        file.write(b"x")


def connect(port):
    import socket

    socket.create_connection(("127.0.0.1", int(port)), timeout=2).close()


def environment(name):
    raise LookupError(f"{name}={os.environ.get(name)}")


def killed_until(path):
    # Killed from outside as long as the file has entries to take.
    entries = sorted(Path(path).iterdir())
    if entries:
        entries[0].unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def take(path):
    # Leaves a trace that the limits allow: one entry fewer.
    sorted(Path(path).iterdir())[0].unlink()


def hang_up(_):
    os.closerange(3, 64)
    time.sleep(1e6)


def scribble(_):
    # Answers that no child of ours gives.
    for fd in range(3, 64):
        try:
            os.write(fd, b"\xff" * 32)
        except OSError:
            continue
    time.sleep(1e6)


def huge(_):
    raise KeyError("x" * 1_000_000)


FAULTS = {
    "segfault": segfault,
    "hang_in_c": hang_in_c,
    "hang_asleep": hang_asleep,
    "exit": lambda code: os._exit(int(code)),
    "sys_exit": lambda code: sys.exit(int(code)),
    "allocate": allocate,
    "hoard": hoard,
    "raise": refuse,
    "odd_message": odd_message,
    "overflow_stack": overflow_stack,
    "wrong_type": wrong_type,
    "write_file": write_file,
    "connect": connect,
    "environment": environment,
    "kill_self": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "kill_helper": lambda _: os.kill(os.getppid(), signal.SIGKILL),
    "killed_until": killed_until,
    "spawn_and_hang": lambda seconds: os.system(f"exec sleep {seconds}"),
    "abort": lambda _: os.abort(),
    "take": take,
    "nap": lambda seconds: time.sleep(float(seconds)),
    "hang_up": hang_up,
    "scribble": scribble,
    "huge": huge,
}
