"""How a failure is named: an exception, a signal or an exit code becomes a reason that reports count by, and a sentence."""

from __future__ import annotations

import os
import signal

from corpus_forge.sandbox.protocol import HAD_TO_KILL, MAX_DETAIL_CHARS

KILLED = "crash:SIGKILL"
"""From outside: the kernel short of memory, or somebody. The one end of a child that says little about the page."""


def of_exception(error: BaseException) -> tuple[str, str]:
    """(`oom` or `exception:Type`, message). The type's name comes from code, the message may come from the page."""
    if isinstance(error, MemoryError):
        return "oom", "the page needs more memory than the limit"
    try:
        detail = str(error)[:MAX_DETAIL_CHARS]
    except Exception:  # noqa: BLE001 (an exception whose message cannot be made is still one fault, not two)
        detail = ""
    return f"exception:{type(error).__name__[:80]}", detail


def of_end(status: int | None) -> tuple[str, str]:
    """(`crash:SIGNAL` or `exit:N`, sentence) from the status that waitpid gave; None when nobody could wait for it."""
    if status is None:
        return KILLED, "the child and its helper were killed"
    if status == HAD_TO_KILL:
        return "crash:hung_up", "the engine closed the connection of its process and went on"
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return f"exit:{code}", f"the engine ended its process with exit code {code}"
    number = os.WTERMSIG(status)
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"SIG{number}"
    return f"crash:{name}", f"the engine's process ended by {name}"


def of_garble() -> tuple[str, str]:
    """(`crash:garbled`, sentence)."""
    return "crash:garbled", "the engine's process answered with bytes that make no sense: its memory was overwritten"


def of_silence(timeout: float) -> tuple[str, str]:
    """(`timeout`, sentence)."""
    return "timeout", f"no answer within {timeout:g} s"
