"""The verb `warmup`: machine code for every kernel, ahead of the first run."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from corpus_forge.cli.options import examples
from corpus_forge.warm_up import WARM_UPS

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KERNELS]...", help=f"{', '.join(WARM_UPS)}; all by default.", show_default=False),
]


@examples(
    "corpus-forge warmup                           about a minute once, two seconds from then on",
    "corpus-forge warmup text lines                what filters need",
    "NUMBA_CACHE_DIR=/shared/kernels corpus-forge warmup     for all machines that see the folder and set the variable",
)
def warmup(
    kernels: Names = None,
    processes: Annotated[int | None, typer.Option(min=1, help="At once; the number of cores by default.")] = None,
) -> None:
    """Compile every kernel, once per machine. A first run does it too, for what it needs, before its first task."""
    from corpus_forge.engine.executor import available_workers
    from corpus_forge.warm_up import warm_up_apart

    began = time.perf_counter()
    for done in warm_up_apart(kernels or WARM_UPS, processes or available_workers()):
        what = f"{done.compiled} compiled" if done.compiled else "ready"
        typer.echo(f"{done.name:<8} {what:<12} {done.seconds:6.1f} s")
    where = os.environ.get("NUMBA_CACHE_DIR") or "beside the modules; NUMBA_CACHE_DIR names another folder"
    typer.echo(f"{'all':<8} {time.perf_counter() - began:19.1f} s   kept {where}")
