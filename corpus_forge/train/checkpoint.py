"""Checkpoints: weights and optimizer as safetensors, the rest as JSON; there whole or not at all; no pickle anywhere.

A checkpoint is written into a hidden folder, synced and renamed, so that a folder called step-* is complete whatever was
killed. It holds nothing of a rank, so any number of ranks goes on from it. The cost: one rank writes all of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from corpus_forge.errors import InputError
from corpus_forge.io.atomic import sync_folder
from corpus_forge.train.config import CheckpointConfig

VERSION = 1
_NAME = re.compile(r"step-(\d{8,})")


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint on disk."""

    folder: Path
    state: dict[str, Any]

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.state["step"])


def steps_in(output: Path) -> list[tuple[int, Path]]:
    """Complete checkpoints of a model folder, oldest first."""
    folder = output / "checkpoints"
    names = [(_NAME.fullmatch(each.name), each) for each in folder.iterdir()] if folder.is_dir() else []
    return sorted((int(match[1]), path) for match, path in names if match)


def newest(output: Path) -> Checkpoint | None:
    """The last complete checkpoint; None when there is none. InputError when its state cannot be read."""
    found = steps_in(output)
    return read(found[-1][1]) if found else None


def read(folder: Path) -> Checkpoint:
    """A checkpoint's state; its tensors are read by `load_model` and `load_optimizers`."""
    path = folder / "state.json"
    try:
        state = json.loads(path.read_bytes())
        if state["version"] != VERSION:
            raise InputError(f"{path}: version {state['version']!r}, this program reads {VERSION}.")
        return Checkpoint(folder, {**state, "step": int(state["step"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: damaged checkpoint: {type(error).__name__}: {error}. Remove its folder; the one before it is used then."
        ) from error


def save(
    output: Path, state: dict[str, Any], model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], keep: CheckpointConfig
) -> Path:
    """Write the checkpoint of state["step"] and drop those that `keep` does not keep."""
    final = output / "checkpoints" / f"step-{state['step']:08d}"
    if final.exists():
        return final
    part = final.with_name(f".{final.name}.tmp")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_file({name: value.detach().contiguous() for name, value in model.state_dict().items()}, part / "model.safetensors")
    save_file(_optimizer_tensors(model, optimizers), part / "optimizer.safetensors")
    (part / "state.json").write_text(json.dumps({"version": VERSION, **state}, indent=1), "utf-8")
    for path in part.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(part)
    part.rename(final)
    sync_folder(final.parent)
    _drop(output, keep)
    return final


def load_model(checkpoint: Checkpoint, model: nn.Module) -> None:
    """Put the weights into the model; InputError when the file is damaged or is of another model."""
    tensors = _tensors(checkpoint.folder / "model.safetensors")
    own = model.state_dict()
    for name in sorted(own.keys() | tensors.keys()):
        found = tuple(tensors[name].shape) if name in tensors else "absent"
        wanted = tuple(own[name].shape) if name in own else "absent"
        if found != wanted:
            raise InputError(
                f"{checkpoint.folder}: weight {name} is {found}, the model wants {wanted}. It is of another model."
            )
    model.load_state_dict(tensors)


def load_optimizers(checkpoint: Checkpoint, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
    """Put the moments back; InputError when they are of other optimizers."""
    tensors = _tensors(checkpoint.folder / "optimizer.safetensors")
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    expected = 0
    for number, optimizer in enumerate(optimizers):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                start = f"{number}/{names[id(parameter)]}/"
                own = {key.removeprefix(start): value for key, value in tensors.items() if key.startswith(start)}
                expected += len(own)
                if own:
                    optimizer.state[parameter] = {key: value.to(parameter.device) for key, value in own.items()}
    if expected != len(tensors) or not tensors:
        raise InputError(f"{checkpoint.folder}: made with other optimizers. Go on with the optim it was made with.")


def _optimizer_tensors(model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, torch.Tensor]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {
        f"{number}/{names[id(parameter)]}/{key}": value.detach().contiguous()
        for number, optimizer in enumerate(optimizers)
        for parameter, values in optimizer.state.items()
        for key, value in values.items()
    }


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: damaged or missing: {error}. Remove its folder; the one before it is used then.") from error


def _drop(output: Path, keep: CheckpointConfig) -> None:
    for step, path in steps_in(output)[: -keep.keep_last]:
        if keep.keep_every is None or step % keep.keep_every:
            # A name that is no checkpoint's, first: a kill in the middle of the removal must not leave half of one.
            dropped = path.rename(path.with_name(f".{path.name}.tmp"))
            shutil.rmtree(dropped)
