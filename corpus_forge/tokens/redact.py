"""A tokens folder without some documents: what a takedown asks for.

Shards that have none of them are taken as they are, digest checked. The others are packed again, by their own packing, from the
documents that stay, so that the new folder keeps every promise of the format; the cost is that rows of such a shard move, and
what was trained before cannot go on exactly (a reader's state names the digests of its shards). `redaction.json` says what
went, and never what was in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from corpus_forge.errors import InputError, RequestError
from corpus_forge.io.new_folder import new_folder
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import shard_documents
from corpus_forge.tokens.index import INDEX_FILE, ShardEntry, build_index, index_bytes
from corpus_forge.tokens.layout import lay_out
from corpus_forge.tokens.pack import Packer
from corpus_forge.tokens.positions import Position, find_documents
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.shard import Shard, write_shard
from corpus_forge.tokens.verify import file_digest

RECORD = "redaction.json"
BESIDE = ("tokenizer.json", "token_bytes.npy", "word_start.npy", "sentencepiece.model")


def redact_tokens(
    path: str | Path, uids: np.ndarray, output: str | Path, asked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write the tokens of a run or tokens folder without the documents `uids` (uint64[n]) to the new folder `output`.

    The answer is the new entry of redaction.json: what was asked, each document that went with its tokens and where they were,
    and what became of the shards. RequestError when no row has any of them, or all tokens would go; InputError when a shard
    is damaged.
    """
    found = find_documents(path, uids)
    if not found:
        raise RequestError(f"{path}: none of the {len(uids)} documents has tokens in it. Nothing was written.")
    gone = np.array(list(found), np.uint64)
    with TokenDataset(path) as dataset, new_folder(output) as part:
        table = _token_bytes(dataset)
        made = [_shard(dataset, number, gone, part, table) for number in range(len(dataset.shards))]
        entries = [entry for entry in made if entry is not None and entry.rows]
        if not entries:
            raise RequestError(f"{path}: no other document has tokens in it. Nothing was written; remove the folder instead.")
        for name in BESIDE:
            if (dataset.folder / name).is_file():
                shutil.copyfile(dataset.folder / name, part / name)
        record = _record(dataset, found, made, asked or {})
        (part / RECORD).write_text(json.dumps([*_before(dataset), record], indent=1, ensure_ascii=False) + "\n", "utf-8")
        (part / INDEX_FILE).write_bytes(index_bytes(_index(dataset, entries, gone)))
    return record


def _shard(dataset: TokenDataset, number: int, gone: np.ndarray, part: Path, table: np.ndarray) -> ShardEntry | None:
    """One shard of the new folder under its old name; None when nothing of it is left."""
    entry, shard = dataset.shards[number], dataset.shard(number)
    source, target = Path(shard.path), part / entry.path
    if not np.isin(shard.doc_uid, gone).any():
        if (digest := file_digest(source)) != entry.sha256:
            raise InputError(f"{source}: its sha256 is {digest}, the index says {entry.sha256}. It is damaged.")
        _link(source, target)
        return entry
    rows = without_documents(shard, gone, table)
    if not len(rows):
        return None
    with target.open("xb") as sink:
        return write_shard(sink, rows, shard.metadata, entry.path)


def without_documents(shard: Shard, gone: np.ndarray, table: np.ndarray) -> PackedRows:
    """The rows of a shard that has some of the documents `gone` (uint64[n]), without them, by the shard's own packing.

    `table` (uint[vocab_size], or empty) has the bytes of each id. Where a row has one document only, rows are left out;
    elsewhere the documents that stay are packed again.
    """
    if shard.metadata.packing in ("pad", "one_per_row"):
        return _rows(shard, np.flatnonzero(~np.isin(shard.doc_uid[shard.piece_offsets[:-1]], gone)))
    lengths = [block.lengths[~np.isin(block.uids, gone)] for block in shard_documents(shard)]
    meta = shard.metadata
    eos, pad = meta.eos_id or 0, meta.pad_id or 0
    layout = lay_out(meta.packing, np.concatenate([np.zeros(0, np.int64), *lengths]), meta.seq_len)
    packer, spread = Packer(layout, eos, pad, meta.token_dtype, table), _bytes_a_token(shard, table)
    for block in shard_documents(shard):
        body = np.ones(len(block.tokens), bool)
        body[block.offsets[1:] - 1] = False
        offsets = block.offsets - np.arange(len(block.offsets))
        ids = block.tokens[body]
        if spread is None:
            sizes = np.diff(np.concatenate([[0], np.cumsum(table[ids], dtype=np.int64)])[offsets])
        else:
            sizes = np.rint(np.diff(offsets) * spread).astype(np.int64)
        packer.add(ids, offsets, block.uids, sizes, np.flatnonzero(~np.isin(block.uids, gone)))
    return packer.finish()


