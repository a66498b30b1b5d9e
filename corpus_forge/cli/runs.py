"""Verbs about a run directory as a whole: how far it is, what came of it, dropping what only a rerun needs."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus_forge.cli.options import RunFolder, examples


@examples("corpus-forge status demo-run")
def status(run: RunFolder) -> None:
    """Say how far a run is. Stages, shards done and to do, failures."""
    from corpus_forge.pipeline import Run
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.views import status_view

    make_console().print(status_view(Run.open(run).status()))


@examples("corpus-forge report demo-run", "corpus-forge report demo-run && less demo-run/report.json")
def report(run: RunFolder) -> None:
    """Print what a run made. Funnel, what was removed by which rule, tokens; report.json is written again."""
    from corpus_forge.pipeline import Run
    from corpus_forge.report.terminal import make_console, report_view

    opened = Run.open(run)
    opened.write_report()
    make_console().print(report_view(opened.report))


@examples("corpus-forge verify demo-run", "corpus-forge verify demo-run --sample 1000     reads more documents back")
def verify(
    run: RunFolder,
    sample: Annotated[int, typer.Option(min=0, metavar="N", help="Documents to read back from tokens to text.")] = 20,
) -> None:
    """Check a run's files against what they say. Digests, boundaries, counts, a sample read back; exit code 1 lists faults."""
    from corpus_forge.pipeline import Run
    from corpus_forge.report.plain import plain
    from corpus_forge.report.terminal import make_console

    found = Run.open(run).verify(sample)
    console = make_console()
    for where, what in found:
        console.print(plain(f"{where}: {what}", 1000), soft_wrap=True)
    console.print(f"{len(found)} faults" if found else "nothing is wrong")
    raise typer.Exit(1 if found else 0)


@examples("corpus-forge clean demo-run")
def clean(run: RunFolder) -> None:
    """Drop a run's working files. What it shows stays, so does the index for later runs; a later change starts anew."""
    from corpus_forge.pipeline import Run
    from corpus_forge.report.terminal import make_console
    from corpus_forge.units import format_size

    dropped = Run.open(run).clean()
    make_console().print(f"dropped {dropped['files']:,} files, {format_size(dropped['bytes'])}")
