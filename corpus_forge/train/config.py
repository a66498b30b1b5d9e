"""A training file: what is trained, on what, how. Frozen dataclasses with every default; no torch, no pydantic.

What the shards know (row length, vocabulary, special ids) is never asked for. Defaults follow published small-scale practice:
the batch and learning-rate rules are those of Porian et al. (arXiv:2406.19146) in the form of OLMo's model ladder, warm-up,
stable, decay (arXiv:2405.18392) lets a run be prolonged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from corpus_forge.errors import ConfigError, InputError, nearest
from corpus_forge.train.strict import build, plain

Objective = Literal["causal", "prefix", "mlm", "electra", "xlnet", "span", "ul2", "bart"]
RATES = {"bart": 0.3}
"""Share of the tokens that is hidden, where it is not 0.15."""
SETTINGS = {
    "mlm": frozenset({"rate", "whole_word"}),
    "electra": frozenset({"rate", "generator_share", "weight"}),
    "span": frozenset({"rate", "mean_span", "window"}),
    "ul2": frozenset({"window"}),
    "bart": frozenset({"rate", "mean_span", "window"}),
}
"""Keys that each objective has beside its name."""
PRESETS: dict[str, dict[str, int]] = {
    "tiny": {"layers": 2, "dim": 64, "heads": 2, "kv_heads": 2, "ffn": 192},
    "20m": {"layers": 6, "dim": 384, "heads": 6, "kv_heads": 6, "ffn": 1024},
    "60m": {"layers": 8, "dim": 512, "heads": 4, "kv_heads": 4, "ffn": 1408},
    "124m": {"layers": 12, "dim": 768, "heads": 6, "kv_heads": 6, "ffn": 2048},
    "350m": {"layers": 24, "dim": 1024, "heads": 8, "kv_heads": 8, "ffn": 2816},
    "1_3b": {"layers": 24, "dim": 2048, "heads": 16, "kv_heads": 16, "ffn": 5632},
}


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the Transformer. `preset` gives those that are not named."""

    preset: str = "124m"
    layers: int | None = field(default=None, metadata={"ge": 1})
    dim: int | None = field(default=None, metadata={"ge": 2})
    heads: int | None = field(default=None, metadata={"ge": 1})
    kv_heads: int | None = field(default=None, metadata={"ge": 1})
    ffn: int | None = field(default=None, metadata={"ge": 1})
    tied: bool = True
    qk_norm: bool = True
    positions: Literal["rope", "t5"] = "rope"
    rope_theta: float = field(default=10_000.0, metadata={"gt": 1})
    norm_eps: float = field(default=1e-6, metadata={"gt": 0})
    z_loss: float = field(default=0.0, metadata={"ge": 0})

    def check(self, where: str) -> None:
        """Heads must divide the width, and key-value heads the heads."""
        if self.preset not in PRESETS:
            raise ConfigError(f"{where}.preset", f"no preset is called {self.preset!r}.", nearest(self.preset, PRESETS))
        full = self.resolved()
        assert full.dim
        assert full.heads
        assert full.kv_heads
        if full.dim % full.heads or (full.dim // full.heads) % 2:
            raise ConfigError(f"{where}.heads", f"{full.heads} heads do not divide dim {full.dim} into even parts.")
        if full.heads % full.kv_heads:
            raise ConfigError(f"{where}.kv_heads", f"{full.kv_heads} does not divide heads, which is {full.heads}.")

    def resolved(self) -> ModelConfig:
        """With every size given. Key-value heads follow `heads` where only those are changed."""
        sizes = dict(PRESETS[self.preset])
        if self.heads is not None:
            sizes["kv_heads"] = self.heads
        chosen: dict[str, Any] = {name: value for name, value in sizes.items() if getattr(self, name) is None}
        return replace(self, **chosen)


@dataclass(frozen=True)
class SourceConfig:
    """Some tokens, and how often they are drawn. Without any weight, sources count by their rows."""

    name: str
    path: str
    weight: float | None = field(default=None, metadata={"ge": 0})


@dataclass(frozen=True)
class PhaseConfig:
    """From this row of the order on, these weights."""

    from_row: int = field(metadata={"ge": 0})
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectiveConfig:
    """What is predicted. Keys that an objective does not use must keep their defaults."""

    name: Objective = "causal"
    rate: float | None = field(default=None, metadata={"gt": 0, "lt": 1})
    mean_span: float = field(default=3.0, metadata={"ge": 1})
    window: int = field(default=512, metadata={"ge": 8})
    whole_word: bool = True
    generator_share: float = field(default=0.25, metadata={"gt": 0, "le": 1})
    weight: float = field(default=50.0, metadata={"gt": 0})

    def check(self, where: str) -> None:
        """A key that has no effect is a mistake."""
        used = SETTINGS.get(self.name, frozenset())
        for name in sorted({"rate", "mean_span", "window", "whole_word", "generator_share", "weight"} - used):
            if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                raise ConfigError(
                    f"{where}.{name}", f"objective {self.name} has no such setting. It has: {sorted(used) or 'none'}."
                )

    @property
    def chosen_rate(self) -> float:
        """The rate, or the paper's."""
        return RATES.get(self.name, 0.15) if self.rate is None else self.rate


@dataclass(frozen=True)
class TrainConfig:
    """How long, how much at once, where. Exactly one of `steps` and `tokens`."""

    steps: int | None = field(default=None, metadata={"ge": 1})
    tokens: int | None = field(default=None, metadata={"ge": 1})
    batch_tokens: int | None = field(default=None, metadata={"ge": 1})
    micro_tokens: int = field(default=65_536, metadata={"ge": 1})
    seed: int = field(default=1337, metadata={"ge": 0, "lt": 2**63})
    clip: float = field(default=1.0, metadata={"gt": 0})
    log_every: int = field(default=10, metadata={"ge": 1})
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    attention: Literal["auto", "sdpa", "flex", "varlen"] = "auto"
    parallel: Literal["ddp", "fsdp"] = "ddp"
    compile: Literal["auto", "blocks", "off"] = "auto"
    deterministic: bool = False
    time_limit: float | None = field(default=None, metadata={"gt": 0})

    def check(self, where: str) -> None:
        """One length."""
        if (self.steps is None) == (self.tokens is None):
            has = "neither" if self.steps is None else "both"
            raise ConfigError(where, f"has {has} of 'steps' and 'tokens'.", "Give exactly one, such as {steps: 60}.")


@dataclass(frozen=True)
class OptimConfig:
    """`lr` is AdamW's; by default 0.0047 / 2 * (parameters / 108M) ** (-1/3), at most 0.005."""

    name: Literal["adamw", "muon"] = "adamw"
    lr: float | None = field(default=None, metadata={"gt": 0})
    muon_lr: float = field(default=0.02, metadata={"gt": 0})
    muon_momentum: float = field(default=0.95, metadata={"ge": 0, "lt": 1})
    betas: tuple[float, ...] = field(default=(0.9, 0.95), metadata={"ge": 0, "lt": 1})
    eps: float = field(default=1e-8, metadata={"gt": 0})
    weight_decay: float = field(default=0.1, metadata={"ge": 0})

    def check(self, where: str) -> None:
        """Two betas."""
        if len(self.betas) != 2:
            raise ConfigError(f"{where}.betas", f"must be two numbers; it is {list(self.betas)}.")


@dataclass(frozen=True)
class ScheduleConfig:
    """Linear warm-up, then `wsd` (constant, linear decay over the last share) or `cosine`, ending at `final_share`."""

    name: Literal["wsd", "cosine"] = "wsd"
    warmup_share: float = field(default=0.05, metadata={"ge": 0, "le": 1})
    decay_share: float = field(default=0.2, metadata={"ge": 0, "le": 1})
    final_share: float = field(default=0.0, metadata={"ge": 0, "le": 1})

    def check(self, where: str) -> None:
        """Warm-up and decay must not overlap."""
        if self.name == "wsd" and self.warmup_share + self.decay_share > 1:
            raise ConfigError(
                where, f"warmup_share {self.warmup_share} and decay_share {self.decay_share} are more than the run."
            )


@dataclass(frozen=True)
class CheckpointConfig:
    """Every so many steps and at the end; the newest `keep_last` stay, and every step that `keep_every` divides."""

    every: int = field(default=1000, metadata={"ge": 1})
    keep_last: int = field(default=2, metadata={"ge": 1})
    keep_every: int | None = field(default=None, metadata={"ge": 1})


@dataclass(frozen=True)
class EvalConfig:
    """Held-out tokens: `sources`, or, without any, the shards of split `validation` of the training tokens."""

    every: int = field(default=250, metadata={"ge": 1})
    tokens: int = field(default=4_000_000, metadata={"ge": 1})
    sources: tuple[SourceConfig, ...] = ()


@dataclass(frozen=True)
class TrainingConfig:
    """A training file. `tokens` is a path, or a list of sources."""

    output: str
    sources: tuple[SourceConfig, ...]
    phases: tuple[PhaseConfig, ...] = ()
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    train: TrainConfig = TrainConfig()
    optim: OptimConfig = OptimConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    eval: EvalConfig = EvalConfig()
    trackers: tuple[Literal["tensorboard", "wandb"], ...] = ()

    def check(self, where: str) -> None:
        """Names tell sources apart; weights are given once."""
        if self.model.positions == "t5" and self.objective.name not in ("span", "ul2", "bart"):
            raise ConfigError(
                f"{where}.model.positions",
                f"t5 is for an encoder with a decoder, objective {self.objective.name} trains another form.",
                "Use rope, or objective span, ul2 or bart.",
            )
        names = [source.name for source in self.sources]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"{where}.tokens", f"two sources are called '{name}'.")
        given = [source.weight is not None for source in self.sources]
        if any(given) and not all(given):
            raise ConfigError(f"{where}.tokens", f"source '{names[given.index(False)]}' has no weight, but another has one.")
        if any(given) and self.phases:
            raise ConfigError(f"{where}.phases", "the sources have weights of their own. Give one of the two.")


