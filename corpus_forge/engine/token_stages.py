"""The stages behind `tokenize:`: a tokenizer, token ids of each shard, packed sequences; mix_stages.py has those of `mix:`.

Encoding does not depend on ordinals, so that a new input encodes itself only; packing joins whole shards of one source, in
order, until a token shard is full. Which shards go together is known once they are encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus_forge.config import PipelineConfig, TokenizeConfig
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.mix_stages import ShuffleStage, SortStage, labels, run_name
from corpus_forge.engine.state import Manifests, OfOneShard, Seal, Stage, State
from corpus_forge.engine.tasks import Task
from corpus_forge.errors import InputError
from corpus_forge.tokens.formats import TokenizerFiles, raw_files, read_tokenizer
from corpus_forge.tokens.holdout import TRAIN, VALIDATION

FORMATS_VERSION = 1
"""Goes up when a file of ranks or a SentencePiece model is turned into another tokenizer.json than before."""
ENCODE_VERSION = 2
"""Goes up when what `encode` writes or counts changes."""


def token_stages(config: PipelineConfig) -> list[Stage]:
    """Three stages, two more with a `mix` that asks for them, or none when the pipeline has no `tokenize`."""
    tokenize, mix = config.tokenize, config.mix
    if tokenize is None:
        return []
    sort = [SortStage(config)] if any(part.is_subset for part in config.mixed_parts().values()) else []
    shuffle = [ShuffleStage(config, tokenize)] if mix and mix.materialise else []
    return [TokenizerStage(config, tokenize), EncodeStage(tokenize), *sort, PackStage(config, tokenize), *shuffle]


def given_tokenizer(config: TokenizeConfig) -> TokenizerFiles:
    """The tokenizer that the pipeline names; InputError says what is wrong with it."""
    ranks = config.tiktoken
    try:
        if ranks:
            return read_tokenizer(ranks.ranks, ranks.pattern, ranks.special_tokens)
        return read_tokenizer(str(config.tokenizer))
    except InputError as error:
        raise InputError(f"tokenize.{'tiktoken' if ranks else 'tokenizer'}: {error}") from error


@dataclass(frozen=True)
class TokenizerStage:
    """One task: train a tokenizer on the documents, or take the given one; its tables beside it."""

    pipeline: PipelineConfig
    config: TokenizeConfig
    kind: str = "tokenizer"
    steps: Sequence[str] = ("tokenize",)

    @property
    def name(self) -> str:
        """What happens."""
        return "tokenizer: train" if self.config.train else "tokenizer: load"

    def identity(self) -> dict[str, Any]:
        """Training parameters, or the digest of the file and what it does not say."""
        config = self.config
        if config.train:
            return {"train": config.train.model_dump(mode="json")}
        path = config.tiktoken.ranks if config.tiktoken else str(config.tokenizer)
        digest = hashlib.sha256()
        for content in _raw(path, "tiktoken" if config.tiktoken else "tokenizer"):
            digest.update(content)
        ranks = config.tiktoken.model_dump(mode="json", exclude={"ranks"}) if config.tiktoken else {}
        return {"sha256": digest.hexdigest(), "eos": config.eos, "formats": FORMATS_VERSION, **ranks}

    def seal(self, state: State) -> Seal | None:
        """The documents to train on."""
        return Seal(fingerprint("corpus", docs=list(state.docs)), state.docs) if self.config.train else None

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task."""
        seal = self.seal(state)
        name = seal.name if seal else None
        sources = [self.pipeline.sources[shard.source].name for shard in state.shards] if seal else []
        fp = fingerprint("tokenizer", **self.identity(), seal=name, sources=sources)
        return [Task("tokenizer", self.name, self.name, fp, {"seal": name, "sources": sources})]

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
        return {"version": ENCODE_VERSION}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard."""
        tasks: list[Task | None] = []
        for shard, docs in zip(state.shards, state.docs, strict=True):
            parts = {"docs": docs, "tokenizer": state.tokenizer}
            task = Task("encode", self.name, shard.piece.uri, fingerprint("encode", **self.identity(), **parts), parts)
            tasks.append(task if docs else None)
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The ids are there."""
        return replace(state, encoded=tuple(done))


@dataclass(frozen=True)
class PackStage:
    """Packed sequences: one task, and one file, for neighbouring shards of a source, and again for what is held out."""

    pipeline: PipelineConfig
    config: TokenizeConfig
    kind: str = "pack"
    name: str = "pack"
    steps: Sequence[str] = ("tokenize",)

    def identity(self) -> dict[str, Any]:
        """How sequences are made, and which documents are held out."""
        made = self.config.model_dump(mode="json", include={"seq_len", "packing", "shard_tokens", "eos"})
        return {**made, "holdout": [self.config.holdout, self.pipeline.seed] if self.config.holdout else None}

    def seal(self, state: State) -> Seal | None:
        """The ids of all shards."""
        return Seal(run_name(state), state.encoded)

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a group; None before the shards are encoded."""
        if any(fp and manifest is None for fp, manifest in zip(state.encoded, manifests, strict=False)) or not manifests:
            return None
        held = self.config.holdout
        splits = [(TRAIN, 1.0 - held), (VALIDATION, held)] if held else [(TRAIN, 1.0)]
        tasks: list[Task | None] = []
        identity, run = self.identity(), run_name(state)
        for split, share in splits:
            for source, label, part in self._parts():
                for first, last in self._groups(state, manifests, share, source, label):
                    parts = {"run": run, "source": label, "first": first, "last": last}
                    parts |= {"tokenizer": state.tokenizer, "split": split}
                    parts |= {} if part is None else {"part": part, "sorted": list(state.sorted[first:last])}
                    said = f"shards {first} to {last - 1}" + (f", {split}" if held else "")
                    tasks.append(Task("pack", self.name, said, fingerprint("pack", **identity, **parts), parts))
        return tasks

    def _parts(self) -> Iterator[tuple[int, str, int | None]]:
        """(source, what its shards are called, number of the part): of each source its parts, or all of it without a number."""
        for source in range(len(self.pipeline.sources)):
            names = labels(self.pipeline, source)
            for number, label in enumerate(names):
                yield source, label, number if len(names) > 1 else None

    def _groups(self, state: State, manifests: Manifests, share: float, source: int, label: str) -> list[tuple[int, int]]:
        """(first, last + 1): neighbouring shards of a source, at least one and at most shard_tokens tokens of the part."""
        groups: list[list[int]] = []
        filled = 0.0
        for shard, manifest in zip(state.shards, manifests, strict=True):
            if shard.source != source:
                continue
            tokens = share * self._places(manifest.get("parts", {}).get(label, manifest)) if manifest else 0
            if groups and filled + tokens <= self.config.shard_tokens:
                groups[-1][1] = shard.ordinal + 1
                filled += tokens
            else:
                groups.append([shard.ordinal, shard.ordinal + 1])
                filled = tokens
        return [(first, last) for first, last in groups]

    def _places(self, counts: Mapping[str, Any]) -> int:
        """Tokens that a shard's documents take, padding included: at most so many where rows are not shared."""
        rows, tokens = counts["rows"], counts["tokens"]
        if self.config.packing == "one_per_row":
            return rows * self.config.seq_len
        return tokens + rows * (self.config.seq_len if self.config.packing == "pad" else 1)

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The shards are there."""
        return replace(state, tokens=tuple(done))


def _raw(path: str, key: str) -> list[bytes]:
    try:
        return raw_files(path)
    except InputError as error:
        raise InputError(f"tokenize.{key}: {error}") from error
