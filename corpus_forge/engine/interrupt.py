"""SIGINT and SIGTERM: finish the commit in hand, stop, and say how to go on.

The first signal sets a flag that tasks look at between batches and the driver between tasks; the second one is the system's
own.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from corpus_forge.errors import Interrupted

_asked = threading.Event()


def check_interrupted() -> None:
    """Raise Interrupted when a signal has asked for it."""
    if _asked.is_set():
        raise Interrupted("stopped by a signal; what was finished is kept. Run the same command again to go on.")


@contextmanager
def graceful_signals() -> Iterator[None]:
    """Within the block, SIGINT and SIGTERM ask politely. Outside the main thread nothing changes."""
    _asked.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {int(number): signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: FrameType | None) -> None:
        _asked.set()
        signal.signal(number, before[number] or signal.SIG_DFL)

    for number in before:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        _asked.clear()
