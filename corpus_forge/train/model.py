"""One Transformer: a decoder, an encoder, or both, of the same blocks.

RMSNorm before each part (arXiv:1910.07467), rotary positions (arXiv:2104.09864), grouped key-value heads (arXiv:2305.13245),
SwiGLU (arXiv:2002.05202), queries and keys normalised by head (arXiv:2302.05442), no biases, no dropout. With qk_norm a
decoder is a Qwen3, without it a Llama, weight for weight. Weights are float32 and are cast where they are used: slower than
a copy in bfloat16 by a few percent, and the optimizer needs no second set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows it by
from torch import nn
from torch.utils.checkpoint import checkpoint

from corpus_forge.train.attention import Mask, attend
from corpus_forge.train.config import ModelConfig
from corpus_forge.train.objectives.example import IGNORED
from corpus_forge.train.relative import BUCKETS, biased

VOCABULARY_MULTIPLE = 128
"""The embedding is padded to a multiple of this: matrix kernels are faster, and the ids beyond the vocabulary never occur."""
LOSS_ROWS = 16_384
"""Scored tokens whose logits are in memory at once."""


@dataclass
class Batch:
    """An Example on the device: ids and positions [b, n], labels [b, n], masks; with an encoder, its part, and a mask."""

    tokens: torch.Tensor
    positions: torch.Tensor
    labels: torch.Tensor
    mask: Mask
    encoder: Batch | None = None
    cross: Mask | None = None
    noise: torch.Tensor | None = None


@dataclass
class Cache:
    """Keys and values of what was read before, for each block."""

    keys: list[torch.Tensor | None]
    values: list[torch.Tensor | None]


LOOKUPS = ("embedding", "relative", "relative_encoder")
"""Names of weights whose rows are looked up: neither decayed nor orthogonalised."""


class Linear(nn.Linear):
    """A matrix without bias whose weight takes the type of what it is given."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, inputs] to […, outputs]."""
        return F.linear(x, self.weight.to(x.dtype))


class RMSNorm(nn.Module):
    """Divide by the root of the mean square, computed in float32."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(dim)), eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, dim] to the same."""
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight).to(x.dtype)


