"""The stages behind `tokenize:`: a tokenizer, token ids of each shard, packed sequences.

Encoding does not depend on ordinals, so that a new input encodes itself only; packing joins whole shards of one source, in
order, until a token shard is full. Which shards go together is known once they are encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus_forge.config import PipelineConfig, TokenizeConfig
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.state import Manifests, OfOneShard, Seal, Stage, State
from corpus_forge.engine.tasks import Task
from corpus_forge.errors import InputError


def token_stages(config: PipelineConfig) -> list[Stage]:
    """The three stages, or none when the pipeline has no `tokenize`."""
    if config.tokenize is None:
        return []
    return [TokenizerStage(config.tokenize), EncodeStage(config.tokenize), PackStage(config, config.tokenize)]


def given_tokenizer(config: TokenizeConfig) -> bytes:
    """Content of the tokenizer.json that the pipeline names, as a file or by its folder."""
    path = Path(str(config.tokenizer))
    try:
        return (path / "tokenizer.json" if path.is_dir() else path).read_bytes()
    except OSError as error:
        raise InputError(f"tokenize.tokenizer: {path}: cannot be read: {error.strerror}.") from error


def run_name(state: State) -> str:
    """`cf.run`: names the documents and the tokenizer behind token shards; with it a document's id is unique anywhere."""
    return fingerprint("run", encoded=list(state.encoded), tokenizer=state.tokenizer)


@dataclass(frozen=True)
class TokenizerStage:
    """One task: train a tokenizer on the documents, or take the given one; its tables beside it."""

    config: TokenizeConfig
    kind: str = "tokenizer"
    steps: Sequence[str] = ("tokenize",)

    @property
    def name(self) -> str:
        """What happens."""
        return "tokenizer: train" if self.config.train else "tokenizer: load"

    def identity(self) -> dict[str, Any]:
        """Training parameters, or the digest of the file."""
        if self.config.train:
            return {"train": self.config.train.model_dump(mode="json")}
        return {"sha256": hashlib.sha256(given_tokenizer(self.config)).hexdigest(), "eos": self.config.eos}

    def seal(self, state: State) -> Seal | None:
        """The documents to train on."""
        return Seal(fingerprint("corpus", docs=list(state.docs)), state.docs) if self.config.train else None

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task."""
        seal = self.seal(state)
        name = seal.name if seal else None
        fp = fingerprint("tokenizer", **self.identity(), seal=name)
        return [Task("tokenizer", self.name, self.name, fp, {"seal": name})]

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The tokenizer is there."""
        return replace(state, tokenizer=done[0])


@dataclass(frozen=True)
class EncodeStage(OfOneShard):
    """Token ids of each shard's documents."""

    config: TokenizeConfig
    kind: str = "encode"
    name: str = "encode"
    steps: Sequence[str] = ("tokenize",)

    def identity(self) -> dict[str, Any]:
        """Nothing but the tokenizer, which tasks name."""
        return {}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard."""
        tasks: list[Task | None] = []
        for shard, docs in zip(state.shards, state.docs, strict=True):
            parts = {"docs": docs, "tokenizer": state.tokenizer}
            task = Task("encode", self.name, shard.piece.uri, fingerprint("encode", **parts), parts)
            tasks.append(task if docs else None)
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The ids are there."""
        return replace(state, encoded=tuple(done))


@dataclass(frozen=True)
class PackStage:
    """Packed sequences: one task, and one file, for each run of neighbouring shards of a source."""

    pipeline: PipelineConfig
    config: TokenizeConfig
    kind: str = "pack"
    name: str = "pack"
    steps: Sequence[str] = ("tokenize",)

    def identity(self) -> dict[str, Any]:
        """How sequences are made."""
        return self.config.model_dump(mode="json", include={"seq_len", "packing", "shard_tokens", "eos"})

    def seal(self, state: State) -> Seal | None:
        """The ids of all shards."""
        return Seal(run_name(state), state.encoded)

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a group; None before the shards are encoded."""
        if any(fp and manifest is None for fp, manifest in zip(state.encoded, manifests, strict=False)) or not manifests:
            return None
        tasks: list[Task | None] = []
        for source, first, last in self._groups(state, manifests):
            parts = {"run": run_name(state), "source": self.pipeline.sources[source].name, "first": first, "last": last}
            parts |= {"tokenizer": state.tokenizer}
            fp = fingerprint("pack", **self.identity(), **parts)
            tasks.append(Task("pack", self.name, f"shards {first} to {last - 1}", fp, parts))
        return tasks

    def _groups(self, state: State, manifests: Manifests) -> list[tuple[int, int, int]]:
        """(source, first, last + 1): neighbouring shards of one source, at most shard_tokens tokens but at least one shard."""
        groups: list[list[int]] = []
        filled = 0
        for shard, manifest in zip(state.shards, manifests, strict=True):
            tokens = manifest["tokens"] + manifest["rows"] if manifest else 0
            fits = groups and groups[-1][0] == shard.source and filled + tokens <= self.config.shard_tokens
            if fits:
                groups[-1][2] = shard.ordinal + 1
                filled += tokens
            else:
                groups.append([shard.source, shard.ordinal, shard.ordinal + 1])
                filled = tokens
        return [(source, first, last) for source, first, last in groups]

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The shards are there."""
        return replace(state, tokens=tuple(done))
