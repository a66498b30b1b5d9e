"""AdamW for everything, or Muon for the matrices inside the blocks and AdamW for the rest; and the learning rate of a step.

Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon) orthogonalises the momentum of a matrix by five Newton-Schulz
steps. The step is written out here in full, since torch's own differs between the versions we span. Scaled by sqrt(max(1,
rows / columns)) as in its reference code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from corpus_forge.train.config import OptimConfig, ScheduleConfig
from corpus_forge.train.model import LOOKUPS, is_inner
from corpus_forge.train.sharded import like, whole

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration in Muon's reference code."""


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, for two-dimensional weights. `lr` is set by the schedule; weight decay is decoupled."""

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float, weight_decay: float) -> None:
        super().__init__(list(params), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step for every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._step(weight, group)

    def _step(self, weight: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[weight]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        buffer, gradient = state["momentum_buffer"], weight.grad
        assert gradient is not None, "only weights with a gradient are stepped"
        buffer.lerp_(gradient, 1 - group["momentum"])
        update = like(orthogonalised(whole(gradient.lerp(buffer, group["momentum"]))), weight)
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(update, alpha=-group["lr"] * math.sqrt(max(1.0, weight.shape[0] / weight.shape[1])))


def orthogonalised(gradient: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """The nearest matrix whose singular values all lie near 1 (roughly 0.7 to 1.2)."""
    a, b, c = NEWTON_SCHULZ
    wide = gradient.bfloat16() if gradient.is_cuda else gradient.float()
    wide = wide.mT if gradient.shape[0] > gradient.shape[1] else wide
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(steps):
        square = wide @ wide.mT
        wide = a * wide + (b * square + c * square @ square) @ wide
    return (wide.mT if gradient.shape[0] > gradient.shape[1] else wide).to(gradient.dtype)


def default_lr(parameters: int) -> float:
    """0.0047 / 2 * (parameters / 108M) ** (-1/3), at most 0.005: OLMo's model ladder after Porian et al., arXiv:2406.19146."""
    return min(0.005, 0.0047 / 2 * (parameters / 108e6) ** (-1 / 3))


def default_batch_tokens(parameters: int, seq_len: int) -> int:
    """2048 * 160 * (parameters / 108M) ** (2/3) of the same ladder, as a whole number of rows."""
    return max(1, round(2048 * 160 * (parameters / 108e6) ** (2 / 3) / seq_len)) * seq_len


def make_optimizers(model: nn.Module, config: OptimConfig) -> list[torch.optim.Optimizer]:
    """One or two optimizers; each group carries `base_lr`. Norms and embeddings are not decayed."""
    named = sorted(model.named_parameters())
    inner = [(name, p) for name, p in named if p.ndim == 2 and is_inner(name)]
    outer = [(name, p) for name, p in named if name.split(".")[-2] == "head"]
    plain = [p for name, p in named if p.ndim < 2 or name.split(".")[-2] in LOOKUPS]
    lr = config.lr or default_lr(sum(p.numel() for _, p in named))
    decayed = [p for _, p in (outer if config.name == "muon" else [*inner, *outer])]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    fused = next(model.parameters()).is_cuda
    adamw = torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=lr,
        betas=(config.betas[0], config.betas[1]),
        eps=config.eps,
        fused=fused,
    )
    optimizers: list[torch.optim.Optimizer] = [adamw]
    if config.name == "muon":
        optimizers.append(Muon([p for _, p in inner], config.muon_lr, config.muon_momentum, config.weight_decay))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["base_lr"] = group["lr"]
    return optimizers


def lr_share(done: float, step: float, config: ScheduleConfig) -> float:
    """Share of the learning rate for a step that begins when `done` of the run is over and is itself `step` of it.

    A function of shares and not of step numbers, so that a run may go on with another batch size.
    """
    if done < config.warmup_share:
        return min(1.0, (done + step) / config.warmup_share)
    floor = config.final_share
    if config.name == "cosine":
        turned = (done - config.warmup_share) / (1 - config.warmup_share)
        return floor + (1 - floor) * (1 + math.cos(math.pi * turned)) / 2
    left = 1 - done
    return 1.0 if left >= config.decay_share else floor + (1 - floor) * left / config.decay_share
