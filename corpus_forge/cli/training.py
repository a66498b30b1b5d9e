"""`training:` of a pipeline, and what training shows on a terminal.

The keys are those of a training file; `tokens` is the run's own, and `output` RUN/model, where nothing else is said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from corpus_forge.errors import ConfigError, InputError, RequestError

if TYPE_CHECKING:
    from corpus_forge.config import PipelineConfig
    from corpus_forge.train.config import TrainingConfig


def training_of(config: PipelineConfig, folder: str | Path) -> TrainingConfig | None:
    """The training that a pipeline ends with, for a run in `folder`; None without. ConfigError says what is wrong with it."""
    if config.training is None:
        return None
    from corpus_forge.train.config import parse

    if config.tokenize is None:
        raise ConfigError("training", "there are no tokens to train on.", "Add a `tokenize:` section, or take `training:` out.")
    need_torch()
    return parse(_with_defaults(config.training, folder))


def training_of_run(folder: Path) -> TrainingConfig:
    """The `training:` of the pipeline that made a run; InputError when there is none."""
    from corpus_forge.pipeline import Run
    from corpus_forge.train.config import parse

    training = Run.open(folder).record["pipeline"].get("training")
    if training is None:
        raise InputError(f"{folder}: its pipeline has no `training:`. Give a training file instead.")
    return parse(_with_defaults(training, folder))


def need_torch() -> None:
    """A sentence instead of a traceback where the extra is not installed."""
    from importlib.util import find_spec

    missing = [name for name in ("torch", "safetensors") if find_spec(name) is None]
    if missing:
        raise RequestError(
            f"{' and '.join(missing)} must be installed to train and use models: pip install 'corpus-forge[train]'"
        )


@contextmanager
def shown(config: TrainingConfig) -> Iterator[Any]:
    """An observer of metrics: a bar with the end in sight on a terminal, a line each elsewhere."""
    from corpus_forge.train.__main__ import in_words

    if not sys.stderr.isatty():
        yield lambda line: typer.echo(in_words(line), err=True)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("step {task.completed:,}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    from rich.console import Console

    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=config.train.steps, said="")

        def observe(line: dict[str, Any]) -> None:
            if "eval" in line or "spike" in line:
                progress.console.print(in_words(line), highlight=False, markup=False)
            if "loss" in line:
                said = f"loss {line['loss']:.4f}  {line['tokens_per_s']:,.0f} tokens/s  {_clock(line['eta_s'])} to go"
                done = line["step"]
                total = config.train.steps or done + round(done * line["eta_s"] * line["tokens_per_s"] / max(1, line["tokens"]))
                progress.update(task, completed=done, total=total, said=said)

        yield observe


def _with_defaults(training: dict[str, Any], folder: str | Path) -> dict[str, Any]:
    return {"tokens": str(folder), "output": str(Path(folder) / "model"), **training}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
