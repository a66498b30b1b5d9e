"""Attention over intervals of keys: `sdpa` with a dense mask anywhere, `flex` with a block mask on a GPU.

A query sees keys first to last of its row (objectives/example.py), so documents of a packed row are apart. The dense mask is
exact and runs on a CPU, and costs n * n bytes a row; FlexAttention skips blocks that nobody sees, and has no backward pass on a
CPU. `auto` is flex on CUDA, sdpa elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows it by

from corpus_forge.errors import RequestError


@dataclass(frozen=True)
class Mask:
    """What queries see, in the form that one kind of attention wants: a bool tensor [b, 1, q, k], or a BlockMask."""

    kind: str
    value: Any


def choose(kind: str, device: str) -> str:
    """`sdpa` or `flex`; RequestError for what the device cannot do."""
    if kind == "auto":
        return "flex" if device == "cuda" else "sdpa"
    if kind == "flex" and device != "cuda":
        raise RequestError("train.attention: flex has no backward pass on a CPU. Use auto or sdpa.")
    return kind


def make_mask(kind: str, first: torch.Tensor, last: torch.Tensor, keys: int) -> Mask:
    """A mask from intervals (int[b, queries] each) over `keys` keys."""
    if kind == "sdpa":
        place = torch.arange(keys, device=first.device)
        return Mask(kind, ((place >= first[..., None]) & (place <= last[..., None]))[:, None])
    from torch.nn.attention.flex_attention import create_block_mask

    def sees(batch: Any, head: Any, query: Any, key: Any) -> Any:  # noqa: ARG001 - the signature that torch calls
        return (key >= first[batch, query]) & (key <= last[batch, query])

    rows, queries = first.shape
    device = str(first.device)
    return Mask(kind, create_block_mask(sees, rows, None, queries, keys, device=device, _compile=first.is_cuda))


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Mask | None) -> torch.Tensor:
    """[b, heads, q, d] of queries over keys and values [b, kv_heads, k, d]; without a mask all keys are seen."""
    if mask is not None and mask.kind == "flex":
        return _flex(query.is_cuda)(query, key, value, block_mask=mask.value, enable_gqa=query.shape[1] != key.shape[1])
    if query.shape[1] != key.shape[1]:
        repeats = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(repeats, 1), value.repeat_interleave(repeats, 1)
    return F.scaled_dot_product_attention(query, key, value, attn_mask=None if mask is None else mask.value)


@cache
def _flex(compiled: bool) -> Any:
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention, dynamic=False) if compiled else flex_attention
