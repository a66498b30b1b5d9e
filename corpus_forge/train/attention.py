"""Attention over intervals of keys: `sdpa` with a dense mask anywhere, `flex` with a block mask, `varlen` by document.

A query sees keys first to last of its row (objectives/example.py), so documents of a packed row are apart; where ranks are
given, only keys of no higher rank. The dense mask is exact and runs on a CPU, and costs n * n bytes a row; FlexAttention skips
blocks that nobody sees, and has no backward pass on a CPU. `varlen` hands each document to the kernel as a sequence of its
own: no mask at all, but only for masks that are causal or whole documents. On CUDA it is FlashAttention in bfloat16; elsewhere
the documents are computed one after another, which is slow and there to be tested. `auto` is flex on CUDA, sdpa elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows it by

from corpus_forge.errors import RequestError


@dataclass(frozen=True)
class Mask:
    """What queries see, in the form of one kind of attention: a bool tensor [b, 1, q, k], a BlockMask, or Documents."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Documents:
    """Documents of all rows end to end: where each starts (int32[documents + 1]), the longest, and whether they are causal."""

    starts: torch.Tensor
    longest: int
    causal: bool


def choose(kind: str, device: str) -> str:
    """`sdpa`, `flex` or `varlen`; RequestError for what the device cannot do."""
    if kind == "auto":
        return "flex" if device == "cuda" else "sdpa"
    if kind == "flex" and device != "cuda":
        raise RequestError("train.attention: flex has no backward pass on a CPU. Use auto or sdpa.")
    return kind


def make_mask(
    kind: str,
    first: torch.Tensor,
    last: torch.Tensor,
    keys: int,
    key_rank: torch.Tensor | None = None,
    query_rank: torch.Tensor | None = None,
) -> Mask:
    """A mask from intervals (int[b, queries] each) over `keys` keys, and from ranks of keys and queries where there are any."""
    if kind == "varlen":
        documents = None if key_rank is not None else _documents(first, last, keys)
        if documents is not None:
            return Mask(kind, documents)
        kind = "flex" if first.is_cuda else "sdpa"
    if kind == "sdpa":
        place = torch.arange(keys, device=first.device)
        dense = (place >= first[..., None]) & (place <= last[..., None])
        if key_rank is not None and query_rank is not None:
            dense &= key_rank[:, None] <= query_rank[..., None]
        return Mask(kind, dense[:, None])
    return Mask(kind, _block_mask(first, last, keys, key_rank, query_rank))


def _block_mask(
    first: torch.Tensor, last: torch.Tensor, keys: int, key_rank: torch.Tensor | None, query_rank: torch.Tensor | None
) -> Any:
    from torch.nn.attention.flex_attention import create_block_mask

    def sees(batch: Any, head: Any, query: Any, key: Any) -> Any:  # noqa: ARG001 - the signature that torch calls
        inside = (key >= first[batch, query]) & (key <= last[batch, query])
        if key_rank is None or query_rank is None:
            return inside
        return inside & (key_rank[batch, key] <= query_rank[batch, query])

    rows, queries = first.shape
    return create_block_mask(sees, rows, None, queries, keys, device=str(first.device), _compile=first.is_cuda)


def _documents(first: torch.Tensor, last: torch.Tensor, keys: int) -> Documents | None:
    """Documents, if the mask is causal inside each or shows each whole; None for prefixes and for cross-attention."""
    rows, queries = first.shape
    if queries != keys:
        return None
    here = torch.arange(keys, device=first.device).expand(rows, keys)
    begins = here == first
    starts = torch.nonzero(begins.flatten()).flatten().int()
    starts = torch.cat([starts, starts.new_tensor([rows * keys])])
    stops = (starts[1:] - 1)[torch.cumsum(begins.flatten(), 0) - 1] % keys
    causal = bool((last == here).all())
    if not causal and not bool((last.flatten() == stops).all()):
        return None
    return Documents(starts, int((starts[1:] - starts[:-1]).max()), causal)


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Mask | None) -> torch.Tensor:
    """[b, heads, q, d] of queries over keys and values [b, kv_heads, k, d]; without a mask all keys are seen."""
    if mask is not None and mask.kind == "flex":
        return _flex(query.is_cuda)(query, key, value, block_mask=mask.value, enable_gqa=query.shape[1] != key.shape[1])
    if mask is not None and mask.kind == "varlen":
        return _varlen(query, key, value, mask.value)
    if query.shape[1] != key.shape[1]:
        repeats = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(repeats, 1), value.repeat_interleave(repeats, 1)
    return F.scaled_dot_product_attention(query, key, value, attn_mask=None if mask is None else mask.value)


@cache
def _flex(compiled: bool) -> Any:
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention, dynamic=False) if compiled else flex_attention


def _varlen(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, documents: Documents) -> torch.Tensor:
    """Each document by itself: torch's varlen_attn on CUDA, a loop elsewhere."""
    rows, heads, length, dim = query.shape
    repeats = heads // key.shape[1]
    flat = [
        each.repeat_interleave(times, 1).transpose(1, 2).reshape(rows * length, heads, dim)
        for each, times in ((query, 1), (key, repeats), (value, repeats))
    ]
    starts, longest = documents.starts, documents.longest
    if query.is_cuda:
        from torch.nn.attention.varlen import varlen_attn

        window = (-1, 0) if documents.causal else (-1, -1)
        found: Any = varlen_attn(flat[0], flat[1], flat[2], starts, starts, longest, longest, window_size=window)
    else:
        edges = starts.tolist()
        parts = [[each[a:b].transpose(0, 1) for each in flat] for a, b in pairwise(edges)]
        found = torch.cat(
            [F.scaled_dot_product_attention(q, k, v, is_causal=documents.causal).transpose(0, 1) for q, k, v in parts]
        )
    return found.reshape(rows, length, heads, dim).transpose(1, 2)
