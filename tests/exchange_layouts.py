"""The formats of others read from the description of their layout, byte by byte, by nothing of ours."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path

MEGATRON_TYPES = {4: "i", 8: "H"}


def megatron(prefix: Path) -> list[list[int]]:
    """Documents of PREFIX.bin and PREFIX.idx."""
    idx, data = Path(f"{prefix}.idx").read_bytes(), Path(f"{prefix}.bin").read_bytes()
    assert idx[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, bounds = struct.unpack_from("<QBQQ", idx, 9)
    assert version == 1
    lengths = struct.unpack_from(f"<{sequences}i", idx, 34)
    pointers = struct.unpack_from(f"<{sequences}q", idx, 34 + 4 * sequences)
    documents = struct.unpack_from(f"<{bounds}q", idx, 34 + 12 * sequences)
    assert len(idx) == 34 + 12 * sequences + 8 * bounds
    assert documents == tuple(range(sequences + 1))
    return [list(struct.unpack_from(f"<{n}{MEGATRON_TYPES[code]}", data, at)) for n, at in zip(lengths, pointers, strict=True)]


def llmc(file: Path) -> list[int]:
    """Tokens of one shard."""
    content = file.read_bytes()
    magic, version, count, *rest = struct.unpack_from("<256i", content)
    assert not any(rest)
    kind = {(20240520, 1): "H", (20240801, 7): "I"}[magic, version]
    return list(struct.unpack(f"<{count}{kind}", content[1024:]))


def datatrove(file: Path, kind: str) -> list[list[int]]:
    """Documents of a .ds file by its index."""
    data, index = file.read_bytes(), Path(f"{file}.index").read_bytes()
    tokens = struct.unpack(f"<{len(data) // struct.calcsize(kind)}{kind}", data)
    ends = struct.unpack(f"<{len(index) // 8}Q", index)
    assert not ends or ends[-1] == len(tokens)
    return [list(tokens[start:end]) for start, end in zip((0, *ends), ends, strict=False)]


def litdata(folder: Path) -> tuple[list[int], list[int]]:
    """Tokens of all chunks in order, and how many each has."""
    index = json.loads((folder / "index.json").read_text())
    kind = {"no_header_tensor:20": "H", "no_header_tensor:15": "i"}[index["config"]["data_format"][0]]
    found, sizes = [], []
    for chunk in index["chunks"]:
        content = (folder / chunk["filename"]).read_bytes()
        items, start, end = struct.unpack_from("<3I", content)
        assert (items, start, end) == (chunk["chunk_size"], 12, len(content))
        assert chunk["chunk_bytes"] == len(content)
        tokens = struct.unpack(f"<{chunk['dim']}{kind}", content[start:end])
        found += tokens
        sizes.append(len(tokens))
    return found, sizes


def mds(folder: Path, seq_len: int) -> list[dict[str, list[int]]]:
    """Samples of all shards in order."""
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    return [sample for shard in index["shards"] for sample in _mds_shard(folder, shard, seq_len)]


def _mds_shard(folder: Path, shard: dict, seq_len: int) -> list[dict[str, list[int]]]:
    content = (folder / shard["raw_data"]["basename"]).read_bytes()
    assert len(content) == shard["raw_data"]["bytes"]
    (count,) = struct.unpack_from("<I", content)
    offsets = struct.unpack_from(f"<{count + 1}I", content, 4)
    config = json.loads(content[4 + 4 * (count + 1) : offsets[0]])
    assert (count, offsets[-1]) == (shard["samples"], len(content))
    assert config["column_names"] == ["doc_starts", "n_tokens", "tokens"]
    assert config["column_sizes"] == [None, 4, 4 * seq_len]
    return [_mds_sample(content[a:b], seq_len) for a, b in pairwise(offsets)]


def _mds_sample(data: bytes, seq_len: int) -> dict[str, list[int]]:
    (size,) = struct.unpack_from("<I", data)
    pieces, rest = data[4 : 4 + size], data[4 + size :]
    assert pieces[0] >> 2 == 1, "one dimension"
    width = 1 << (pieces[0] & 3)
    shape = int.from_bytes(pieces[1 : 1 + width], "little")
    starts = struct.unpack(f"<{shape}i", pieces[1 + width :])
    n_tokens, *tokens = struct.unpack(f"<{1 + seq_len}i", rest)
    return {"doc_starts": list(starts), "n_tokens": n_tokens, "tokens": tokens}
