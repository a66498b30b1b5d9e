"""Packed rows for torch's own loaders: a map-style dataset and an iterable one. The only file of tokens/ that imports torch.

Thin: numpy does the work, and tensors are made of its arrays. A row's documents become `documents`, a number for every place,
because lists of different lengths cannot be stacked: two places see one another where their numbers are equal and not -1.
The trainer in train/ uses neither; its one thread reads ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from corpus_forge.errors import InputError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.reader import TokenBatch, TokenReader

Tensors = dict[str, torch.Tensor]


class TorchRows(Dataset[Tensors]):
    """Rows by number, unshuffled. Each is {tokens int64[seq_len], documents int32[seq_len], n_tokens, n_bytes int64[]}.

    `documents` numbers the documents of the row from 0 and is -1 on padding. `DataLoader(rows, batch_size, shuffle=True)`.
    """

    def __init__(self, dataset: TokenDataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Tensors:
        row = self.dataset[index]
        starts, n_tokens = row["doc_starts"].astype(np.int64), np.array([row["n_tokens"]])
        documents = document_numbers(starts, np.array([0, len(starts)]), n_tokens, self.dataset.seq_len)
        return {
            "tokens": torch.from_numpy(row["tokens"].astype(np.int64)),
            "documents": torch.from_numpy(documents[0]),
            "n_tokens": torch.tensor(int(row["n_tokens"])),
            "n_bytes": torch.tensor(int(row["n_bytes"])),
        }


class TorchBatches(IterableDataset[Tensors]):
    """Batches of a reader without end, in its order for any number of workers: `DataLoader(batches, batch_size=None, …)`.

    `reader` makes one from (batch_size, seed, rank, world_size, state): TokenDataset.reader, TokenMixture.reader. A batch is
    {tokens int64[b, seq_len], documents int32[b, seq_len], n_tokens, n_bytes, source, epoch int64[b], rows_consumed int64[]}.

    A loader with workers reads ahead, so only who trains knows what was trained on: `state_dict(batch)` is the state behind
    that batch, whatever was read since. Without workers `state_dict()` is the state behind the last batch given; in a worker
    it is that worker's own, for torchdata's StatefulDataLoader, which keeps those of all and goes on with as many workers.
    """

    def __init__(
        self,
        reader: Callable[..., TokenReader],
        batch_size: int,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._make, self._places = reader, (batch_size, seed, rank, world_size)
        self.load_state_dict(self._reader(state).state_dict() if state is None else state)

    def __iter__(self) -> Iterator[Tensors]:
        reader = self._reader(self._state)
        own, workers = _worker()
        batch_size, _, rank, world_size = self._places
        start, turn = reader.rows_consumed, self._first_turn(own, workers)
        while True:
            batch = reader.batch(turn * world_size + rank)
            consumed = start + (turn + 1) * world_size * batch_size
            turn += workers or 1
            if workers:
                self._worker = [own, workers, turn]
            else:
                self._state["rows_consumed"] = consumed
            yield as_tensors(batch, consumed)

    def state_dict(self, batch: Tensors | None = None) -> dict[str, Any]:
        """What `state=` and `load_state_dict` take to go on behind `batch`: JSON values, the same on every rank."""
        if batch is not None:
            return {**self._state, "rows_consumed": int(batch["rows_consumed"])}
        return {**self._state, **({"worker": self._worker} if self._worker else {})}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` stood, at the next `iter`. InputError when it is of other shards, weights or another seed."""
        self._state = dict(self._reader(state).state_dict())
        self._worker = list(state.get("worker") or ())

    def _first_turn(self, own: int, workers: int) -> int:
        """The first batch of this process, counted over the rank's batches behind the state."""
        if not self._worker:
            return own
        if self._worker[:2] != [own, workers]:
            was = f"worker {self._worker[0]} of {self._worker[1]}"
            raise InputError(f"loader state: it is that of {was}, this is {own} of {workers}. Keep the number of workers.")
        return int(self._worker[2])

    def _reader(self, state: Mapping[str, Any] | None) -> TokenReader:
        return self._make(*self._places, state=state)


def _worker() -> tuple[int, int]:
    """Number of this worker, and how many there are; (0, 0) in the main process."""
    worker = get_worker_info()
    return (worker.id, worker.num_workers) if worker else (0, 0)


def as_tensors(batch: TokenBatch, consumed: int) -> Tensors:
    """A batch as tensors; see TorchBatches."""
    counts = {name: getattr(batch, name).astype(np.int64) for name in ("n_tokens", "n_bytes", "source", "epoch")}
    documents = document_numbers(batch.doc_starts, batch.piece_offsets, batch.n_tokens, batch.tokens.shape[1])
    arrays = {"tokens": batch.tokens.astype(np.int64), "documents": documents, **counts}
    return {name: torch.from_numpy(array) for name, array in arrays.items()} | {"rows_consumed": torch.tensor(consumed)}


def document_numbers(doc_starts: np.ndarray, piece_offsets: np.ndarray, n_tokens: np.ndarray, seq_len: int) -> np.ndarray:
    """int32[b, seq_len]: which document of its row each place belongs to, from 0; -1 on padding.

    doc_starts int64[m] of all rows, piece_offsets int64[b + 1], n_tokens int[b].
    """
    rows = np.repeat(np.arange(len(n_tokens)), np.diff(piece_offsets))
    marks = np.zeros((len(n_tokens), seq_len), np.int32)
    marks[rows, doc_starts] = 1
    numbers = np.cumsum(marks, axis=1, dtype=np.int32) - 1
    numbers[np.arange(seq_len) >= n_tokens[:, None]] = -1
    return numbers
