"""Verbs about a pipeline: run it, check it, say what a run would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_forge.cli.options import AllowHttp, Output, Overrides, PipelineName, Plugins, examples
from corpus_forge.cli.training import shown, training_of

if TYPE_CHECKING:
    from corpus_forge.pipeline import Pipeline
    from corpus_forge.train.config import TrainingConfig

DONE, WRONG, SOME_SHARDS_FAILED = 0, 2, 3
Workers = Annotated[int | None, typer.Option(min=1, help="Tasks at once; the number of cores by default.")]
Address = Annotated[str | None, typer.Option(help="Join this Ray cluster.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Read only so many records, spread over the sources.")]
Executor = Annotated[str, typer.Option(metavar="auto|ray|inline", help="Where tasks run; auto decides by size and says why.")]


@examples(
    "corpus-forge run quickstart -o demo-run",
    "corpus-forge run my.yaml --workers 8 --set tokenize.seq_len=1024",
    "corpus-forge run my.yaml --set mix.parts.wiki.weight=3     another mixture of the same token shards",
    "corpus-forge run my.yaml --address head:6379 -o /shared/run     on a Ray cluster",
    "corpus-forge run my.yaml --limit 100          a taste: the first 100 records",
)
def run(  # noqa: PLR0913, PLR0917 - one parameter a flag, and typer passes them by name
    pipeline: PipelineName,
    output: Output = None,
    executor: Executor = "auto",
    workers: Workers = None,
    address: Address = None,
    limit: Limit = None,
    overrides: Overrides = None,
    max_failed_shards: Annotated[int, typer.Option(min=0, help="Finish, with exit code 3, when no more shards fail.")] = 0,
    max_quarantine: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="Fail a shard with a larger share in quarantine.")
    ] = None,
    allow_http: AllowHttp = False,
    plugin: Plugins = None,
) -> None:
    """Run a pipeline. The same command goes on where an earlier one stopped, and does again only what has changed."""
    from corpus_forge.report.progress import terminal_observer
    from corpus_forge.report.terminal import make_console, report_view

    _known_executor(executor)
    loaded = _load(pipeline, overrides, plugin)
    folder = output or loaded.default_output()
    training = training_of(loaded.config, folder)
    limits: dict[str, Any] = {"limit": limit, "max_failed_shards": max_failed_shards, "max_quarantine": max_quarantine}
    with terminal_observer() as observer:
        made = loaded.run(
            folder, executor=executor, workers=workers, address=address, allow_http=allow_http, observer=observer, **limits
        )
    console = make_console()
    console.print(report_view(made.report))
    if training is not None:
        _train(training)
    console.print(f"written to {folder}; look closer: corpus-forge removed {folder} · corpus-forge explain {folder} --id ID")
    raise typer.Exit(SOME_SHARDS_FAILED if made.report.get("failed_shards") else DONE)


@examples("corpus-forge check my.yaml", "corpus-forge check my.yaml --set extract.engine=trafilatura")
def check(
    pipeline: PipelineName,
    overrides: Overrides = None,
    no_read: Annotated[bool, typer.Option("--no-read", help="Do not read the first records of the sources.")] = False,
    allow_http: AllowHttp = False,
    plugin: Plugins = None,
) -> None:
    """Say what is wrong before anything is run. Exit code 2 when something is; warnings, as of broken records, alone are 0."""
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.views import problems_view

    loaded = _load(pipeline, overrides, plugin)
    training_of(loaded.config, loaded.default_output())
    problems = loaded.check(allow_http=allow_http, read=not no_read)
    make_console().print(problems_view(problems), soft_wrap=True)
    raise typer.Exit(WRONG if any(problem.level == "error" for problem in problems) else DONE)


@examples("corpus-forge plan quickstart", "corpus-forge plan my.yaml -o my-run     what is reused from my-run, and why")
def plan(  # noqa: PLR0913, PLR0917 - one parameter a flag, and typer passes them by name
    pipeline: PipelineName,
    output: Output = None,
    executor: Executor = "auto",
    workers: Workers = None,
    address: Address = None,
    limit: Limit = None,
    overrides: Overrides = None,
    allow_http: AllowHttp = False,
    plugin: Plugins = None,
) -> None:
    """Say what a run would do, and why. Stages, shards, what an earlier run leaves to reuse, the mixture, and the executor."""
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.views import plan_view

    _known_executor(executor)
    loaded = _load(pipeline, overrides, plugin)
    made = loaded.plan(output, executor=executor, workers=workers, address=address, limit=limit, allow_http=allow_http)
    make_console().print(plan_view(made))


def _train(training: TrainingConfig) -> None:
    from corpus_forge.train.loop import train

    with shown(training) as observe:
        last = train(training, observe)
    typer.echo(f"trained {last['step']} steps, written to {training.output}", err=True)


def _known_executor(name: str) -> None:
    known = ("auto", "ray", "inline")
    if name not in known:
        raise typer.BadParameter(f"'{name}' is none of {', '.join(known)}.", param_hint="--executor")


def _load(pipeline: str, overrides: Sequence[str] | None, plugins: Sequence[str] | None) -> Pipeline:
    from corpus_forge.pipeline import Pipeline

    return Pipeline.from_yaml(pipeline, overrides=tuple(overrides or ()), plugins=tuple(plugins or ()))
