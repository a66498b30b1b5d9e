"""What a model is given, as arrays; where the pieces of a row lie; and the randomness of one row.

A mask is two numbers for each query: it sees keys `first` to `last`, both included. One interval says causal, prefix and
bidirectional attention inside a document, and cross-attention to a document's inputs; ranks say in which order a permutation
reveals them. So one mask function serves all objectives, and no [n, n] array is made unless the attention wants one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus_forge.tokens.order import stream_key
from corpus_forge.tokens.reader import TokenBatch

IGNORED = -100
"""Label of a token that is not scored (the default of torch's cross_entropy)."""


@dataclass(frozen=True)
class Interval:
    """Keys that each query sees: `first` to `last`, int32[b, queries] each, both included.

    With ranks, int32[b, keys] and int32[b, queries], only those of these whose rank is at most the query's.
    """

    first: np.ndarray
    last: np.ndarray
    key_rank: np.ndarray | None = None
    query_rank: np.ndarray | None = None


@dataclass(frozen=True)
class Sequences:
    """`b` rows of n ids, their positions inside their documents, and what each sees of its own row; int32[b, n] each."""

    tokens: np.ndarray
    positions: np.ndarray
    sees: Interval


@dataclass(frozen=True)
class Example:
    """Inputs and labels (int32[b, n], IGNORED where nothing is scored); with an encoder, what decoder queries see of it.

    `noise` is float32[b, n] in [0, 1), for a model that draws, and -1 on padding.
    """

    inputs: Sequences
    labels: np.ndarray
    encoder: Sequences | None = None
    cross: Interval | None = None
    noise: np.ndarray | None = None

    @property
    def scored(self) -> int:
        """Tokens that count in the loss."""
        return int((self.labels != IGNORED).sum())


@dataclass(frozen=True)
class TokenFacts:
    """What objectives must know of the tokenizer. `special`, `word_start` and `sentence_end` are bool[vocab_size]."""

    vocab_size: int
    eos_id: int | None
    pad_id: int | None
    mask_id: int | None
    sentinels: tuple[int, ...]
    special: np.ndarray
    word_start: np.ndarray | None
    sentence_end: np.ndarray | None = None

    @property
    def filler(self) -> int:
        """What fills rows and starts a decoder: the padding id, or the end of text where there is none, or 0."""
        return next((each for each in (self.pad_id, self.eos_id) if each is not None), 0)


@dataclass(frozen=True)
class Pieces:
    """The pieces of all rows of a batch, int64[m] each: the row, where it starts and stops, its number in the batch."""

    row: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, batch: TokenBatch) -> Pieces:
        """Without what is empty."""
        row = np.repeat(np.arange(len(batch)), np.diff(batch.piece_offsets))
        stop = np.concatenate([batch.doc_starts[1:], [0]])
        last = batch.piece_offsets[1:] - 1
        stop[last] = batch.n_tokens
        kept = stop > batch.doc_starts
        return cls(row[kept], batch.doc_starts[kept], stop[kept], np.flatnonzero(kept))

    def spread(self, values: np.ndarray, shape: tuple[int, int], elsewhere: np.ndarray) -> np.ndarray:
        """int32[b, n]: values[i] at every token of piece i, `elsewhere` (broadcast to the shape) on padding."""
        edges = np.stack([self.row * shape[1] + self.start, self.row * shape[1] + self.stop], 1).reshape(-1)
        lengths = np.diff(edges, prepend=0, append=shape[0] * shape[1])  # gap, piece, gap, piece, …, gap
        interleaved = np.zeros(len(lengths), np.int32)
        interleaved[1::2] = values
        out = np.repeat(interleaved, lengths).reshape(shape)
        if lengths[::2].any():
            gaps = np.repeat(np.arange(len(lengths)) % 2 == 0, lengths).reshape(shape)
            out[gaps] = np.broadcast_to(elsewhere, shape)[gaps]
        return out


class RowRandom:
    """The random generator of one row of a batch: a function of (objective, seed, source, row, epoch) and nothing else."""

    def __init__(self, objective: str, seed: int, sources: Sequence[str]) -> None:
        self._keys = [np.array([seed, stream_key("objective", objective, name)], np.uint64) for name in sources]

    def __call__(self, batch: TokenBatch, number: int) -> np.random.Generator:
        """A generator for row `number` of the batch."""
        counter = np.array([0, 0, batch.row[number], batch.epoch[number]], np.uint64)
        return np.random.Generator(np.random.Philox(key=self._keys[int(batch.source[number])], counter=counter))


def layout(batch: TokenBatch) -> tuple[Pieces, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces; and of each token, int32[b, n] each: its position in its piece, where that starts, and where it stops."""
    pieces, shape = Pieces.of(batch), batch.tokens.shape
    here = np.arange(shape[1], dtype=np.int32)
    start = pieces.spread(pieces.start, shape, here)
    stop = pieces.spread(pieces.stop, shape, here + 1)
    return pieces, (here - start).astype(np.int32), start, stop


def next_tokens(tokens: np.ndarray, scored: np.ndarray) -> np.ndarray:
    """int32[b, n]: the id after each one where `scored` (bool[b, n]), else IGNORED."""
    labels = np.full(tokens.shape, IGNORED, np.int32)
    labels[:, :-1] = np.where(scored[:, :-1], tokens[:, 1:], IGNORED)
    return labels
