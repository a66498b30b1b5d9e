"""Documents out of packed rows: what formats that know documents, and no rows, are made of.

A document's pieces lie in rising rows of one shard, whatever packed them, and ids follow the order of the inputs. Sorted by
id, then, documents come as they were read: the answer does not depend on the packing. Tokens are moved once, block by block;
memory is a few times the block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.shard import Shard
from corpus_forge.tokens.verify_rows import Pieces

BLOCK_TOKENS = 1 << 22
LONG_RUN = 64
"""Tokens of a run, on average, from which on slices are faster."""


class Documents(NamedTuple):
    """Document i is tokens[offsets[i]:offsets[i + 1]], EOS included: uint[n], int64[b + 1]; uids uint64[b]."""

    tokens: np.ndarray
    offsets: np.ndarray
    uids: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """int64[b]: tokens of each."""
        return np.diff(self.offsets)


@dataclass(frozen=True)
class Group:
    """The shards of one source and split: what other formats keep in a file or folder of its own."""

    dataset: TokenDataset
    source: str
    split: str
    numbers: tuple[int, ...]

    def documents(self, block_tokens: int = BLOCK_TOKENS) -> Iterator[Documents]:
        """All documents, some at a time: as many as make up `block_tokens`, and at least one."""
        for number in self.numbers:
            yield from shard_documents(self.dataset.shard(number), block_tokens)

    @property
    def tokens(self) -> int:
        """Tokens of all documents."""
        return sum(self.dataset.shards[number].tokens for number in self.numbers)


def groups(dataset: TokenDataset) -> list[Group]:
    """Shards by source and split, in the order in which they first appear in the index."""
    found: dict[tuple[str, str], list[int]] = {}
    for number, entry in enumerate(dataset.shards):
        found.setdefault((entry.source, entry.split), []).append(number)
    return [Group(dataset, source, split, tuple(numbers)) for (source, split), numbers in found.items()]


def shard_documents(shard: Shard, block_tokens: int = BLOCK_TOKENS) -> Iterator[Documents]:
    """The documents of a shard whose rows are sound (verify), in the order of their ids, some at a time."""
    if not len(shard):
        return
    pieces = Pieces(shard)
    order = np.lexsort((pieces.start, pieces.row, pieces.uid))
    begin = (pieces.row * shard.metadata.seq_len + pieces.start)[order]
    length = (pieces.stop - pieces.start)[order]
    first = np.flatnonzero(~pieces.continues[order])
    ends = np.append(first[1:], len(order))
    sizes = np.add.reduceat(length, first)
    flat, uids = shard.tokens.reshape(-1), pieces.uid[order]
    for start, stop in blocks(sizes, block_tokens):
        some = slice(first[start], ends[stop - 1])
        offsets = np.concatenate([[0], np.cumsum(sizes[start:stop])])
        yield Documents(gather(flat, begin[some], length[some]), offsets, uids[first[start:stop]])


def blocks(sizes: Sequence[int] | np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of runs whose sizes sum to at most `most`, or that are one item."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(ends):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, "right")))
        yield start, stop
        start = stop


def gather(values: np.ndarray, begin: np.ndarray, length: np.ndarray) -> np.ndarray:
    """values[begin[0]:begin[0] + length[0]], then the next run, …: int64[m] begin and length.

    Long runs are copied as slices, eight times as fast as by index; for short ones a slice costs more than it moves.
    """
    if int(length.sum()) >= LONG_RUN * len(length):
        return np.concatenate([values[:0], *(values[start:stop] for start, stop in zip(begin, begin + length, strict=True))])
    ends = np.cumsum(length)
    return values[np.repeat(begin - (ends - length), length) + np.arange(ends[-1])]
