"""Checkpoints: weights and optimizer as safetensors, the rest as JSON; there whole or not at all; no pickle anywhere.

A checkpoint is written into a hidden folder, synced and renamed, so that a folder called step-* is complete whatever was
killed. It holds nothing of a rank, so any number of ranks goes on from it, split or not. A model that every rank holds whole is
written by the first, as model.safetensors and optimizer.safetensors; one that is split is written by all, as folders of parts
(train/sharded.py).
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
from corpus_forge.train import sharded
from corpus_forge.train.config import CheckpointConfig
from corpus_forge.train.ranks import Ranks

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
    output: Path,
    state: dict[str, Any],
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    keep: CheckpointConfig,
    ranks: Ranks,
) -> Path:
    """Write the checkpoint of state["step"] and drop those that `keep` does not keep. All ranks must call this."""
    final = output / "checkpoints" / f"step-{state['step']:08d}"
    split = sharded.is_sharded(model)
    if ranks.total(float(final.exists()))[0] or not (split or ranks.first):
        ranks.wait()
        return final
    part = final.with_name(f".{final.name}.tmp")
    if ranks.first:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    weights = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    moments = _optimizer_tensors(model, optimizers)
    if split:
        ranks.wait()
        sharded.write(weights, part / "model")
        sharded.write(moments, part / "optimizer")
    else:
        save_file(weights, part / "model.safetensors")
        save_file(moments, part / "optimizer.safetensors")
    if ranks.first:
        (part / "state.json").write_text(json.dumps({"version": VERSION, **state}, indent=1), "utf-8")
        _publish(part, final)
        _drop(output, keep)
    ranks.wait()
    return final


def load_model(checkpoint: Checkpoint, model: nn.Module) -> None:
    """Put the weights into the model; InputError when the file is damaged or is of another model."""
    own = model.state_dict()
    tensors = _tensors(checkpoint.folder, "model", own)
    for name in sorted(own.keys() | tensors.keys()):
        found = tuple(tensors[name].shape) if name in tensors else "absent"
        wanted = tuple(own[name].shape) if name in own else "absent"
        if found != wanted:
            raise InputError(
                f"{checkpoint.folder}: weight {name} is {found}, the model wants {wanted}. It is of another model."
            )
    model.load_state_dict({name: sharded.like(value, own[name]) for name, value in tensors.items()})


def load_optimizers(checkpoint: Checkpoint, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
    """Put the moments back; InputError when they are of other optimizers."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    tensors = _tensors(checkpoint.folder, "optimizer", _moments_of(model, optimizers))
    expected = 0
    for number, optimizer in enumerate(optimizers):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                start = f"{number}/{names[id(parameter)]}/"
                own = {key.removeprefix(start): value for key, value in tensors.items() if key.startswith(start)}
                expected += len(own)
                if own:
                    optimizer.state[parameter] = {
                        key: sharded.like(value.to(parameter.device), parameter) for key, value in own.items()
                    }
    if expected != len(tensors) or not tensors:
        raise InputError(f"{checkpoint.folder}: made with other optimizers. Go on with the optim it was made with.")


def _publish(part: Path, final: Path) -> None:
    """Everything on disk, then the name that says so."""
    for path in sorted(part.rglob("*"), reverse=True):
        if path.is_dir():
            sync_folder(path)
            continue
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(part)
    part.rename(final)
    sync_folder(final.parent)


def _optimizer_tensors(model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, torch.Tensor]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {
        f"{number}/{names[id(parameter)]}/{key}": value.detach().contiguous()
        for number, optimizer in enumerate(optimizers)
        for parameter, values in optimizer.state.items()
        for key, value in values.items()
    }


def _moments_of(model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, torch.Tensor]:
    """Something of the shape of each moment, by its name in the file."""
    keys = ("exp_avg", "exp_avg_sq", "momentum_buffer")
    named = list(model.named_parameters())
    return {f"{number}/{name}/{key}": p for number in range(len(optimizers)) for name, p in named for key in keys}


def _tensors(folder: Path, part: str, templates: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    if (folder / part).is_dir():
        return sharded.read(folder / part, templates)
    path = folder / f"{part}.safetensors"
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
