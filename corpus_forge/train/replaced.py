"""ELECTRA's pair of encoders: a small generator that fills masks, and a discriminator that finds what it has put in.

Both are trained at once on the sum of the generator's loss and `weight` times the discriminator's; no gradient goes through
what is drawn. The generator is narrower (a quarter by default), as deep, and shares the embedding through a projection (Clark
et al., arXiv:2003.10555, sections 2, 3.2 and 3.3; google-research/electra, configure_pretraining.py: gen_weight 1,
disc_weight 50, generator_hidden_size 0.25). A draw inverts the cumulative distribution at a uniform number that comes with
the row.

The loop divides by the tokens that the generator is scored on, some `rate` of all. So that the discriminator's term is a mean
over all tokens and yet a plain sum, the same for any number of ranks and microbatches, it is multiplied by the rate that is
aimed at, and not by the one that came out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows it by
from torch import nn

from corpus_forge.train.config import ModelConfig, ObjectiveConfig
from corpus_forge.train.model import Batch, Linear, Transformer
from corpus_forge.train.objectives.example import IGNORED


class Generator(Transformer):
    """An encoder of another width than its embedding, which is the discriminator's."""

    def __init__(self, config: ModelConfig, vocab_size: int, embedding: nn.Embedding, seed: int) -> None:
        super().__init__(config, vocab_size, "encoder", seed)
        del self._modules["embedding"]
        self._lent = [embedding]  # in a list, so that its weights are counted, saved and stepped once
        assert self.config.dim
        width = embedding.embedding_dim
        self.inwards, self.outwards = Linear(width, self.config.dim), Linear(self.config.dim, width)
        generator = torch.Generator().manual_seed(seed)
        for linear in (self.inwards, self.outwards):
            with torch.no_grad():
                linear.weight.normal_(0, 0.02, generator=generator)

    @property
    def head_weight(self) -> torch.Tensor:
        """The lent embedding's."""
        return self._lent[0].weight

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """The lent embedding, projected."""
        return self.inwards(self._lent[0](tokens))

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """float32[…, vocab_size]."""
        return super().logits(self.outwards(states))


class ReplacedTokens(nn.Module):
    """Generator and discriminator. `form` and the other names are those that the loop asks a Transformer for."""

    form = "replaced"

    def __init__(self, config: ModelConfig, vocab_size: int, objective: ObjectiveConfig, seed: int = 0) -> None:
        super().__init__()
        self.discriminator = Transformer(config, vocab_size, "encoder", seed)
        self.config, self.vocab_size, self.objective = self.discriminator.config, vocab_size, objective
        small = _narrowed(self.config, objective.generator_share)
        self.generator = Generator(small, vocab_size, self.discriminator.embedding, seed + 1)
        assert self.config.dim
        self.dense, self.verdict = Linear(self.config.dim, self.config.dim), Linear(self.config.dim, 1)
        generator = torch.Generator().manual_seed(seed + 2)
        for linear in (self.dense, self.verdict):
            with torch.no_grad():
                linear.weight.normal_(0, 0.02, generator=generator)

    @property
    def head_weight(self) -> torch.Tensor:
        """[padded vocabulary, dim]."""
        return self.discriminator.head_weight

    @property
    def dtype(self) -> torch.dtype:
        """In which the blocks compute."""
        return self.discriminator.dtype

    @dtype.setter
    def dtype(self, dtype: torch.dtype) -> None:
        self.discriminator.dtype = self.generator.dtype = dtype

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Sums: the generator's negative log likelihood in nats over chosen tokens, and the weighted discriminator's loss."""
        assert batch.noise is not None
        chosen = batch.labels != IGNORED
        logits = self.generator.logits(self.generator.hidden(batch)[chosen])
        nll = F.cross_entropy(logits, batch.labels[chosen], reduction="sum")
        filled = batch.tokens.clone()
        filled[chosen] = drawn(logits.detach(), batch.noise[chosen]).to(filled.dtype)
        return nll, self.objective.weight * self.objective.chosen_rate * self._found(batch, filled, chosen)

    def replaced_logits(self, batch: Batch, tokens: torch.Tensor) -> torch.Tensor:
        """float32[b, n]: above 0 where the discriminator takes a token for a replaced one."""
        states = self.discriminator.hidden(replace(batch, tokens=tokens))
        return self.verdict(F.gelu(self.dense(states))).squeeze(-1).float()

    def _found(self, batch: Batch, filled: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """The sum over tokens of text of the binary cross-entropy; a token drawn right counts as original."""
        wrong = chosen & (filled != batch.labels)
        assert batch.noise is not None
        text = batch.noise >= 0
        logits = self.replaced_logits(batch, filled)
        return F.binary_cross_entropy_with_logits(logits[text], wrong[text].float(), reduction="sum")


Model = Transformer | ReplacedTokens
"""What can be trained."""


def make_model(config: ModelConfig, vocab_size: int, form: str, objective: ObjectiveConfig, seed: int = 0) -> Model:
    """The model of a form: decoder, encoder, encoder_decoder or replaced."""
    if form == "replaced":
        return ReplacedTokens(config, vocab_size, objective, seed)
    return Transformer(config, vocab_size, form, seed)


def drawn(logits: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    """int64[m]: for each row of float32[m, vocabulary] the id at which the cumulative probability passes uniform[m]."""
    cumulative = torch.softmax(logits, -1).cumsum(-1)
    ids = torch.searchsorted(cumulative, uniform[:, None] * cumulative[:, -1:], right=True)
    return ids.squeeze(1).clamp_(max=logits.shape[-1] - 1)


def _narrowed(config: ModelConfig, share: float) -> ModelConfig:
    """The same depth and head width, with a share of the heads and of the inner width; at least one head."""
    assert config.dim
    assert config.heads
    assert config.ffn
    heads = max(1, round(config.heads * share))
    sizes: dict[str, Any] = {"dim": config.dim // config.heads * heads, "heads": heads, "kv_heads": heads}
    return replace(config, **sizes, ffn=max(1, round(config.ffn * share)), tied=True)
