"""The typed pipeline: what a pipeline file says once every name in it is known to exist and every value has its type.

All of it is frozen, and `resolved` turns it back into plain JSON values that give the same pipeline again: that is what
workers are sent and what run.json keeps. Steps are held as `Any`, because the arrows between folders go from `config`
to `steps`; each is a `corpus_forge.steps.base.Step`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from corpus_forge.io.source import Source
from corpus_forge.units import ByteSize, Count

SEQ_LEN_MULTIPLE = 128
"""Attention kernels work on tiles of 128 positions; another length would waste the last tile of each row."""
RESERVED_TOKENS = 256 + 103
"""The bytes, `<|eos|>`, `<|pad|>`, `<|mask|>` and 100 sentinels: what a trained vocabulary has before its first merge."""


class TokenizerTraining(BaseModel):
    """Train a byte-level BPE on the run's own documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocab_size: Count = Field(ge=RESERVED_TOKENS, le=1 << 24, description="Size of the vocabulary, reserved tokens included.")
    sample: ByteSize = Field(256_000_000, ge=1, description="Bytes of kept text to learn from, spread evenly over the shards.")


class TokenizeConfig(BaseModel):
    """How kept documents become packed rows of tokens. Exactly one of `tokenizer` and `train` is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: str | None = Field(None, min_length=1, description="Path of a tokenizer.json.")
    train: TokenizerTraining | None = Field(None, description="Train a tokenizer on the run's documents instead.")
    seq_len: Count = Field(2048, ge=1, le=1 << 20, description="Tokens in a row; a multiple of 128.")
    packing: Literal["concat"] = Field("concat", description="`concat`: documents follow one another, rows are always full.")
    shard_tokens: Count = Field(32_000_000, ge=1, description="Tokens in a shard file; at least one row.")
    eos: str | None = Field(None, min_length=1, description="Token after each document; by default the tokenizer's own.")

    @field_validator("seq_len")
    @classmethod
    def _whole_tiles(cls, value: int) -> int:
        below = value // SEQ_LEN_MULTIPLE * SEQ_LEN_MULTIPLE
        if value != below:
            near = f"{below} or {below + SEQ_LEN_MULTIPLE}" if below else f"{SEQ_LEN_MULTIPLE} or {2 * SEQ_LEN_MULTIPLE}"
            raise ValueError(f"must be a multiple of {SEQ_LEN_MULTIPLE}; the nearest are {near}")
        return value

    @model_validator(mode="after")
    def _one_vocabulary(self) -> TokenizeConfig:
        if (self.tokenizer is None) == (self.train is None):
            has = "neither" if self.tokenizer is None else "both"
            raise ValueError(
                f"has {has} of 'tokenizer' and 'train'; give exactly one: `tokenizer: path/to/tokenizer.json`"
                " or `train: {vocab_size: 32768}`"
            )
        return self


class PipelineConfig(BaseModel):
    """A pipeline file, resolved: names looked up, shorthands written out, units turned into numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Names the run: letters, digits, `_`, `.`, `-`.")
    seed: int = Field(0, ge=0, lt=1 << 63, description="Key of everything random.")
    sources: tuple[Source, ...] = Field(min_length=1, description="Where documents come from.")
    steps: tuple[Any, ...] = Field((), description="What happens to documents, in order.")
    tokenize: TokenizeConfig | None = Field(
        None, description="How kept documents become token shards; leave out to stop before."
    )

    keep_signals: bool = Field(
        False, description="Keep all signals of removed documents, so that `whatif` can say what other intervals would keep."
    )

    training: dict[str, Any] | None = Field(
        None, description="A model trained on the tokens at the end of the run: the keys of a training file (docs/training.md)."
    )

    @model_validator(mode="after")
    def _steps_keep_signals(self) -> PipelineConfig:
        if self.keep_signals:
            made = tuple(_keeping(step, self.steps[index + 1 :]) for index, step in enumerate(self.steps))
            object.__setattr__(self, "steps", made)
        return self

    def resolved(self) -> dict[str, Any]:
        """JSON values from which `pipeline_from_dict` makes this configuration again, with every default written out."""
        return {
            "name": self.name,
            "seed": self.seed,
            "keep_signals": self.keep_signals,
            "sources": [_dump_source(source) for source in self.sources],
            "steps": [{step.name: _dump(step)} for step in self.steps],
            "tokenize": _dump(self.tokenize) if self.tokenize else None,
            **({"training": self.training} if self.training is not None else {}),
        }


def _keeping(step: Any, following: tuple[Any, ...]) -> Any:
    """The step as it is when signals are kept; steps that measure none stay as they are."""
    return step.keeping_signals(following) if hasattr(step, "keeping_signals") else step


def _dump_source(source: Source) -> dict[str, Any]:
    values = {"format": source.format, **_dump(source)}
    return values if source.corpus else {key: value for key, value in values.items() if key != "corpus"}


def _dump(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True)
