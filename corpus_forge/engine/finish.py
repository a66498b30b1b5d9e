"""The end of a run: finished parts become documents/, removed/, quarantine/ and tokens/.

Each folder is built whole beside the old one out of hard links (so it costs no space and no time) and swapped in by
renames. What an earlier, different run of the same directory left there goes with the old folder: a part is never stale.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.mix_stages import run_name
from corpus_forge.engine.mixtures import packed_mixture, told
from corpus_forge.engine.state import State
from corpus_forge.engine.token_statistics import token_statistics
from corpus_forge.engine.workspace import Workspace
from corpus_forge.io.atomic import sync_folder
from corpus_forge.tokens.formats import SPM_FILE
from corpus_forge.tokens.holdout import TRAIN
from corpus_forge.tokens.index import ShardEntry, build_index, index_bytes
from corpus_forge.tokens.mixture_file import MIXTURE_FILES, mixture_bytes

DOCUMENT_FOLDERS = ("documents", "removed", "quarantine")
TOKENIZER_FILES = ("tokenizer.json", "token_bytes.npy", "word_start.npy", SPM_FILE)


def show_documents(space: Workspace, published: Sequence[str | None]) -> None:
    """Fill documents/, removed/ and quarantine/ with one part a shard; the number in its name is the shard's ordinal."""
    for folder in DOCUMENT_FOLDERS:
        parts = {f"part-{n:05d}.parquet": space.output(fp, folder) for n, fp in enumerate(published) if fp}
        swap_in(space, folder, parts)


def show_tokens(
    space: Workspace, state: State, config: PipelineConfig, fingerprint: str, mixture: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Fill tokens/ with shards, index.json, mixture.json, the tokenizer and its tables.

    A group without a document makes no shard.
    """
    assert state.tokenizer is not None
    assert config.tokenize is not None
    shown = [(fp, entry) for fp, entry in _token_shards(space, state, config) if entry["rows"]]
    names = [f"shard-{n:05d}.arrow" for n in range(len(shown))]
    entries = [ShardEntry(**{**entry, "path": name}) for name, (_, entry) in zip(names, shown, strict=True)]
    made = space.manifest(state.tokenizer) or {}
    facts, sources = made["tokenizer"], [config.sources[shard.source].name for shard in state.shards]
    index = build_index(
        entries,
        seq_len=config.tokenize.seq_len,
        vocab_size=facts["vocab_size"],
        tokenizer_sha256=facts["sha256"],
        run=run_name(state),
        fingerprint=fingerprint,
        statistics=token_statistics(sources, [space.manifest(fp) if fp else None for fp in state.encoded]),
    )
    listings = {"index.json": index_bytes(index)}
    if mixture:
        listings[MIXTURE_FILES[0]] = mixture_bytes(mixture)
    written = {name: space.scratch(name) for name in listings}
    for name, path in written.items():
        path.write_bytes(listings[name])
    parts = {name: space.output(state.tokenizer, name) for name in TOKENIZER_FILES if name in made["outputs"]}
    parts |= {name: space.output(fp, "arrow") for name, (fp, _) in zip(names, shown, strict=True)}
    swap_in(space, "tokens", {**parts, **written})
    for path in written.values():
        path.unlink()
    return index


def final_mixture(space: Workspace, state: State, config: PipelineConfig) -> dict[str, Any] | None:
    """The table of the mixture as packed shards, and shuffled ones, have it; None without `mix`."""
    if config.mix is None:
        return None
    packed = [(space.manifest(fp) or {})["entry"] for fp in state.tokens if fp]
    shuffled = [space.manifest(fp) or {} for fp in state.mixed if fp]
    return told(config, packed_mixture(config, packed), shuffled)


def _token_shards(space: Workspace, state: State, config: PipelineConfig) -> list[tuple[str, dict[str, Any]]]:
    """Token shards that are shown; with a shuffled mixture, of the packed ones only those that are no part of it."""
    packed = [(fp, (space.manifest(fp) or {})["entry"]) for fp in state.tokens if fp]
    if config.mix is None or not config.mix.materialise:
        return packed
    mixed = [(fp, (space.manifest(fp) or {})["entry"]) for fp in state.mixed if fp]
    return [*mixed, *(pair for pair in packed if pair[1]["split"] != TRAIN)]


def hide(space: Workspace, folder: str) -> None:
    """Remove a folder that this run does not make."""
    shutil.rmtree(space.root / folder, ignore_errors=True)


def swap_in(space: Workspace, folder: str, parts: Mapping[str, Path]) -> None:
    """Make a folder of links to finished files, by their names in it, and put it in the place of the one that is shown."""
    fresh, old, shown = space.work / f"new-{folder}", space.work / f"old-{folder}", space.root / folder
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir()
    for name, path in sorted(parts.items()):
        (fresh / name).parent.mkdir(exist_ok=True)
        _link(path, fresh / name)
    for below in {(fresh / name).parent for name in parts} | {fresh}:
        sync_folder(below)
    if shown.exists():
        shown.rename(old)
    fresh.rename(shown)
    sync_folder(space.root)
    shutil.rmtree(old, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    """A hard link; a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
