"""The mixture of a pipeline, from what its parts hold: counted in packed shards, or estimated before there are any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.shards import Shard
from corpus_forge.mixture.estimate import tokens_of_bytes, tokens_of_text
from corpus_forge.mixture.portions import Mixture, Part, plan_mixture
from corpus_forge.tokens.holdout import TRAIN

Manifest = Mapping[str, Any]


class Held(NamedTuple):
    """Tokens of a part, and how they are known; see `Part`."""

    tokens: float
    basis: str


def mixture_of(config: PipelineConfig, held: Mapping[str, Held]) -> Mixture:
    """The table for what each part holds."""
    assert config.mix is not None
    mix, parts = config.mix, []
    for name, part in config.mixed_parts().items():
        found = held.get(name, Held(0, "measured"))
        asked = {key: getattr(part, key) for key in ("tokens", "epochs", "share", "weight")}
        caps = [cap for cap in (part.max_epochs, mix.max_epochs) if cap is not None]
        parts.append(Part(name, round(found.tokens), **asked, max_epochs=min(caps, default=None), basis=found.basis))
    return plan_mixture(parts, mix.tokens, mix.temperature, mix.unimax)


def packed_mixture(config: PipelineConfig, entries: Iterable[Manifest]) -> Mixture:
    """The table for shards of split `train`, as the index has them."""
    held: dict[str, float] = {}
    for entry in entries:
        if entry["split"] == TRAIN:
            held[entry["source"]] = held.get(entry["source"], 0) + entry["tokens"]
    return mixture_of(config, {name: Held(tokens, "measured") for name, tokens in held.items()})


def mixture_rows(config: PipelineConfig, entries: Sequence[Manifest]) -> dict[str, int]:
    """Rows of each part that have the tokens wanted of it; parts of which none is wanted are left out."""
    rows: dict[str, int] = {}
    for portion in packed_mixture(config, entries).portions:
        own = [entry for entry in entries if entry["source"] == portion.part and entry["split"] == TRAIN]
        full = sum(entry["tokens"] for entry in own) / max(1, sum(entry["rows"] for entry in own))
        if portion.wanted:
            rows[portion.part] = max(1, round(portion.wanted / full))
    return rows


def told(config: PipelineConfig, mixture: Mixture, shuffled: Sequence[Manifest] = ()) -> dict[str, Any]:
    """The table for run.json and mixture.json; with what the shuffled shards have of each part, where there are some."""
    assert config.mix is not None
    written: dict[str, int] = {}
    for manifest in shuffled:
        for name, tokens in manifest["parts"].items():
            written[name] = written.get(name, 0) + tokens
    rows = [asdict(portion) for portion in mixture.portions]
    rows = [{**row, "written": written.get(row["part"], 0)} for row in rows] if config.mix.materialise else rows
    return {
        "tokens": mixture.tokens,
        "materialised": config.mix.materialise,
        "parts": rows,
        "warnings": list(mixture.warnings),
    }


class Known(NamedTuple):
    """What there is of one shard so far: manifests of the task that sorted it, encoded it, and holds its documents."""

    sorted: Manifest | None
    encoded: Manifest | None
    documents: Manifest | None


def estimated_mixture(config: PipelineConfig, shards: Sequence[Shard], known: Sequence[Known]) -> Mixture:
    """The table before a run, from the best that is known of each shard; a count given in `available` comes first."""
    held: dict[str, Held] = {}
    kept = 1 - (config.tokenize.holdout if config.tokenize else 0.0)
    for name, part in config.mixed_parts().items():
        own = [pair for pair in zip(shards, known, strict=True) if config.sources[pair[0].source].name == part.source]
        whole = not part.is_subset and sum(each.source == part.source for each in config.mixed_parts().values()) == 1
        found = [_held(config, shard, name, whole, facts) for shard, facts in own]
        bases = {each.basis for each in found}
        basis = next((each for each in ("at most", "estimated") if each in bases), "measured")
        there = kept * sum(each.tokens for each in found)
        if basis == "measured":
            held[name] = Held(there, basis)
        elif part.available is not None:
            held[name] = Held(part.available, "given")
        else:
            held[name] = Held(part.sample * there, basis)
    return mixture_of(config, held)


def _held(config: PipelineConfig, shard: Shard, part: str, whole: bool, known: Known) -> Held:
    """Tokens of one shard that belong to a part, EOS included."""
    if known.sorted is not None and part in known.sorted["parts"]:
        counts = known.sorted["parts"][part]
        return Held(counts["tokens"] + counts["rows"], "measured")
    if known.encoded is not None:
        return Held(known.encoded["tokens"] + known.encoded["rows"], "measured" if whole else "at most")
    source = config.sources[shard.source]
    steps = known.documents["steps"] if known.documents else []
    tokens = tokens_of_text(steps[-1]["bytes_out"]) if steps else tokens_of_bytes(shard.size, source.format, shard.piece.uri)
    return Held(tokens, "estimated" if whole else "at most")
