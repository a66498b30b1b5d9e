"""T5's relative positions: what is added to attention for each distance between two tokens, one number a head and bucket.

Raffel et al., arXiv:1910.10683, section 2.1: 32 buckets, half of them exact distances, the others logarithmic up to 128, all
farther ones in the last; the same numbers in every block. Encoders tell left from right, decoders look left only. The bias is a
dense [b, heads, q, k] tensor, so that attention must be `sdpa`: dearer than rotary positions in time and memory, and here for
models that are to be a T5 elsewhere.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from corpus_forge.errors import RequestError
from corpus_forge.train.attention import Mask

BUCKETS, FARTHEST = 32, 128


def buckets(distance: torch.Tensor, both_sides: bool) -> torch.Tensor:
    """int64 like `distance` (key's position minus query's): which of the BUCKETS each falls into."""
    count = BUCKETS // 2 if both_sides else BUCKETS
    offset = torch.where(distance > 0, count, 0) if both_sides else torch.zeros_like(distance)
    far = distance.abs() if both_sides else (-distance).clamp(min=0)
    exact = count // 2
    scale = (count - exact) / math.log(FARTHEST / exact)
    logarithmic = exact + (torch.log(far.float().clamp(min=1) / exact) * scale).long()
    return offset + torch.where(far < exact, far, logarithmic.clamp(max=count - 1))


def biased(mask: Mask, table: nn.Embedding, positions: torch.Tensor, both_sides: bool) -> Mask:
    """The mask as numbers to add, float32[b, heads, n, n]: the bias of what is seen, -inf elsewhere."""
    if mask.kind != "sdpa":
        raise RequestError("model.positions: t5 needs train.attention: sdpa. Set it, or use positions: rope.")
    distance = positions[:, None, :].long() - positions[:, :, None].long()
    bias = table(buckets(distance, both_sides)).permute(0, 3, 1, 2)
    return Mask("sdpa", bias.masked_fill(~mask.value, -torch.inf))
