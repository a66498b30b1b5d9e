"""A tokens folder of two sources and two splits, and what its documents are, without asking the shards."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from token_folders import metadata, pack

from corpus_forge.tokens.index import build_index, index_bytes
from corpus_forge.tokens.shard import write_shard

EOS = 0
DOCUMENTS = {
    ("web", "train"): [
        [(1, [5] * 300), (2, [6, 7, 8]), (3, []), (4, list(range(2, 130)))],
        [(7, [9] * 127), (8, [10] * 128), (9, [11] * 5)],
    ],
    ("wiki", "train"): [[(11, [12, 13] * 70)]],
    ("web", "validation"): [[(5, [14] * 20), (6, [15] * 400)]],
}
"""Shards by source and split: their documents without EOS."""


def write_corpus(folder: Path, packing: str = "concat", **changes: Any) -> Path:
    """DOCUMENTS as a tokens folder."""
    folder.mkdir(parents=True)
    entries = []
    dtype = metadata(**changes).token_dtype.name
    for (source, split), shards in DOCUMENTS.items():
        for documents in shards:
            meta = metadata(source=source, split=split, packing=packing, **changes)
            sink, name = io.BytesIO(), f"shard-{len(entries):05d}.arrow"
            entries.append(write_shard(sink, pack(documents, dtype=dtype, packing=packing), meta, name))
            (folder / name).write_bytes(sink.getvalue())
    facts = {"seq_len": 128, "vocab_size": metadata(**changes).vocab_size, "tokenizer_sha256": "ab" * 32}
    (folder / "index.json").write_bytes(index_bytes(build_index(entries, **facts, run="r", fingerprint="f")))
    (folder / "tokenizer.json").write_bytes(b"{}")
    return folder


def with_eos(source: str, split: str) -> list[list[int]]:
    """Documents of a source and split, in order, each closed."""
    return [[*ids, EOS] for shard in DOCUMENTS[source, split] for _, ids in shard]