class Attention(nn.Module):
    """Of a sequence over itself, or over another one."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        assert config.dim
        assert config.heads
        assert config.kv_heads
        self.heads, self.kv_heads, self.head_dim = config.heads, config.kv_heads, config.dim // config.heads
        self.layer = layer
        self.q = Linear(config.dim, config.dim)
        self.k = Linear(config.dim, self.kv_heads * self.head_dim)
        self.v = Linear(config.dim, self.kv_heads * self.head_dim)
        self.out = Linear(config.dim, config.dim)
        self.q_norm = RMSNorm(self.head_dim, config.norm_eps) if config.qk_norm else nn.Identity()
        self.k_norm = RMSNorm(self.head_dim, config.norm_eps) if config.qk_norm else nn.Identity()

    def forward(
        self,
        x: torch.Tensor,
        mask: Mask | None,
        rotary: tuple[torch.Tensor, torch.Tensor] | None,
        memory: torch.Tensor | None = None,
        cache: Cache | None = None,
    ) -> torch.Tensor:
        """[b, n, dim]: what queries from x find in `memory`, or in x; with a cache, in what came before as well."""
        source = x if memory is None else memory
        query = self.q_norm(self._heads(self.q(x), self.heads)).transpose(1, 2)
        key = self.k_norm(self._heads(self.k(source), self.kv_heads)).transpose(1, 2)
        value = self._heads(self.v(source), self.kv_heads).transpose(1, 2)
        if rotary is not None:
            query, key = rotate(query, *rotary), rotate(key, *rotary)
        if cache is not None:
            key = cache.keys[self.layer] = _joined(cache.keys[self.layer], key)
            value = cache.values[self.layer] = _joined(cache.values[self.layer], value)
        found = attend(query, key, value, mask).transpose(1, 2)
        return self.out(found.reshape(*x.shape[:2], -1))

    def _heads(self, x: torch.Tensor, heads: int) -> torch.Tensor:
        return x.view(*x.shape[:2], heads, self.head_dim)


class Block(nn.Module):
    """Attention to itself, to the encoder where there is one, then SwiGLU; each added to the stream."""

    def __init__(self, config: ModelConfig, layer: int, crossing: bool) -> None:
        super().__init__()
        assert config.dim
        assert config.ffn
        self.attention_norm = RMSNorm(config.dim, config.norm_eps)
        self.attention = Attention(config, layer)
        self.cross_norm = RMSNorm(config.dim, config.norm_eps) if crossing else None
        self.cross = Attention(config, layer) if crossing else None
        self.ffn_norm = RMSNorm(config.dim, config.norm_eps)
        self.gate, self.up = Linear(config.dim, config.ffn), Linear(config.dim, config.ffn)
        self.down = Linear(config.ffn, config.dim)

    def forward(
        self,
        x: torch.Tensor,
        mask: Mask | None,
        rotary: tuple[torch.Tensor, torch.Tensor] | None,
        memory: torch.Tensor | None = None,
        cross_mask: Mask | None = None,
        cache: Cache | None = None,
    ) -> torch.Tensor:
        """[b, n, dim] to the same."""
        x = x + self.attention(self.attention_norm(x), mask, rotary, cache=cache)
        if self.cross is not None and self.cross_norm is not None:
            x = x + self.cross(self.cross_norm(x), cross_mask, None, memory)
        y = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Transformer(nn.Module):
    """`form` is decoder, encoder or encoder_decoder. Made on the CPU from `seed`, the same on every machine."""

    def __init__(self, config: ModelConfig, vocab_size: int, form: str, seed: int = 0) -> None:
        super().__init__()
        self.config, self.form, self.vocab_size = config.resolved(), form, vocab_size
        assert self.config.dim
        assert self.config.layers
        assert self.config.heads
        padded = -(-vocab_size // VOCABULARY_MULTIPLE) * VOCABULARY_MULTIPLE
        self.embedding = nn.Embedding(padded, self.config.dim)
        crossing = form == "encoder_decoder"
        self.encoder = nn.ModuleList(Block(self.config, n, False) for n in range(self.config.layers if crossing else 0))
        self.encoder_norm = RMSNorm(self.config.dim, self.config.norm_eps) if crossing else None
        self.blocks = nn.ModuleList(Block(self.config, n, crossing) for n in range(self.config.layers))
        if self.config.positions == "t5":
            self.relative_encoder = nn.Embedding(BUCKETS, self.config.heads) if crossing else None
            self.relative = nn.Embedding(BUCKETS, self.config.heads)
        self.norm = RMSNorm(self.config.dim, self.config.norm_eps)
        self.head = None if self.config.tied else Linear(self.config.dim, padded)
        self.dtype = torch.float32
        self._initialise(seed)

    @property
    def head_weight(self) -> torch.Tensor:
        """[padded vocabulary, dim]."""
        return self.embedding.weight if self.head is None else self.head.weight

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """[…] ids to float32[…, dim]."""
        return self.embedding(tokens)

    def hidden(self, batch: Batch, cache: Cache | None = None) -> torch.Tensor:
        """[b, n, dim]: the last normalised states."""
        memory = None
        if batch.encoder is not None and self.encoder_norm is not None:
            memory = self.encoder_norm(self._run(self.encoder, batch.encoder, None, None, None))
        return self.norm(self._run(self.blocks, batch, memory, batch.cross, cache))

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Sums over the scored tokens of the negative log likelihood in nats and of the z-loss; divide by the tokens scored."""
        states, labels = self.hidden(batch).flatten(0, 1), batch.labels.flatten()
        if self.form != "decoder":  # few tokens are scored: the others need no logits
            scored = torch.nonzero(labels != IGNORED).squeeze(1)
            states, labels = states[scored], labels[scored]
        nll = z_loss = states.new_zeros((), dtype=torch.float32)
        for part, wanted in zip(states.split(LOSS_ROWS), labels.split(LOSS_ROWS), strict=True):
            if len(part) < len(states):
                part_nll, part_z = checkpoint(self._score, part, wanted, use_reentrant=False)
            else:
                part_nll, part_z = self._score(part, wanted)
            nll, z_loss = nll + part_nll, z_loss + part_z
        return nll, z_loss

    def token_nll(self, batch: Batch) -> torch.Tensor:
        """float32[b, n]: the negative log likelihood of each scored token; 0 elsewhere."""
        logits = self.logits(self.hidden(batch))
        return F.cross_entropy(logits.transpose(1, 2), batch.labels, ignore_index=IGNORED, reduction="none")

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """float32[…, vocab_size]."""
        return F.linear(states, self.head_weight.to(states.dtype))[..., : self.vocab_size].float()

    def empty_cache(self) -> Cache:
        """For reading a text in parts."""
        return Cache([None] * len(self.blocks), [None] * len(self.blocks))

    def _score(self, states: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.logits(states)
        nll = F.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="sum")
        if not self.config.z_loss:
            return nll, nll.new_zeros(())
        return nll, self.config.z_loss * (logits.logsumexp(-1).square() * (labels != IGNORED)).sum()

    def _run(
        self, blocks: nn.ModuleList, batch: Batch, memory: torch.Tensor | None, cross: Mask | None, cache: Cache | None
    ) -> torch.Tensor:
        x = self.embed(batch.tokens).to(self.dtype)
        assert self.config.dim
        assert self.config.heads
        rotary, mask = None, batch.mask
        if self.config.positions == "t5":
            table = self.relative_encoder if blocks is self.encoder and self.relative_encoder is not None else self.relative
            mask = biased(mask, table, batch.positions, table is not self.relative or self.form == "encoder")
            mask = Mask(mask.kind, mask.value.to(x.dtype))
        else:
            rotary = angles(batch.positions, self.config.dim // self.config.heads, self.config.rope_theta)
        for block in blocks:
            x = block(x, mask, rotary, memory, cross, cache)
        return x

    def _initialise(self, seed: int) -> None:
        """Normal, 0.02; what writes to the stream is smaller the deeper the model (GPT-2)."""
        generator = torch.Generator().manual_seed(seed)
        assert self.config.layers
        shrink = 1 / math.sqrt(2 * self.config.layers)
        for name, parameter in sorted(self.named_parameters()):
            if parameter.ndim == 2:
                scale = 0.02 * (shrink if name.endswith(("out.weight", "down.weight")) else 1)
                with torch.no_grad():
                    parameter.normal_(0, scale, generator=generator)


def angles(positions: torch.Tensor, head_dim: int, theta: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines, float32[b, 1, n, head_dim], for positions [b, n]."""
    powers = torch.arange(0, head_dim, 2, device=positions.device, dtype=torch.float32) / head_dim
    turns = positions[:, None, :, None].float() * theta**-powers
    turns = torch.cat([turns, turns], -1)
    return turns.cos(), turns.sin()


def rotate(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Turn pairs (i, i + head_dim / 2) of [b, heads, n, head_dim] by their angles: the layout of Hugging Face's Llama."""
    left, right = x.float().chunk(2, -1)
    turned = torch.cat([-right, left], -1)
    return (x.float() * cosine + turned * sine).to(x.dtype)


def _joined(before: torch.Tensor | None, now: torch.Tensor) -> torch.Tensor:
    return now if before is None else torch.cat([before, now], 2)


def is_inner(name: str) -> bool:
    """Whether a weight of that name lies between the embedding and the head."""
    return name.split(".")[-2] not in (*LOOKUPS, "head")


def matmul_parameters(model: Any) -> int:
    """Parameters that a token is multiplied with: all matrices, and the head once, without the embedding's lookup and norms."""
    matrices = sum(p.numel() for name, p in model.named_parameters() if p.ndim == 2 and is_inner(name))
    return matrices + model.head_weight.numel()


def state_digest(model: nn.Module) -> str:
    """sha256 of all weights: equal when every bit is."""
    import hashlib

    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        data: Any = value.detach().cpu().contiguous()
        digest.update(name.encode() + data.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
