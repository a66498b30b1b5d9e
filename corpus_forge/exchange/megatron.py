"""Megatron-LM's indexed datasets: PREFIX.bin holds the tokens of all sequences, PREFIX.idx where each lies.

    .idx   9 bytes: MMIDIDX and two zeros · uint64 version 1 · uint8 code of the type · uint64 s sequences · uint64 d + 1
           int32[s] tokens of each sequence · int64[s] where it begins in .bin, in bytes · int64[d + 1] first sequence of each
           document, and s

Layout as in megatron/core/datasets/indexed_dataset.py (0.16). A document is one sequence that ends with EOS, as
`preprocess_data.py --append-eod` makes it. One pair of files for each source and split: Megatron blends by prefix.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus_forge.errors import InputError
from corpus_forge.exchange.target import Target, safe_name
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import Group, blocks, gather, groups

MAGIC, VERSION = b"MMIDIDX\x00\x00", 1
HEAD = struct.Struct("<9sQBQQ")
TYPES = {1: "u1", 2: "i1", 3: "<i2", 4: "<i4", 5: "<i8", 8: "<u2"}
"""Codes of the integer types; 6 and 7 are floats, and hold no tokens."""
UINT16_BELOW = 65_500
"""Megatron takes uint16 for vocabularies smaller than this, and int32 for all others."""


class Sequences(NamedTuple):
    """An .idx: the type of tokens, int64[s] begin (in tokens) and length, int64[d + 1] first sequence of each document."""

    dtype: np.dtype
    begin: np.ndarray
    length: np.ndarray
    documents: np.ndarray


def write(dataset: TokenDataset, target: Target) -> None:
    """SOURCE-SPLIT.bin and .idx for each source and split."""
    code = 8 if dataset.vocab_size < UINT16_BELOW else 4
    for group in groups(dataset):
        prefix = f"{safe_name(group.source)}-{safe_name(group.split)}"
        lengths = _write_tokens(group, target, prefix, np.dtype(TYPES[code]))
        target.write(f"{prefix}.idx", index_bytes(lengths, code))


def index_bytes(lengths: np.ndarray, code: int) -> bytes:
    """The .idx of documents that are one sequence each."""
    begin = (np.cumsum(lengths) - lengths) * np.dtype(TYPES[code]).itemsize
    head = HEAD.pack(MAGIC, VERSION, code, len(lengths), len(lengths) + 1)
    parts = (lengths.astype("<i4"), begin.astype("<i8"), np.arange(len(lengths) + 1, dtype="<i8"))
    return b"".join([head, *(part.tobytes() for part in parts)])


def read_index(path: Path) -> Sequences:
    """A checked .idx; InputError says what is wrong with it."""
    content = _bytes_of(path)
    if len(content) < HEAD.size or not content.startswith(MAGIC):
        raise InputError(f"{path}: not an index of Megatron: it does not begin with MMIDIDX.")
    _, version, code, sequences, documents = HEAD.unpack_from(content)
    if version != VERSION or code not in TYPES:
        raise InputError(
            f"{path}: version {version}, type {code}: only version 1 with integers ({sorted(TYPES)}) holds tokens."
        )
    sizes = [4 * sequences, 8 * sequences, 8 * documents]
    if len(content) - HEAD.size < sum(sizes):
        raise InputError(f"{path}: {len(content)} bytes are too few for {sequences} sequences and {documents - 1} documents.")
    starts = np.cumsum([HEAD.size, *sizes[:2]]).tolist()
    kinds, counts = ("<i4", "<i8", "<i8"), (sequences, sequences, documents)
    length, pointer, bounds = (
        np.frombuffer(content, kind, count, start).astype(np.int64)
        for kind, count, start in zip(kinds, counts, starts, strict=True)
    )
    dtype = np.dtype(TYPES[code])
    if (length < 0).any() or (pointer < 0).any() or (pointer % dtype.itemsize).any():
        raise InputError(f"{path}: a sequence has a length or a place that cannot be.")
    if not len(bounds) or bounds[0] != 0 or bounds[-1] != sequences or (np.diff(bounds) < 0).any():
        raise InputError(f"{path}: its documents are not runs of its {sequences} sequences.")
    return Sequences(dtype, pointer // dtype.itemsize, length, bounds)


def read(path: Path, block_tokens: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(tokens, offsets) of documents, some at a time, of PREFIX, PREFIX.bin or PREFIX.idx."""
    prefix = path.with_suffix("") if path.suffix in (".bin", ".idx") else path
    index, data = read_index(prefix.with_name(f"{prefix.name}.idx")), prefix.with_name(f"{prefix.name}.bin")
    tokens = mapped(data, index.dtype)
    if len(index.begin) and (index.begin + index.length).max() > len(tokens):
        raise InputError(f"{data}: its index names tokens behind its end, {len(tokens)}.")
    ends = np.concatenate([[0], np.cumsum(index.length)])[index.documents]
    for start, stop in blocks(np.diff(ends), block_tokens):
        some = slice(index.documents[start], index.documents[stop])
        yield gather(tokens, index.begin[some], index.length[some]), ends[start : stop + 1] - ends[start]


def mapped(path: Path, dtype: np.dtype, offset: int = 0) -> np.ndarray:
    """A file of tokens, mapped; InputError when it is not there or no whole number of tokens."""
    try:
        size = path.stat().st_size - offset
        if size == 0:
            return np.zeros(0, dtype)
        if size < 0 or size % dtype.itemsize:
            raise InputError(f"{path}: {size} bytes are no whole number of {dtype.name} tokens.")
        return np.memmap(path, dtype, "r", offset)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}. A dataset of Megatron is a .bin and an .idx.") from error


def _write_tokens(group: Group, target: Target, prefix: str, dtype: np.dtype) -> np.ndarray:
    """Write the .bin; tokens of each document."""
    lengths = [np.zeros(0, np.int64)]
    with target.file(f"{prefix}.bin") as sink:
        for block in group.documents():
            sink.write(block.tokens.astype(dtype).tobytes())
            lengths.append(block.lengths)
    return np.concatenate(lengths)
