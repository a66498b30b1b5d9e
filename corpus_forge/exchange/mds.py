"""MosaicML's MDS: packed rows as samples, in shards of at most 64 MB, and index.json.

    shard.NNNNN.mds   uint32 n · uint32[n + 1] where each sample begins, and the end · JSON of the columns · samples
    a sample          uint32 size of each column that has no fixed one · the columns, by name

Layout as in streaming/base/format/mds (0.13). Columns: `tokens` (int32[seq_len], padding included), `n_tokens` (those that are
no padding), `doc_starts` (where each document's piece begins in the row, for document masks). Rows and not documents, since
that is what `StreamingTextDataset` of llm-foundry trains on. `StreamingDataset(local=SOURCE, split=SPLIT)` reads one folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from corpus_forge.exchange.target import Target, json_bytes, safe_name
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import Group, groups
from corpus_forge.tokens.shard import Shard

SHARD_BYTES = 1 << 26
_SHAPE_TYPES = ((1 << 8, "<u1"), (1 << 16, "<u2"), (1 << 32, "<u4"))


def write(dataset: TokenDataset, target: Target) -> None:
    """SOURCE/SPLIT/ with shards and index.json, for each source and split."""
    config = _config(dataset.seq_len)
    for group in groups(dataset):
        folder = f"{safe_name(group.source)}/{safe_name(group.split)}"
        shards = []
        for number, samples in enumerate(_filled(_samples(group))):
            name, content = f"shard.{number:05d}.mds", shard_bytes(samples, config)
            target.write(f"{folder}/{name}", content)
            raw = {"basename": name, "bytes": len(content), "hashes": {}}
            shards.append({**config, "raw_data": raw, "samples": len(samples), "zip_data": None})
        target.write(f"{folder}/index.json", json_bytes({"shards": shards, "version": 2}))


def shard_bytes(samples: list[bytes], config: dict[str, Any]) -> bytes:
    """One .mds file."""
    head = json.dumps(config, sort_keys=True).encode()
    offsets = np.cumsum([4 + 4 * (len(samples) + 1) + len(head), *map(len, samples)])
    return b"".join([np.uint32(len(samples)).tobytes(), offsets.astype("<u4").tobytes(), head, *samples])


def _config(seq_len: int) -> dict[str, Any]:
    return {
        "column_encodings": ["ndarray:int32", "int32", f"ndarray:int32:{seq_len}"],
        "column_names": ["doc_starts", "n_tokens", "tokens"],
        "column_sizes": [None, 4, 4 * seq_len],
        "compression": None,
        "format": "mds",
        "hashes": [],
        "size_limit": SHARD_BYTES,
        "version": 2,
    }


def _samples(group: Group) -> Iterator[bytes]:
    for number in group.numbers:
        shard = group.dataset.shard(number)
        for row in range(len(shard)):
            yield _sample(shard, row)


def _sample(shard: Shard, row: int) -> bytes:
    first, last = shard.piece_offsets[row : row + 2]
    starts = shard.doc_starts[first:last].astype("<i4")
    number, kind = next((n, kind) for n, (most, kind) in enumerate(_SHAPE_TYPES) if len(starts) < most)
    # An array of unknown shape begins with (dimensions << 2 | type of the shape) in one byte, then the shape.
    pieces = bytes([1 << 2 | number]) + np.array([len(starts)], kind).tobytes() + starts.tobytes()
    tail = shard.n_tokens[row].astype("<i4").tobytes() + shard.tokens[row].astype("<i4").tobytes()
    return np.uint32(len(pieces)).tobytes() + pieces + tail


def _filled(samples: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Samples in lists of at most SHARD_BYTES, or of one."""
    kept: list[bytes] = []
    size = 0
    for sample in samples:
        if kept and size + len(sample) + 4 > SHARD_BYTES:
            yield kept
            kept, size = [], 0
        kept.append(sample)
        size += len(sample) + 4
    if kept:
        yield kept