def _bytes_a_token(shard: Shard, table: np.ndarray) -> float | None:
    """None where ids stand for bytes exactly; else the shard's mean, the best that tokens alone can tell."""
    used = np.arange(shard.metadata.seq_len) < shard.n_tokens[:, None]
    if len(table) and int(table[shard.tokens[used]].sum(dtype=np.int64)) == shard.counts.bytes:
        return None
    return shard.counts.bytes / max(1, shard.counts.tokens - shard.counts.docs)


def _rows(shard: Shard, kept: np.ndarray) -> PackedRows:
    """Some rows of a shard with one piece each."""
    pieces = shard.piece_offsets[:-1][kept]
    return PackedRows(
        shard.tokens[kept],
        shard.n_tokens[kept],
        shard.n_bytes[kept],
        np.arange(len(kept) + 1),
        shard.doc_starts[pieces].astype(np.int64),
        shard.doc_uid[pieces],
        shard.doc_cont[pieces],
        shard.counts.truncated_tokens,
    )


def _token_bytes(dataset: TokenDataset) -> np.ndarray:
    """The table beside the shards; empty when there is none that fits."""
    try:
        table = np.load(dataset.folder / "token_bytes.npy", allow_pickle=False)
    except (OSError, ValueError):
        return np.zeros(0, np.uint16)
    return table if table.shape == (dataset.vocab_size,) else np.zeros(0, np.uint16)


def _record(
    dataset: TokenDataset, found: Mapping[int, list[Position]], made: list[ShardEntry | None], asked: Mapping[str, Any]
) -> dict[str, Any]:
    of = {entry.path: entry.source for entry in dataset.shards}
    documents = [
        {
            "id": uid,
            "source": of[places[0].shard],
            "tokens": sum(place.stop - place.start for place in places),
            "places": [place._asdict() for place in places],
        }
        for uid, places in found.items()
    ]
    pairs = list(zip(dataset.shards, made, strict=True))
    return {
        "of": {"run": dataset.index.get("run"), "index_sha256": file_digest(dataset.folder / INDEX_FILE)},
        "asked": dict(asked),
        "tokens": sum(entry["tokens"] for entry in documents),
        "documents": documents,
        "rewritten": [new.path for old, new in pairs if new is not None and new is not old],
        "dropped": [old.path for old, new in pairs if new is None],
        "as_they_were": sum(new is old for old, new in pairs),
    }


def _before(dataset: TokenDataset) -> list[Any]:
    """Records of earlier redactions that the folder has been through."""
    file = dataset.folder / RECORD
    try:
        return list(json.loads(file.read_bytes())) if file.is_file() else []
    except (ValueError, TypeError) as error:
        raise InputError(f"{file}: damaged record: {error}") from error


def _index(dataset: TokenDataset, entries: list[ShardEntry], gone: np.ndarray) -> dict[str, Any]:
    """index.json without the statistics, which count documents that are gone."""
    parts = f"{dataset.index.get('fingerprint')} {hashlib.sha256(gone.astype('<u8').tobytes()).hexdigest()}"
    return build_index(
        entries,
        seq_len=dataset.seq_len,
        vocab_size=dataset.vocab_size,
        tokenizer_sha256=dataset.index["tokenizer"]["sha256"],
        run=dataset.index.get("run", ""),
        fingerprint=hashlib.sha256(parts.encode()).hexdigest(),
    )


def _link(source: Path, target: Path) -> None:
    """A hard link, since shards are never written to; a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
