"""Rows, shards and tokens folders as small as they can be, for the tests beside this file."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np

from corpus_forge.tokens.index import build_index, index_bytes
from corpus_forge.tokens.pack import pack as pack_documents
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import write_shard


def metadata(**changes: object) -> ShardMetadata:
    plain = {"seq_len": 128, "vocab_size": 600, "source": "web", "tokenizer_sha256": "ab" * 32, "eos_id": 0, "pad_id": 1}
    return ShardMetadata(**{**plain, **changes})  # type: ignore[arg-type]


def pack(
    documents: list[tuple[int, list[int]]], seq_len: int = 128, dtype: str = "uint16", packing: str = "concat"
) -> PackedRows:
    """Rows of (uid, ids) documents; a token stands for one byte."""
    ids = np.array([token for _, tokens in documents for token in tokens], np.uint32)
    lengths = np.array([len(tokens) for _, tokens in documents], np.int64)
    columns = ids, np.concatenate([[0], np.cumsum(lengths)]), np.array([uid for uid, _ in documents], np.uint64), lengths
    return pack_documents(packing, *columns, seq_len=seq_len, eos_id=0, pad_id=1, dtype=np.dtype(dtype))


def write_folder(folder: Path, shards: list[PackedRows], meta: ShardMetadata | None = None) -> Path:
    """A tokens folder with one shard for each block of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    meta, entries = meta or metadata(), []
    for number, rows in enumerate(shards):
        sink, name = io.BytesIO(), f"shard-{number:05d}.arrow"
        entries.append(write_shard(sink, rows, meta, name))
        (folder / name).write_bytes(sink.getvalue())
    facts = {"seq_len": meta.seq_len, "vocab_size": meta.vocab_size, "tokenizer_sha256": meta.tokenizer_sha256}
    (folder / "index.json").write_bytes(index_bytes(build_index(entries, **facts, run="r", fingerprint="f")))
    return folder


def edit_index(folder: Path, change) -> None:
    """Rewrite index.json after `change(content)`."""
    content = json.loads((folder / "index.json").read_text())
    change(content)
    (folder / "index.json").write_text(json.dumps(content))
