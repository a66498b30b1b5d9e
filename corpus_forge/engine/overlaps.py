"""The overlap of sources that a corpus step found, counted where its groups are known and summed where they are in parts.

A source is known by its shards, which are neighbours: the first of each is enough. Earlier runs are columns of their own. Where
no groups are joined, one key is one group and in one bucket: the counts of all buckets add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from corpus_forge.config import PipelineConfig
from corpus_forge.dedup.overlap import overlap_matrix
from corpus_forge.engine.shards import Shard

_ORDINAL = np.uint64(32)


def source_starts(config: PipelineConfig, shards: Sequence[Shard]) -> list[int]:
    """The first shard of each source, or of the next one that has any."""
    sources = [shard.source for shard in shards]
    return np.searchsorted(np.array(sources, np.int64), np.arange(len(config.sources))).tolist()


def overlap_of_stars(config: PipelineConfig, payload: Mapping[str, Any], removals: np.ndarray) -> dict[str, Any]:
    """Of REMOVAL_DTYPE[k] of one bucket: a group is all that leave for one document, and it."""
    if "starts" not in payload:
        return {}
    stays = np.unique(removals["kept"])
    ids, groups = np.concatenate([removals["id"], stays]), np.concatenate([removals["kept"], stays])
    return overlap_of_groups(config, payload, ids, groups, [0])


def overlap_of_groups(
    config: PipelineConfig, payload: Mapping[str, Any], ids: np.ndarray, groups: np.ndarray, runs: Sequence[int]
) -> dict[str, Any]:
    """Of uint64[n] ids and their groups; `runs` has the first shard of each earlier run, and last of this one."""
    if "starts" not in payload:
        return {}
    shards, names = (ids >> _ORDINAL).astype(np.int64), [source.name for source in config.sources]
    own, others = shards - runs[-1], [name for _, name in payload.get("earlier", ())]
    places = np.searchsorted(payload["starts"], own, side="right") - 1
    places = np.where(own >= 0, places, len(names) - 1 + np.searchsorted(runs, shards, side="right"))
    counts = overlap_matrix(groups, places, len(names) + len(others))[: len(names)]
    return {"overlap": {"sources": names, "earlier": others, "counts": counts.tolist()}}


def summed_overlap(manifests: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """Of all tasks of a stage; None where none counted."""
    found = [manifest["overlap"] for manifest in manifests if manifest and "overlap" in manifest]
    if not found:
        return None
    return {**found[0], "counts": np.sum([each["counts"] for each in found], axis=0).tolist()}


def documents_of_sources(config: PipelineConfig, shards: Sequence[Shard], manifests: Sequence[Any]) -> list[int]:
    """How many documents of each source a partition wave saw."""
    found = [0] * len(config.sources)
    for shard, manifest in zip(shards, manifests, strict=True):
        found[shard.source] += (manifest or {}).get("documents", 0)
    return found