def parse(data: Any, where: str = "training") -> TrainingConfig:
    """A TrainingConfig from what stands in the file; ConfigError says what is wrong with it, where, and what would be right."""
    if not isinstance(data, Mapping):
        raise ConfigError(where, f"must be a mapping such as {{tokens: RUN/tokens, output: MODEL}}; it is {data!r}.")
    known = [name for name in TrainingConfig.__dataclass_fields__ if name != "sources"] + ["tokens"]
    for key in data:
        if key not in known:
            raise ConfigError(f"{where}.{key}", f"unknown key, value {data[key]!r}.", nearest(str(key), known))
    for key in ("tokens", "output", "train"):
        if key not in data:
            raise ConfigError(
                f"{where}.{key}", "is required, but missing.", "The least is tokens, output and train: {steps: 60}."
            )
    values = {key: value for key, value in data.items() if key != "tokens"}
    values["sources"] = read_sources(data["tokens"], f"{where}.tokens")
    if isinstance(values.get("objective"), str):
        values["objective"] = {"name": values["objective"]}
    if isinstance(values.get("eval"), Mapping) and values["eval"].get("sources"):
        values["eval"] = {**values["eval"], "sources": read_sources(values["eval"]["sources"], f"{where}.eval.sources")}
    return build(TrainingConfig, values, where)


