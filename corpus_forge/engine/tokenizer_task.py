"""The tokenizer of a run: made or read once, its tables beside it, loaded once in each process that encodes or packs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.config import TokenizeConfig, TokenizerTraining
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.token_stages import given_tokenizer
from corpus_forge.engine.workspace import Workspace
from corpus_forge.tokens.formats import SPM_FILE, TokenizerFiles
from corpus_forge.tokens.shard import lookup_bytes
from corpus_forge.tokens.tokenizer import TextTokenizer, load_tokenizer
from corpus_forge.tokens.train_kinds import train_tokenizer

_loaded: dict[tuple[str, str | None], TextTokenizer] = {}


def run_tokenizer(context: Context, task: Task) -> dict[str, Any]:
    """Write tokenizer.json, its tables, and the SentencePiece model behind it if there is one."""
    config, space = token_config(context), context.workspace
    if config.train:
        shards = space.read_json(f"work/data/{task.payload['seal']}.seal")
        texts = _sample(space, shards, task.payload["sources"], config.train)
        made = train_tokenizer(texts, config.train.vocab_size, config.train.kind)
    else:
        made = given_tokenizer(config)
    tokenizer = _load(made, config)
    tokenizer.packing_ids()
    contents = {"tokenizer.json": made.content, SPM_FILE: made.sentencepiece}
    contents["token_bytes.npy"] = lookup_bytes(tokenizer.token_bytes())
    contents["word_start.npy"] = lookup_bytes(tokenizer.word_start())
    files = {name: space.scratch(name) for name, content in contents.items() if content is not None}
    for name, path in files.items():
        path.write_bytes(contents[name] or b"")
    facts = {"vocab_size": tokenizer.vocab_size, "sha256": tokenizer.sha256, "specials": dict(made.specials)}
    manifest = {"kind": "tokenizer", "stage": task.stage, "rows": 0, "tokenizer": facts}
    return space.commit(task.fingerprint, files, manifest)


def tokenizer_of_run(context: Context, fp: str) -> TextTokenizer:
    """The run's tokenizer, loaded once a process."""
    config, space = token_config(context), context.workspace
    key = (fp, config.eos)
    if key not in _loaded:
        _loaded.clear()
        manifest = space.manifest(fp) or {"outputs": {}, "tokenizer": {}}
        model = space.output(fp, SPM_FILE).read_bytes() if SPM_FILE in manifest["outputs"] else None
        content = space.output(fp, "tokenizer.json").read_bytes()
        _loaded[key] = _load(TokenizerFiles(content, model, manifest["tokenizer"].get("specials", {})), config)
    return _loaded[key]


def token_config(context: Context) -> TokenizeConfig:
    """The `tokenize` of the pipeline."""
    assert context.config.tokenize is not None
    return context.config.tokenize


def _load(files: TokenizerFiles, config: TokenizeConfig) -> TextTokenizer:
    return load_tokenizer(files, specials={"eos": config.eos} if config.eos else None)


def _sample(
    space: Workspace, shards: Sequence[str | None], sources: Sequence[str], train: TokenizerTraining
) -> Iterator[pa.Array]:
    """Text columns of the first documents of every shard: the same share of each shard of a source."""
    held = {fp: _text_bytes(space, fp) for fp in shards if fp}
    owned = [(fp, source) for fp, source in zip(shards, sources, strict=True) if fp]
    sizes = {source: sum(held[fp] for fp, owner in owned if owner == source) for source in sorted(set(sources))}
    shares = source_shares(sizes, train.weights, train.sample)
    for fp, source in owned:
        yield from _first_texts(space.output(fp, "documents"), held[fp] * shares[source])


def source_shares(sizes: dict[str, int], weights: dict[str, float], most: int) -> dict[str, float]:
    """How much of each source is taken, from 0 to 1, so that sources have their weights in a sample of `most` bytes.

    Without weights all give the same share. A source too small for its weight is taken whole, and the sample is smaller.
    """
    total = sum(weights.values()) if weights else sum(sizes.values())
    wanted = {name: most * (weights.get(name, 0.0) if weights else size) / max(total, 1e-9) for name, size in sizes.items()}
    return {name: min(1.0, wanted[name] / max(1, size)) for name, size in sizes.items()}


def _first_texts(path: Path, most: float) -> Iterator[pa.Array]:
    """Texts from the start of a file until they have `most` bytes, the last one whole."""
    for batch in read_batches(path, columns=["text"]):
        check_interrupted()
        if most <= 0:
            return
        sizes = np.cumsum(pc.fill_null(pc.binary_length(batch.column("text")), 0).to_numpy())
        yield batch.column("text")[: int(np.searchsorted(sizes, most)) + 1]
        most -= float(sizes[-1]) if len(sizes) else 0.0


def _text_bytes(space: Workspace, fp: str) -> int:
    manifest = space.manifest(fp)
    return manifest["steps"][-1]["bytes_out"] if manifest and manifest["steps"] else 1
