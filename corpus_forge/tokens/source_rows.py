"""The rows of one source: some shards of a tokens folder, numbered through. What a reader draws from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from corpus_forge.tokens.dataset import TokenDataset
    from corpus_forge.tokens.shard import Shard


class SourceRows:
    """Rows of the shards `numbers` of a dataset, as one sequence called `name`. Shards are mapped at their first use."""

    def __init__(self, name: str, dataset: TokenDataset, numbers: Sequence[int]) -> None:
        self.name, self.dataset, self.where = name, dataset, dataset.path
        self._numbers = list(numbers)
        self._first = np.cumsum([0] + [dataset.shards[number].rows for number in numbers])
        self.seq_len, self.vocab_size = dataset.seq_len, dataset.vocab_size
        self.tokenizer_sha256: str = dataset.index["tokenizer"]["sha256"]

    def __len__(self) -> int:
        return int(self._first[-1])

    @property
    def token_dtype(self) -> np.dtype:
        """uint16 or uint32."""
        return self.dataset.metadata.token_dtype

    @property
    def digest(self) -> str:
        """What these rows are: the digests of the shards, in order."""
        entries = [self.dataset.shards[number] for number in self._numbers]
        return hashlib.sha256("\n".join(f"{entry.sha256} {entry.rows}" for entry in entries).encode()).hexdigest()

    def pieces(self, rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """doc_starts and doc_uid of each row: views of the mapped files."""
        return [_pieces(shard, local) for shard, local in self._places(rows)]

    def gather(
        self, rows: np.ndarray, into: np.ndarray, tokens: np.ndarray, n_tokens: np.ndarray, n_bytes: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Copy `rows` to places `into` of the three arrays, each row once, straight from the mapped files; and their pieces."""
        found = []
        for (shard, local), target in zip(self._places(rows), into.tolist(), strict=True):
            tokens[target] = shard.tokens[local]
            n_tokens[target], n_bytes[target] = shard.n_tokens[local], shard.n_bytes[local]
            found.append(_pieces(shard, local))
        return found

    def _places(self, rows: np.ndarray) -> list[tuple[Shard, int]]:
        """The shard that holds each row, and its number there."""
        shards = self._first.searchsorted(rows, "right") - 1
        local = rows - self._first[shards]
        opened = {number: self.dataset.shard(self._numbers[number]) for number in set(shards.tolist())}
        return list(zip(map(opened.__getitem__, shards.tolist()), local.tolist(), strict=True))


def _pieces(shard: Shard, local: int) -> tuple[np.ndarray, np.ndarray]:
    first, last = shard.piece_offsets[local : local + 2].tolist()
    return shard.doc_starts[first:last], shard.doc_uid[first:last]
