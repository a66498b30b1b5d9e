"""The stages behind `mix:`: documents sorted into parts, and rows of all parts shuffled into one mixture.

Both only where they are asked for. Sorting stands between encoding and packing and knows nothing of how much is wanted of a
part, so that other weights find all token shards made; what they change is one small file, or the shuffled copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus_forge.config import PipelineConfig, TokenizeConfig
from corpus_forge.engine.fingerprint import fingerprint
from corpus_forge.engine.mixtures import mixture_rows
from corpus_forge.engine.state import Manifests, OfOneShard, Seal, State
from corpus_forge.engine.tasks import Task
from corpus_forge.tokens.holdout import TRAIN

SORT_VERSION = 1
"""Goes up when documents are sorted into other parts than before."""
SHUFFLE_VERSION = 1
"""Goes up when rows of a mixture stand in another order than before."""


def run_name(state: State) -> str:
    """`cf.run`: names the documents and the tokenizer behind token shards; with it a document's id is unique anywhere."""
    return fingerprint("run", encoded=list(state.encoded), tokenizer=state.tokenizer)


def labels(config: PipelineConfig, source: int) -> list[str]:
    """What the token shards of a source are called: its parts in order and, where they leave some, the source itself."""
    name = config.sources[source].name
    own = [(label, part) for label, part in config.mixed_parts().items() if part.source == name]
    rest = [] if any(not part.is_subset for _, part in own) else [name]
    return [*(label for label, _ in own), *rest]


@dataclass(frozen=True)
class SortStage(OfOneShard):
    """For each document of each shard, the number of its part among the labels of its source."""

    pipeline: PipelineConfig
    kind: str = "sort"
    name: str = "mix: sort"
    steps: Sequence[str] = ("mix",)

    def identity(self) -> dict[str, Any]:
        """The rules of all parts, by source."""
        names = [source.name for source in self.pipeline.sources]
        return {"version": SORT_VERSION, "rules": {name: self._rules(name) for name in names}}

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task a shard. Where some are drawn by id, the shard's ordinal and the seed are part of its fingerprint."""
        tasks: list[Task | None] = []
        for shard, docs, encoded in zip(state.shards, state.docs, state.encoded, strict=True):
            rules = self._rules(self.pipeline.sources[shard.source].name)
            parts = {"version": SORT_VERSION, "docs": docs, "encoded": encoded, "rules": rules}
            if any(rule["sample"] < 1 for rule in rules):
                parts |= {"ordinal": shard.ordinal, "seed": self.pipeline.seed}
            payload = {"docs": docs, "encoded": encoded, "source": shard.source, "ordinal": shard.ordinal}
            task = Task("sort", self.name, shard.piece.uri, fingerprint("sort", **parts), payload)
            tasks.append(task if docs and encoded else None)
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """Parts are known."""
        return replace(state, sorted=tuple(done))

    def _rules(self, source: str) -> list[dict[str, Any]]:
        parts = self.pipeline.mixed_parts().items()
        return [
            {"part": name, **part.model_dump(mode="json", include={"where", "sample"})}
            for name, part in parts
            if part.source == source and part.is_subset
        ]


@dataclass(frozen=True)
class ShuffleStage:
    """The rows of all parts, as often as the mixture wants them, in one shuffled order: a task for each file of it."""

    pipeline: PipelineConfig
    config: TokenizeConfig
    kind: str = "shuffle"
    name: str = "mix: shuffle"
    steps: Sequence[str] = ("mix",)

    def identity(self) -> dict[str, Any]:
        """How much is wanted of each part, and what the order depends on."""
        assert self.pipeline.mix is not None
        asked = {name: part.model_dump(mode="json") for name, part in self.pipeline.mixed_parts().items()}
        whole = self.pipeline.mix.model_dump(mode="json", exclude={"parts"})
        return {"version": SHUFFLE_VERSION, "seed": self.pipeline.seed, **whole, "parts": asked}

    def seal(self, state: State) -> Seal | None:
        """All packed shards."""
        return Seal(fingerprint("packed", tokens=list(state.tokens)), state.tokens)

    def tasks(self, state: State, manifests: Manifests) -> list[Task | None] | None:
        """One task for each file of the mixture; None before the parts are packed."""
        if not manifests or any(manifest is None for manifest in manifests):
            return None
        entries = [manifest["entry"] for manifest in manifests if manifest and manifest["entry"]["split"] == TRAIN]
        wanted = mixture_rows(self.pipeline, entries)
        seal, rows, step = self.seal(state), sum(wanted.values()), max(1, self.config.shard_tokens // self.config.seq_len)
        assert seal is not None
        tasks: list[Task | None] = []
        for first in range(0, rows, step):
            stop = min(rows, first + step)
            payload = {"packed": seal.name, "rows": wanted, "first": first, "stop": stop}
            parts = {"version": SHUFFLE_VERSION, "seed": self.pipeline.seed, **payload, "rows": sorted(wanted.items())}
            label = f"rows {first} to {stop - 1}"
            tasks.append(Task("shuffle", self.name, label, fingerprint("shuffle", **parts), payload))
        return tasks

    def advance(self, state: State, done: Sequence[str | None]) -> State:
        """The mixture is there."""
        return replace(state, mixed=tuple(done))
