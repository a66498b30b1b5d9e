"""Text from a trained decoder: read the prompt once, keep keys and values, draw one token after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from corpus_forge.errors import InputError, RequestError
from corpus_forge.train import checkpoint
from corpus_forge.train.attention import make_mask
from corpus_forge.train.config import ModelConfig, ObjectiveConfig
from corpus_forge.train.model import Batch, Transformer
from corpus_forge.train.replaced import Model, make_model
from corpus_forge.train.strict import build


@dataclass(frozen=True)
class Loaded:
    """A trained model and what its checkpoint says."""

    model: Model
    checkpoint: checkpoint.Checkpoint

    @property
    def eos_id(self) -> int | None:
        """The id that ends a text."""
        return self.checkpoint.state["eos_id"]


def load_model(output: str | Path, device: str = "cpu") -> Loaded:
    """The newest checkpoint of a model folder, or the checkpoint itself; InputError when there is none or it is damaged."""
    path = Path(output)
    last = checkpoint.read(path) if (path / "state.json").is_file() else checkpoint.newest(path)
    if last is None:
        raise InputError(f"{output}: no checkpoint is in it. Give the `output` of a training run.")
    where, said = f"{last.folder}/state.json", last.state["config"]
    config = build(ModelConfig, said["model"], where)
    objective = build(ObjectiveConfig, said["objective"], where)
    model = make_model(config, int(last.state["vocab_size"]), str(last.state["form"]), objective).to(device)
    checkpoint.load_model(last, model)
    return Loaded(model.eval(), last)


def generate_ids(
    loaded: Loaded, prompt: list[int], tokens: int, *, temperature: float = 0.8, top_k: int | None = 50, seed: int = 0
) -> Iterator[int]:
    """Up to `tokens` ids after `prompt`; the end of text, if it comes, is the last one.

    Temperature 0 takes the likeliest. RequestError for an empty prompt, an id out of range, or a model that is no decoder.
    """
    model = loaded.model
    if not isinstance(model, Transformer) or model.form != "decoder":
        raise RequestError(
            f"a model of objective {loaded.checkpoint.state['config']['objective']['name']} does not write text on."
        )
    if not prompt or not all(0 <= each < model.vocab_size for each in prompt):
        raise RequestError(f"prompt: {len(prompt)} ids; there must be at least one, each below {model.vocab_size}.")
    if temperature < 0 or (top_k is not None and top_k < 1):
        raise RequestError(f"temperature {temperature} must be at least 0, top_k {top_k} at least 1.")
    return _draw(loaded, model, prompt, tokens, temperature, top_k, torch.Generator().manual_seed(seed))


@torch.no_grad()
def next_logits(model: Transformer, ids: list[int], start: int, cache: object) -> torch.Tensor:
    """float32[vocab_size]: logits after `ids`, which stand at positions `start` and on; `cache` holds what came before."""
    device = model.embedding.weight.device
    tokens = torch.tensor([ids], device=device)
    positions = torch.arange(start, start + len(ids), device=device)[None]
    mask = make_mask("sdpa", torch.zeros_like(positions), positions, start + len(ids))
    return model.logits(model.hidden(Batch(tokens, positions, tokens, mask), cache)[0, -1])  # type: ignore[arg-type]


def _draw(
    loaded: Loaded,
    model: Transformer,
    prompt: list[int],
    tokens: int,
    temperature: float,
    top_k: int | None,
    generator: torch.Generator,
) -> Iterator[int]:
    cache, ids, start = model.empty_cache(), prompt, 0
    for _ in range(tokens):
        logits = next_logits(model, ids, start, cache).cpu()
        start += len(ids)
        token = _choose(logits, temperature, top_k, generator)
        yield token
        if token == loaded.eos_id:
            return
        ids = [token]


def _choose(logits: torch.Tensor, temperature: float, top_k: int | None, generator: torch.Generator) -> int:
    if temperature == 0:
        return int(logits.argmax())
    if top_k is not None and top_k < len(logits):
        lowest = logits.topk(top_k).values[-1]
        logits = logits.masked_fill(logits < lowest, -torch.inf)
    shares = torch.softmax(logits / temperature, 0)
    return int(torch.multinomial(shares, 1, generator=generator))
