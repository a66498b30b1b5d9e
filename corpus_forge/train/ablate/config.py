"""An ablation file: candidates, the held-out suite, a budget. The rest is what a training file says, the same for all.

    output: ablations/filters
    candidates:
      - {name: loose,  tokens: runs/loose}
      - {name: strict, tokens: runs/strict}
      - {name: half,   tokens: [{name: web, path: runs/loose, weight: 1}, {name: wiki, path: runs/wiki, weight: 1}]}
    held_out: [{name: news, path: runs/news-held-out}]
    budget: {tokens: 300M}

The size of the model follows from the budget where the file names none: the largest preset that sees 20 tokens for each of its
parameters (Hoffmann et al., arXiv:2203.15556), and never less than `tiny`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from corpus_forge.errors import ConfigError, InputError, nearest
from corpus_forge.train.config import PRESETS, ModelConfig, OptimConfig, ScheduleConfig, SourceConfig, read_sources
from corpus_forge.train.strict import build

TOKENS_PER_PARAMETER = 20
QUICK_TOKENS = 20_000_000


@dataclass(frozen=True)
class Candidate:
    """Tokens, or sources with weights, that are judged."""

    name: str
    sources: tuple[SourceConfig, ...]


@dataclass(frozen=True)
class Budget:
    """Of one run: tokens, bytes of text, or floating-point operations. Exactly one."""

    tokens: int | None = field(default=None, metadata={"ge": 1})
    bytes: int | None = field(default=None, metadata={"ge": 1})
    flops: float | None = field(default=None, metadata={"gt": 0})

    def check(self, where: str) -> None:
        """One unit."""
        given = [name for name in ("tokens", "bytes", "flops") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ConfigError(where, f"has {given or 'none'} of tokens, bytes and flops.", "Give exactly one: {tokens: 300M}.")


@dataclass(frozen=True)
class AblateConfig:
    """An ablation file as resolved."""

    output: str
    candidates: tuple[Candidate, ...]
    held_out: tuple[SourceConfig, ...]
    budget: Budget
    seeds: tuple[int, ...] = (1, 2, 3)
    model: ModelConfig | None = None
    optim: OptimConfig = field(default_factory=OptimConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    batch_tokens: int | None = field(default=None, metadata={"ge": 1})
    device: Literal["auto", "cpu", "cuda"] = "auto"
    ngram: int = field(default=13, metadata={"ge": 2})
    max_overlap: float = field(default=0.2, metadata={"ge": 0, "le": 1})
    resamples: int = field(default=2000, metadata={"ge": 100})

    def check(self, where: str) -> None:
        """Names tell candidates apart."""
        names = [each.name for each in self.candidates]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"{where}.candidates", f"two candidates are called '{name}'.")
        if len(names) < 2:
            raise ConfigError(f"{where}.candidates", f"{len(names)} is too few: there must be two to compare.")
        if not self.seeds:
            raise ConfigError(f"{where}.seeds", "must have at least one number; 3 tell chance from difference.")


def parse(data: Any, where: str = "ablation") -> AblateConfig:
    """An AblateConfig from what stands in the file; ConfigError says what is wrong with it and where."""
    if not isinstance(data, Mapping):
        raise ConfigError(where, f"must be a mapping such as {{candidates: […], held_out: […], budget: …}}; it is {data!r}.")
    for key in ("output", "candidates", "held_out", "budget"):
        if key not in data:
            raise ConfigError(f"{where}.{key}", "is required, but missing.")
    values = {**data, "held_out": read_sources(data["held_out"], f"{where}.held_out")}
    values["candidates"] = _candidates(data["candidates"], f"{where}.candidates")
    return build(AblateConfig, values, where)


def load(path: str | Path) -> AblateConfig:
    """An ablation file; InputError when it cannot be read."""
    import yaml

    try:
        data = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: no YAML: {' '.join(str(error).split())}") from error
    return parse(data, Path(path).name)


def quickened(config: AblateConfig) -> AblateConfig:
    """Some five minutes of a GPU: 20m parameters on 20M tokens, two seeds; a taste, not a verdict."""
    return replace(config, budget=Budget(tokens=QUICK_TOKENS), seeds=config.seeds[:2], model=ModelConfig(preset="20m"))


def chosen_model(config: AblateConfig, tokens: int) -> ModelConfig:
    """The model that is named, or the largest preset for which there are TOKENS_PER_PARAMETER."""
    if config.model is not None:
        return config.model
    fitting = [name for name in PRESETS if nominal_parameters(name) * TOKENS_PER_PARAMETER <= tokens]
    return ModelConfig(preset=fitting[-1] if fitting else "tiny")


def nominal_parameters(preset: str) -> int:
    """Parameters of the blocks of a preset, without the embedding."""
    sizes = PRESETS[preset]
    attention = 2 * sizes["dim"] ** 2 + 2 * sizes["dim"] * sizes["dim"] * sizes["kv_heads"] // sizes["heads"]
    return sizes["layers"] * (attention + 3 * sizes["dim"] * sizes["ffn"])


def tokens_for_flops(flops: float) -> int:
    """Tokens of a run of so many operations when every parameter sees TOKENS_PER_PARAMETER: flops = 6 N D, D = 20 N."""
    return max(1, round((flops * TOKENS_PER_PARAMETER / 6) ** 0.5))


def _candidates(data: Any, where: str) -> tuple[Candidate, ...]:
    if isinstance(data, str) or not isinstance(data, Sequence):
        raise ConfigError(where, f"must be a list of {{name, tokens}}; it is {data!r}.")
    made = []
    for number, each in enumerate(data):
        here = f"{where}[{number}]"
        if not isinstance(each, Mapping):
            raise ConfigError(here, f"must be {{name, tokens}}; it is {each!r}.")
        for key in each:
            if key not in ("name", "tokens"):
                raise ConfigError(f"{here}.{key}", "unknown key.", nearest(str(key), ("name", "tokens")))
        for key in ("name", "tokens"):
            if key not in each:
                raise ConfigError(f"{here}.{key}", "is required, but missing.")
        made.append(Candidate(str(each["name"]), read_sources(each["tokens"], f"{here}.tokens")))
    return tuple(made)
