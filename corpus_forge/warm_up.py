"""Compiling every kernel once, ahead of the runs that need it: numba then loads machine code from its cache.

The cache lies beside the modules, or in the folder that NUMBA_CACHE_DIR names, which workers inherit: processes and machines
that share it share the work. A package with kernels adds one line to WARM_UPS; what it costs is measured there, too. Compiling
takes as many cores as processes are asked for; each types what kernels have in common once, whatever families come its way.

    python -m corpus_forge.warm_up text      the child process of `warm_up_apart`, given names line by line; answers in JSON
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple, cast

from corpus_forge.errors import RequestError, RunError, nearest

WARM_UPS = {
    "extract": "corpus_forge.extract.warm_up",
    "text": "corpus_forge.text.signals",
    "lines": "corpus_forge.text.cleaning",
    "metadata": "corpus_forge.extract.metadata.find",
    "dedup": "corpus_forge.dedup.warm_up",
    "nemo": "corpus_forge.text.nemo_signals",
    "dclm": "corpus_forge.text.dclm_signals",
    "rps": "corpus_forge.text.rps_line_signals",
    "scoring": "corpus_forge.scoring.warm_up",
    "juicer": "corpus_forge.text.juicer_signals",
    "bare": "corpus_forge.text.bare_lines",
    "madlad": "corpus_forge.text.madlad_signals",
    "tokens": "corpus_forge.tokens.warm_up",
}
"""Kernels by name, those that compile longest first, kin in a row: the module whose `warm_up()` runs each on a little."""


class Warmed(NamedTuple):
    """What warming up took: how many kernels were compiled (0: all were in the cache), and seconds, imports included."""

    name: str
    compiled: int
    seconds: float


def warm_up(name: str, told: Callable[[], None] = lambda: None) -> Warmed:
    """Make the kernels of that name ready in this process. `told` is called before the first one is compiled, if any is.

    RequestError for a name that does not exist.
    """
    refuse_unknown([name])
    began = time.perf_counter()
    counter = _listener(told)
    import_module(WARM_UPS[name]).warm_up()
    counter.close()
    return Warmed(name, counter.compiled, time.perf_counter() - began)


def warm_up_apart(names: Iterable[str], processes: int) -> Iterator[Warmed]:
    """The same in processes of their own, so many at a time, as they end; this process has loaded nothing then.

    RunError, with the last of what it said, when one fails.
    """
    chosen = list(names)
    refuse_unknown(chosen)
    own = threading.local()
    with ThreadPoolExecutor(processes) as pool, ExitStack() as children:

        def ask(name: str) -> Warmed:
            if not hasattr(own, "child"):
                own.child = children.enter_context(_Child())
            return own.child.warm_up(name)

        children.callback(pool.shutdown, wait=False, cancel_futures=True)
        for done in as_completed([pool.submit(ask, name) for name in chosen]):
            yield done.result()


def refuse_unknown(names: Iterable[str]) -> None:
    """RequestError, with the nearest name, for kernels that do not exist."""
    for name in names:
        if name not in WARM_UPS:
            raise RequestError(f"no kernels are named '{name}'. {nearest(name, WARM_UPS)}")


class _Child(AbstractContextManager["_Child"]):
    """A process that compiles what it is told to; leaving it ends it."""

    def __init__(self) -> None:
        self._errors = TemporaryFile("w+")  # noqa: SIM115 - closed on leaving
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True)

    def warm_up(self, name: str) -> Warmed:
        """As the function of that name, over there. RunError when the process ends instead."""
        to, answers = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        to.write(f"{name}\n")
        to.flush()
        if answer := answers.readline():
            return Warmed(**json.loads(answer))
        self._errors.seek(0)
        said = self._errors.read().strip()[-500:]
        raise RunError(f"kernels of {name}: they do not compile (exit code {self._process.wait()}): {said}")

    def __exit__(self, *raised: object) -> None:
        with self._process, self._errors:
            self._process.kill()


def _listener(told: Callable[[], None]) -> Any:
    """Counts kernels that numba compiles from now on; those that they call are part of them."""
    from numba.core import event

    class Counter(event.Listener):
        compiled = depth = 0

        def on_start(self, event: Any) -> None:
            if not self.compiled:
                told()
            self.compiled += self.depth == 0
            self.depth += 1

        def on_end(self, event: Any) -> None:
            self.depth -= 1

        def close(self) -> None:
            event.unregister("numba:compile", self)

    counter = Counter()
    event.register("numba:compile", counter)
    return counter


if __name__ == "__main__":
    gc.disable()  # a tenth of the time, and the process is soon gone
    for given in sys.argv[1:] or sys.stdin:
        print(json.dumps(warm_up(given.strip())._asdict()), flush=True)  # noqa: T201 - what the parent reads
