"""Lines of metrics handed on to TensorBoard and to Weights & Biases, for those who look there. metrics.jsonl stays the record.

Both are asked for by name (`trackers: [tensorboard]`) and imported only then; one that is not installed is a RequestError
before the first step, never a silent loss. A run that goes on adds to what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from corpus_forge.errors import RequestError

PACKAGES = {"tensorboard": "tensorboard", "wandb": "wandb"}
"""Names of trackers, and what pip calls what they need."""


class Tracker(Protocol):
    """Takes lines of metrics."""

    def write(self, line: dict[str, Any]) -> None:
        """One line; what is no number is left out."""

    def close(self) -> None:
        """Nothing follows."""


class TensorBoard:
    """Event files in MODEL/tensorboard."""

    def __init__(self, output: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(output / "tensorboard"))

    def write(self, line: dict[str, Any]) -> None:
        """One scalar for each number."""
        for name, value in scalars(line):
            self._writer.add_scalar(name, value, line["step"])

    def close(self) -> None:
        """Flush the files."""
        self._writer.close()


class Wandb:
    """A run of the project corpus-forge, named after the model's folder; WANDB_* variables as usual."""

    def __init__(self, output: Path) -> None:
        import wandb

        self._run: Any = wandb.init(project="corpus-forge", name=output.name, dir=str(output), resume="allow")

    def write(self, line: dict[str, Any]) -> None:
        """All numbers of the line at its step."""
        self._run.log(dict(scalars(line)), step=line["step"])

    def close(self) -> None:
        """End the run."""
        self._run.finish()


def open_trackers(names: Sequence[str], output: Path) -> list[Tracker]:
    """Those that are asked for; RequestError for one whose package is not there."""
    makers: dict[str, Any] = {"tensorboard": TensorBoard, "wandb": Wandb}
    made: list[Tracker] = []
    for name in names:
        try:
            made.append(makers[name](output))
        except ImportError as error:
            raise RequestError(
                f"trackers: {name} needs a package that is not installed ({error}). pip install {PACKAGES[name]},"
                " or leave it out: metrics.jsonl has everything."
            ) from error
    return made


def scalars(line: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """(name, number) of a line: `loss`, and `eval/SOURCE/bits_per_byte` of an evaluation."""
    for name, value in line.items():
        if isinstance(value, dict):
            yield from ((f"{name}/{inner}", number) for inner, number in scalars(value))
        elif isinstance(value, int | float) and not isinstance(value, bool) and name != "step":
            yield name, float(value)
