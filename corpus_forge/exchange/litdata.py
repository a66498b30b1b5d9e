"""litdata's chunks for its `TokensLoader`: one run of tokens, in files of whole rows, and index.json.

    chunk-0-N.bin   uint32 1 · uint32[2] where the tokens begin and end in the file · tokens
    index.json      {"chunks": [{"chunk_bytes", "chunk_size", "dim", "filename"}], "config": {…}, "updated_at": …}

Layout as in litdata/streaming/writer.py (0.2). `TokensLoader(block_size)` reads whole blocks of a chunk and drops what is left:
chunks hold whole multiples of seq_len, so that with that block size, or one that divides it, only the end of the last chunk is
dropped. A folder for each source and split; `CombinedStreamingDataset` mixes sources.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corpus_forge.exchange.target import Target, json_bytes, safe_name
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import Group, groups

CHUNK_BYTES = 64 << 20
HEAD_BYTES = 12
UINT16, INT32 = ("<u2", 20), ("<i4", 15)
"""Types, and the numbers that litdata has for them."""
LEAF = '[1, {"type": null, "context": null, "children_spec": []}]'
"""How torch's pytree writes that a sample is one tensor."""


def write(dataset: TokenDataset, target: Target) -> None:
    """SOURCE/SPLIT/ with chunks and index.json, for each source and split."""
    kind, code = UINT16 if dataset.vocab_size <= 1 << 16 else INT32
    for group in groups(dataset):
        folder = f"{safe_name(group.source)}/{safe_name(group.split)}"
        chunks = []
        for number, tokens in enumerate(_chunks(group, np.dtype(kind))):
            name, size = f"chunk-0-{number}.bin", HEAD_BYTES + tokens.nbytes
            head = np.array([1, HEAD_BYTES, size], "<u4").tobytes()
            target.write(f"{folder}/{name}", head + tokens.tobytes())
            chunks.append({"chunk_bytes": size, "chunk_size": 1, "dim": len(tokens), "filename": name})
        target.write(f"{folder}/index.json", json_bytes({"chunks": chunks, "config": _config(code), "updated_at": "0"}))


def _chunks(group: Group, dtype: np.dtype) -> Iterator[np.ndarray]:
    """The tokens of all documents in a row, cut at multiples of seq_len."""
    row = group.dataset.seq_len
    size = max(1, CHUNK_BYTES // (dtype.itemsize * row)) * row
    rest = np.zeros(0, dtype)
    for block in group.documents():
        rest = np.concatenate([rest, block.tokens.astype(dtype)])
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
    if len(rest):
        yield rest


def _config(code: int) -> dict[str, object]:
    unused = ("chunk_size", "compression", "compression_batch_size", "compression_level", "encryption", "ipc_compression")
    return {
        "chunk_bytes": CHUNK_BYTES,
        "data_format": [f"no_header_tensor:{code}"],
        "data_spec": LEAF,
        "item_loader": "TokensLoader",
        "types": "tensor",
        **dict.fromkeys(unused),
    }
