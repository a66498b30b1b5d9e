"""One call for all formats of others: `export(run, "megatron", folder)`."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from corpus_forge.errors import RequestError, nearest
from corpus_forge.exchange import datatrove, flat, litdata, mds, megatron, texts
from corpus_forge.exchange.target import Target
from corpus_forge.io.new_folder import new_folder
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.index import INDEX_FILE, find_folder


class Format(NamedTuple):
    """A format of others: for people, what it is; and one of the two ways to write it."""

    about: str
    tokens: Callable[[TokenDataset, Target], None] | None = None
    texts: Callable[[Path, Target], None] | None = None


FORMATS = {
    "megatron": Format("Megatron-LM: .bin and .idx for each source and split", megatron.write),
    "nanogpt": Format("nanoGPT: train.bin, val.bin of uint16", flat.write_nanogpt),
    "llmc": Format("llm.c: tokens_train_000000.bin and on", flat.write_llmc),
    "datatrove": Format("datatrove: .ds with .index, for each source and split", datatrove.write),
    "mds": Format("MosaicML streaming: packed rows, a folder for each source and split", mds.write),
    "litdata": Format("litdata: chunks for TokensLoader, a folder for each source and split", litdata.write),
    "jsonl": Format("kept documents as JSON Lines, gzipped", texts=texts.write_jsonl),
    "parquet": Format("kept documents as Parquet", texts=texts.write_parquet),
}


def export(path: str | Path, to: str, output: str | Path) -> Path:
    """Write the tokens, or for jsonl and parquet the texts, of a run to the new folder `output`; the folder.

    `path` is a run directory, or for tokens also a tokens folder. Beside the format's files there are tokenizer.json and
    export.json, which says where they come from and their digests. RequestError: an unknown format, a folder that exists,
    ids that the format cannot hold; InputError: no such run.
    """
    if to not in FORMATS:
        raise RequestError(f"--to {to}: not a format that a run is exported to. {nearest(to, FORMATS)}")
    form = FORMATS[to]
    with new_folder(output) as part:
        target = Target(part)
        target.facts = {"format": to, "writer": "corpus-forge"}
        if form.tokens:
            _export_tokens(form.tokens, path, target)
        elif form.texts:
            form.texts(Path(path), target)
        target.record()
    return Path(output)


def _export_tokens(write: Callable[[TokenDataset, Target], None], path: str | Path, target: Target) -> None:
    folder = find_folder(path)
    with TokenDataset(folder) as dataset:
        target.facts |= _facts(dataset, (folder / INDEX_FILE).read_bytes())
        if not len(dataset):
            raise RequestError(f"{path}: it has no tokens to export.")
        write(dataset, target)
    if (folder / "tokenizer.json").is_file():
        shutil.copyfile(folder / "tokenizer.json", target.folder / "tokenizer.json")


def _facts(dataset: TokenDataset, index: bytes) -> dict[str, Any]:
    meta = dataset.metadata if dataset.shards else None
    return {
        "run": dataset.index.get("run"),
        "index_sha256": hashlib.sha256(index).hexdigest(),
        "tokenizer_sha256": dataset.index["tokenizer"]["sha256"],
        "seq_len": dataset.seq_len,
        "vocab_size": dataset.vocab_size,
        "eos_id": meta.eos_id if meta else None,
        "sources": dataset.sources,
        "tokens": dataset.tokens,
    }
