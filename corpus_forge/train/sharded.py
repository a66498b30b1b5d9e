"""A model whose weights, gradients and moments are split over the ranks (FSDP2), and its tensors on disk.

Each block is gathered when it computes and let go afterwards; the embedding, the head and the last norm stay together.
Gradients are averaged over the ranks, so the loop multiplies by their number: it has divided by the tokens scored on all.
Tensors are written by torch.distributed.checkpoint with its safetensors writer: every rank writes its part, any number of
ranks reads them back, and nothing is pickled. The cost beside replicas: weights cross the wire twice a microbatch.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed import checkpoint as dcp
from torch.distributed.tensor import DTensor, Replicate

from corpus_forge.errors import InputError
from corpus_forge.train.model import Block


def shard(model: nn.Module, device: torch.device) -> None:
    """Split the weights of every block, and of the rest, over all ranks."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (dist.get_world_size(),))
    for part in [*(each for each in model.modules() if isinstance(each, Block)), model]:
        fully_shard(part, mesh=mesh)


def is_sharded(model: nn.Module) -> bool:
    """Whether its weights are split."""
    return any(isinstance(parameter, DTensor) for parameter in model.parameters())


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor on every rank; all must call this."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def like(tensor: torch.Tensor, template: torch.Tensor) -> torch.Tensor:
    """The part of this rank of a tensor that every rank has, split as `template` is; without any talk."""
    if not isinstance(template, DTensor) or isinstance(tensor, DTensor) or not tensor.ndim:
        return tensor
    mesh = template.device_mesh
    spread = DTensor.from_local(tensor.to(template.device), mesh, [Replicate()] * mesh.ndim, run_check=False)
    return spread.redistribute(mesh, template.placements)


def write(tensors: Mapping[str, torch.Tensor], folder: Path) -> None:
    """Every rank's part of the tensors as safetensors in `folder`; all ranks must call this."""
    writer: Any = dcp.HuggingFaceStorageWriter(str(folder), save_distributed=True)
    dcp.save(dict(tensors), storage_writer=writer)


def read(folder: Path, templates: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """All tensors of a folder: split as the template of the same name, else whole. InputError when it is damaged."""
    reader: Any = dcp.HuggingFaceStorageReader(str(folder))
    try:
        found = reader.read_metadata().state_dict_metadata
        made: dict[str, torch.Tensor] = {}
        for name, about in found.items():
            template = templates.get(name)
            if template is None or tuple(template.shape) != tuple(about.size):
                made[name] = torch.zeros(about.size, dtype=about.properties.dtype)
            else:
                made[name] = torch.zeros_like(template)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="torch.distributed is disabled")
            dcp.load(made, storage_reader=reader, no_dist=not dist.is_initialized())
    except (OSError, ValueError, KeyError, RuntimeError, dcp.api.CheckpointException) as error:
        raise InputError(
            f"{folder}: damaged or missing: {error}. Remove its folder; the one before it is used then."
        ) from error
    return made
