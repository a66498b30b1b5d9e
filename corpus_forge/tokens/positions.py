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
    return find_documents(path, np.array([uid], np.uint64)).get(uid, [])


def find_documents(path: str | Path, uids: np.ndarray) -> dict[int, list[Position]]:
    """The same for many documents (uint64[n]) in one scan: those that some row has, by id."""
    found: dict[int, list[Position]] = {}
    with TokenDataset(path) as dataset:
        for number, entry in enumerate(dataset.shards):
            shard = dataset.shard(number)
            for uid, *place in _pieces(shard, np.flatnonzero(np.isin(shard.doc_uid, uids))):
                found.setdefault(uid, []).append(Position(entry.path, *place))
    return {uid: found[uid] for uid in sorted(found)}


def _pieces(shard: Shard, pieces: np.ndarray) -> list[tuple[int, int, int, int]]:
    """(uid, row, start, stop) of each piece, by its number in the shard."""
    rows = np.searchsorted(shard.piece_offsets, pieces, "right") - 1
    return [
        (int(shard.doc_uid[piece]), int(row), int(shard.doc_starts[piece]), _stop(shard, int(row), int(piece)))
        for row, piece in zip(rows, pieces, strict=True)
    ]


def _stop(shard: Shard, row: int, piece: int) -> int:
    """Where the next piece of the row begins, or the row's tokens end."""
    last = piece + 1 == shard.piece_offsets[row + 1]
    return int(shard.n_tokens[row] if last else shard.doc_starts[piece + 1])
