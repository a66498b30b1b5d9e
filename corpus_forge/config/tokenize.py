"""The `tokenize` part of a pipeline file: which tokenizer, what rows look like, what is set aside."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from corpus_forge.units import ByteSize, Count, Share

SEQ_LEN_MULTIPLE = 128
"""Attention kernels work on tiles of 128 positions; another length would waste the last tile of each row."""
RESERVED_TOKENS = 256 + 103
"""The bytes, `<|eos|>`, `<|pad|>`, `<|mask|>` and 100 sentinels: what a trained vocabulary has before its first merge."""


class TokenizerTraining(BaseModel):
    """Train a tokenizer on the run's own documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocab_size: Count = Field(ge=RESERVED_TOKENS, le=1 << 24, description="Size of the vocabulary, reserved tokens included.")
    kind: Literal["bpe", "unigram", "wordpiece"] = Field(
        "bpe",
        description="`bpe`: byte-level BPE; `unigram`: SentencePiece, byte fallback; `wordpiece`: lower case, as BERT.",
    )
    sample: ByteSize = Field(256_000_000, ge=1, description="Bytes of kept text to learn from, spread evenly over the shards.")
    weights: dict[str, float] = Field(
        {}, description="Share of the sample by source, relative to one another; by default what each source holds."
    )

    @field_validator("weights")
    @classmethod
    def _positive(cls, value: dict[str, float]) -> dict[str, float]:
        if value and (min(value.values()) < 0 or sum(value.values()) <= 0):
            raise ValueError("are numbers from 0 on, and not all 0")
        return value


class TiktokenRanks(BaseModel):
    """A tokenizer as tiktoken keeps it: ranks in a file, and what that file does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ranks: str = Field(min_length=1, description="Path of a .tiktoken file.")
    pattern: str = Field(min_length=1, description="`gpt2`, `cl100k`, `o200k`, or the regular expression that cuts words.")
    special_tokens: dict[str, int] = Field(min_length=1, description="Names and ids, such as {'<|endoftext|>': 100257}.")


class TokenizeConfig(BaseModel):
    """How kept documents become packed rows of tokens. Exactly one of `tokenizer`, `tiktoken` and `train` is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: str | None = Field(
        None, min_length=1, description="A tokenizer.json, a SentencePiece .model, or the folder that holds one."
    )
    tiktoken: TiktokenRanks | None = Field(None, description="Ranks of tiktoken instead.")
    train: TokenizerTraining | None = Field(None, description="Train a tokenizer on the run's documents instead.")
    seq_len: Count = Field(2048, ge=1, le=1 << 20, description="Tokens in a row; a multiple of 128.")
    packing: Literal["concat", "best_fit", "pad", "one_per_row"] = Field(
        "concat",
        description="`concat`: documents follow one another, rows are full. `best_fit`: no document is cut that fits a row."
        " `pad`: a document has its rows for itself. `one_per_row`: one row each, what does not fit is dropped and counted.",
    )
    shard_tokens: Count = Field(32_000_000, ge=1, description="Tokens in a shard file; at least one row.")
    eos: str | None = Field(None, min_length=1, description="Token after each document; by default the tokenizer's own.")
    holdout: Share = Field(
        0.0, ge=0, lt=1, description="Share of documents, such as 0.5%, that go to shards of split `validation` instead."
    )

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
        given = [name for name in ("tokenizer", "tiktoken", "train") if getattr(self, name) is not None]
        if len(given) != 1:
            has = " and ".join(f"'{name}'" for name in given) or "none of 'tokenizer', 'tiktoken' and 'train'"
            raise ValueError(
                f"has {has}; give exactly one: `tokenizer: path/to/tokenizer.json` or `train: {{vocab_size: 32768}}`"
            )
        return self