def load(path: str | Path, overrides: Sequence[str] = ()) -> TrainingConfig:
    """A training file, with `a.b=value` overrides; relative paths in it are those of the working directory."""
    import yaml

    try:
        data = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: no YAML: {' '.join(str(error).split())}") from error
    for override in overrides:
        data = _override(data, override)
    return parse(data, Path(path).name)


def as_json(config: TrainingConfig) -> str:
    """The resolved configuration; `parse` reads it back."""
    values = plain(config)
    values["tokens"] = values.pop("sources")
    return json.dumps(values, indent=1)


def read_sources(tokens: Any, where: str) -> tuple[SourceConfig, ...]:
    """Sources from a path, or from a list of {name, path, weight}."""
    if isinstance(tokens, str):
        return (SourceConfig("all", tokens),)
    if not isinstance(tokens, Sequence) or not tokens:
        raise ConfigError(where, f"must be a path or a list of {{name, path, weight}}; it is {tokens!r}.")
    return tuple(build(SourceConfig, each, f"{where}[{number}]") for number, each in enumerate(tokens))


def _override(data: Any, override: str) -> dict[str, Any]:
    import yaml

    path, equals, text = override.partition("=")
    if not equals or not path or not isinstance(data, Mapping):
        raise ConfigError("--set", f"{override!r} is not of the form a.b=value.")
    key, _, rest = path.partition(".")
    inner = data.get(key)
    if not rest:
        return {**data, key: yaml.safe_load(text)}
    if isinstance(inner, str) and key == "objective":
        inner = {"name": inner}
    return {**data, key: _override(inner if inner is not None else {}, f"{rest}={text}")}
