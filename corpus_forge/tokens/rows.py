"""Packed rows in memory, as columns: what a packer gives and a shard is written from.

A row is exactly `seq_len` tokens. A *piece* is the part of one document that lies in one row; a row is a run of pieces. Pieces
of all rows lie in flat arrays, and `piece_offsets` says where those of a row begin: the same layout as an Arrow list column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PackedRows:
    """`n` rows of `seq_len` tokens with `m` pieces.

    tokens         uint16|uint32[n, seq_len]
    n_tokens       int32[n]      tokens that are no padding
    n_bytes        uint32[n]     UTF-8 bytes of the text that the row stands for
    piece_offsets  int64[n + 1]  first piece of each row; piece_offsets[0] is 0
    doc_starts     int64[m]      where the piece begins in its row; 0 for the first
    doc_uid        uint64[m]     id of the document
    doc_cont       bool[m]       the piece continues a document that began in an earlier row
    truncated      tokens that packing dropped
    """

    tokens: np.ndarray
    n_tokens: np.ndarray
    n_bytes: np.ndarray
    piece_offsets: np.ndarray
    doc_starts: np.ndarray
    doc_uid: np.ndarray
    doc_cont: np.ndarray
    truncated: int = 0

    def __len__(self) -> int:
        return len(self.n_tokens)

    @classmethod
    def empty(cls, seq_len: int, dtype: np.dtype) -> PackedRows:
        """No rows."""
        return cls(
            np.zeros((0, seq_len), dtype),
            np.zeros(0, np.int32),
            np.zeros(0, np.uint32),
            np.zeros(1, np.int64),
            np.zeros(0, np.int64),
            np.zeros(0, np.uint64),
            np.zeros(0, bool),
        )

    @classmethod
    def join(cls, blocks: Sequence[PackedRows]) -> PackedRows:
        """All rows of the blocks, in order; at least one block."""
        if len(blocks) == 1:
            return blocks[0]
        pieces = np.cumsum([0] + [int(block.piece_offsets[-1]) for block in blocks])
        shifted = [block.piece_offsets[:-1] + first for block, first in zip(blocks, pieces[:-1], strict=True)]
        return cls(
            np.concatenate([block.tokens for block in blocks]),
            np.concatenate([block.n_tokens for block in blocks]),
            np.concatenate([block.n_bytes for block in blocks]),
            np.concatenate([*shifted, pieces[-1:]]),
            np.concatenate([block.doc_starts for block in blocks]),
            np.concatenate([block.doc_uid for block in blocks]),
            np.concatenate([block.doc_cont for block in blocks]),
            sum(block.truncated for block in blocks),
        )

    def take(self, start: int, stop: int) -> PackedRows:
        """Rows start to stop, as views; what packing dropped is not theirs to tell."""
        start, stop, _ = slice(start, stop).indices(len(self))
        stop = max(start, stop)
        first, last = int(self.piece_offsets[start]), int(self.piece_offsets[stop])
        return PackedRows(
            self.tokens[start:stop],
            self.n_tokens[start:stop],
            self.n_bytes[start:stop],
            self.piece_offsets[start : stop + 1] - first,
            self.doc_starts[first:last],
            self.doc_uid[first:last],
            self.doc_cont[first:last],
        )
