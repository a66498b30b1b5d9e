"""Where a document's tokens lie: the last link from a byte of the archive to what a trainer reads.

A scan of the doc_uid column, 8 bytes a piece and so about 0.5% of the shards; an index of its own would have to be kept true.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.shard import Shard


class Position(NamedTuple):
    """Tokens `start` to `stop` (EOS included) of row `row` in the file `shard` (a name in the index)."""

    shard: str
    row: int
    start: int
    stop: int


def find_document(path: str | Path, uid: int) -> list[Position]:
    """The pieces of a document in the order of the text; empty when no row has it. `path` as for TokenDataset.

    In a materialised mixture they are in the order of its rows, as often as it has them.
    """
    with TokenDataset(path) as dataset:
        entries = enumerate(dataset.shards)
        return [Position(entry.path, *place) for number, entry in entries for place in _pieces(dataset.shard(number), uid)]


def _pieces(shard: Shard, uid: int) -> list[tuple[int, int, int]]:
    """(row, start, stop) of each piece of the document in one shard."""
    pieces = np.flatnonzero(shard.doc_uid == np.uint64(uid))
    rows = np.searchsorted(shard.piece_offsets, pieces, "right") - 1
    return [
        (int(row), int(shard.doc_starts[piece]), _stop(shard, int(row), int(piece)))
        for row, piece in zip(rows, pieces, strict=True)
    ]


def _stop(shard: Shard, row: int, piece: int) -> int:
    """Where the next piece of the row begins, or the row's tokens end."""
    last = piece + 1 == shard.piece_offsets[row + 1]
    return int(shard.n_tokens[row] if last else shard.doc_starts[piece + 1])
