"""How long until kernels answer: a new process that finds them compiled, and a machine that has compiled none.

The process starts, imports numba, loads what was kept and measures every signal of one text. Compiling is `corpus-forge warmup`
with an empty folder to keep machine code in, on two cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import OURS, Done, Row, Side, Work, main

MEASURE = "import corpus_forge as cf; print(cf.signals(['A text.']).num_columns, 'signals')"
WARM_UP = "from corpus_forge.cli.app import main; main(['warmup', '--processes', '2'])"


def _python(code: str, **variables: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | variables, capture_output=True, text=True, check=True)
    return done.stdout


def cached(inputs: Path) -> Work:  # noqa: ARG001 - needs none
    """A side: from the start of Python to the signals of a text."""
    _python(MEASURE)
    return lambda: Done(1, 0, _python(MEASURE).strip())


def compiled(inputs: Path) -> Work:  # noqa: ARG001 - needs none
    """A side: every kernel there is, on two cores."""
    ours = os.sched_getaffinity(0)
    others = sorted({*range(os.cpu_count() or 1)} - ours)
    os.sched_setaffinity(0, {*ours, *others[-1:]})

    def work() -> Done:
        with tempfile.TemporaryDirectory() as folder:
            lines = _python(WARM_UP, NUMBA_CACHE_DIR=folder).splitlines()
        return Done(1, 0, f"{sum(int(line.split()[1]) for line in lines if 'compiled' in line)} kernels")

    return work


ROW = Row(
    "Kernels ready: compiled before, and not",
    {"corpus-forge": Side(OURS, cached), "corpus-forge, nothing compiled": Side(OURS, compiled)},
    note="the second on two cores; the first is some 0.2 s faster where scipy is not installed, which numba imports",
    repeats=3,
    size_of="",
)

if __name__ == "__main__":
    main(ROW)
