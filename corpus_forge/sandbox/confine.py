"""What a child may not do. Each measure is one system call; those that a kernel or a container refuses are left out, since
each is a second line: the first is that the child is another process.

Linux: memory, core dumps, file sizes (setrlimit(2)), death with the helper and no new privileges (prctl(2)), no network
(unshare(2)), first to go when memory is short (proc(5)). Elsewhere only the limits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def cut_network() -> None:
    """Move this process and its children into a network namespace that has nothing, where the kernel allows it."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) != 0:
            libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
            # A new user namespace takes /proc/self from its own process; children need it to volunteer for the memory killer.
            libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def confine(helper: int, memory: int) -> None:
    """Limit this process, a child of the process `helper`, to `memory` bytes more address space than it has now."""
    os.setpgid(0, 0)
    _volunteer_for_oom()
    _die_with(helper)
    _silence()
    sys.dont_write_bytecode = True
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_AS, _address_space() + memory)


def _volunteer_for_oom() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _die_with(helper: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != helper:
        # It died between fork and prctl: nobody is left to tell.
        os._exit(0)


def _silence() -> None:
    # What engines print about pages is not for the terminal, and a page must not be able to write there.
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


def _address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (value, value))
