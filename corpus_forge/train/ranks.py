"""Several processes as one trainer: who is who, and gradients of replicas added up once a step (`parallel: ddp`).

Started by torchrun, which sets RANK, WORLD_SIZE and LOCAL_RANK; alone, all of this does nothing. Gradients are summed after the
last microbatch in buckets, and divided by the tokens scored on all ranks: never an average of averages, which is why this is
not torch's DistributedDataParallel. The cost: the sum does not overlap with the backward pass, and a model must fit into one
device; one that does not is split over the ranks (train/sharded.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist

from corpus_forge.errors import RequestError

BUCKET = 64 * 1024 * 1024
"""Bytes of gradients that are summed at once."""


@dataclass(frozen=True)
class Ranks:
    """Which process this is among all."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def total(self, *values: float) -> list[float]:
        """Each value summed over the ranks."""
        if self.world == 1:
            return list(values)
        summed = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(summed)
        return summed.tolist()

    def sum_gradients(self, parameters: list[torch.nn.Parameter]) -> None:
        """Replace every gradient by its sum over the ranks."""
        if self.world == 1:
            return
        for bucket in _buckets([p.grad for p in parameters if p.grad is not None]):
            flat = torch.cat([grad.flatten() for grad in bucket])
            dist.all_reduce(flat)
            for grad, summed in zip(bucket, flat.split([grad.numel() for grad in bucket]), strict=True):
                grad.copy_(summed.view_as(grad))

    def wait(self) -> None:
        """Until every rank is here."""
        if self.world > 1:
            dist.barrier()


@contextmanager
def joined(device: str) -> Iterator[Ranks]:
    """The ranks that torchrun started, or this process alone. `device` is auto, cpu or cuda; RequestError without a GPU."""
    if device == "cuda" and not torch.cuda.is_available():
        raise RequestError("train.device: cuda, but torch sees no GPU here. Use auto or cpu.")
    cuda = device != "cpu" and torch.cuda.is_available()
    world, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_RANK", "0"))
    place = torch.device("cuda", local) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(place)
    if world == 1:
        yield Ranks(0, 1, place)
        return
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size(), place)
    finally:
        dist.destroy_process_group()


def _buckets(gradients: list[torch.Tensor]) -> Iterator[list[torch.Tensor]]:
    bucket: list[torch.Tensor] = []
    for gradient in gradients:
        bucket.append(gradient)
        if sum(each.numel() * each.element_size() for each in bucket) >= BUCKET:
            yield bucket
            bucket = []
    if bucket:
        yield bucket
