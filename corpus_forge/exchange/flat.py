"""Flat files of tokens: nanoGPT's train.bin and val.bin, and the shards of llm.c.

    nanoGPT   train.bin, val.bin: uint16, document after document, each closed by EOS (data/openwebtext/prepare.py)
    llm.c     int32[256] header: 20240520, 1, tokens (uint16 of GPT-2) or 20240801, 7, tokens (uint32 of Llama 3);
              then the tokens, EOS before each document; files of 100 M tokens (dev/data/data_common.py, fineweb.py)

Neither has sources nor document boundaries but EOS: sources follow one another as in the index. `validation` becomes `val`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.exchange.megatron import mapped
from corpus_forge.exchange.target import Target, safe_name
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import Documents, groups

LLMC_TOKENS = 100_000_000
LLMC_HEADERS = {"uint16": (20_240_520, 1), "uint32": (20_240_801, 7)}


def write_nanogpt(dataset: TokenDataset, target: Target) -> None:
    """SPLIT.bin for each split; RequestError when ids need more than 16 bits."""
    if dataset.vocab_size > 1 << 16:
        raise RequestError(f"--to nanogpt: nanoGPT reads uint16, and ids go up to {dataset.vocab_size - 1}. Try llmc.")
    for split in _splits(dataset):
        with target.file(f"{_short(split)}.bin") as sink:
            for block in _documents(dataset, split):
                sink.write(block.tokens.astype("<u2").tobytes())


def write_llmc(dataset: TokenDataset, target: Target, shard_tokens: int = LLMC_TOKENS) -> None:
    """tokens_SPLIT_000000.bin and on, cut wherever one has `shard_tokens`, as llm.c's own scripts do."""
    dtype, eos = dataset.metadata.token_dtype, dataset.metadata.eos_id
    for split in _splits(dataset):
        stream = (_eos_first(block, eos) for block in _documents(dataset, split))
        for number, parts in enumerate(_cut(stream, shard_tokens)):
            with target.file(f"tokens_{_short(split)}_{number:06d}.bin") as sink:
                _write_llmc_shard(sink, parts, dtype)


def read_nanogpt(path: Path, eos: int, block_tokens: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(tokens, offsets) of documents, some at a time: what stands between one EOS and the next."""
    tokens = mapped(path, np.dtype("<u2"))
    start, size = 0, block_tokens
    while start < len(tokens):
        some = np.asarray(tokens[start : start + size])
        ends = np.flatnonzero(some == eos) + 1
        if start + size >= len(tokens) and (not len(ends) or ends[-1] < len(some)):
            ends = np.append(ends, len(some))
        if not len(ends):  # a document longer than the block
            size *= 2
            continue
        yield some[: ends[-1]], np.concatenate([[0], ends])
        start, size = start + int(ends[-1]), block_tokens


def _splits(dataset: TokenDataset) -> list[str]:
    return sorted({entry.split for entry in dataset.shards})


def _short(split: str) -> str:
    return "val" if split == "validation" else safe_name(split)


def _documents(dataset: TokenDataset, split: str) -> Iterator[Documents]:
    for group in groups(dataset):
        if group.split == split:
            yield from group.documents()


def _eos_first(block: Documents, eos: int | None) -> np.ndarray:
    """The tokens of documents with EOS before each one, and no more behind it."""
    closed = block.tokens[block.offsets[1:] - 1] == eos
    kept = np.ones(len(block.tokens), bool)
    kept[block.offsets[1:][closed] - 1] = False
    lengths = block.lengths - closed
    return np.insert(block.tokens[kept], np.cumsum(lengths) - lengths, eos or 0)


def _cut(stream: Iterator[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    """The stream in lists of arrays of exactly `size` tokens together, the last one apart."""
    parts: list[np.ndarray] = []
    filled = 0
    for tokens in stream:
        while filled + len(tokens) >= size:
            head, tokens = tokens[: size - filled], tokens[size - filled :]  # noqa: PLW2901 - what is left of it
            yield [*parts, head]
            parts, filled = [], 0
        if len(tokens):
            parts.append(tokens)
            filled += len(tokens)
    if parts:
        yield parts


def _write_llmc_shard(sink: BinaryIO, parts: list[np.ndarray], dtype: np.dtype) -> None:
    header = np.zeros(256, "<i4")
    header[:3] = (*LLMC_HEADERS[dtype.name], sum(map(len, parts)))
    sink.write(header.tobytes())
    for part in parts:
        sink.write(part.astype(dtype.newbyteorder("<")).tobytes())
