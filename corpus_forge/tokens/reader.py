"""Batches of rows in the training order: shuffled, mixed, the same for any number of ranks, resumable from a few hundred bytes.

The order of rows is a pure function of (seed, sources, phases), so a reader keeps one number: how many rows are consumed. Batch
j of the order goes to rank j mod world_size, so a run may go on with more ranks, fewer, or another batch size, and no row is
read twice or missed. Rows are copied once, from the mapped file into the batch. The order has no end: a source that is read
through begins its next epoch, shuffled anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.mixture import MixtureOrder, Phases
from corpus_forge.tokens.order import Shuffle, stream_key
from corpus_forge.tokens.source_rows import SourceRows

STATE_VERSION = 1
_CHUNK = 1024


@dataclass(frozen=True)
class TokenBatch:
    """`b` rows of the order, and where each comes from. A row's pieces are those of rows[i]: piece_offsets[i] to [i + 1].

    tokens         uint16|uint32[b, seq_len]
    n_tokens       int32[b]       tokens that are no padding
    n_bytes        uint32[b]      UTF-8 bytes of the text that the row stands for
    piece_offsets  int64[b + 1]   first piece of each row
    doc_starts     int64[m]       where each piece begins in its row
    doc_uid        uint64[m]      id of its document
    place          int64[b]       place in the order
    source         int64[b]       number of the source
    row            int64[b]       row of the source
    epoch          int64[b]       how often the source had been read through before
    """

    tokens: np.ndarray
    n_tokens: np.ndarray
    n_bytes: np.ndarray
    piece_offsets: np.ndarray
    doc_starts: np.ndarray
    doc_uid: np.ndarray
    place: np.ndarray
    source: np.ndarray
    row: np.ndarray
    epoch: np.ndarray

    def __len__(self) -> int:
        return len(self.n_tokens)


class Peek(NamedTuple):
    """One row of a batch without its tokens."""

    place: int
    source: str
    row: int
    epoch: int
    doc_uid: tuple[int, ...]


class TokenReader:
    """Batches of `batch_size` rows without end: iterate, or take any one by `batch(number)`. The module has the promises."""

    def __init__(
        self,
        sources: Sequence[SourceRows],
        phases: Phases,
        *,
        batch_size: int,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        _check(sources, batch_size, seed, rank, world_size)
        self.sources = tuple(sources)
        self.batch_size, self.seed, self.rank, self.world_size = batch_size, seed, rank, world_size
        self._phases = [(int(start), {name: float(weight) for name, weight in w.items()}) for start, w in phases]
        self.order = MixtureOrder([source.name for source in sources], self._phases, seed)
        self._start = self._resume(state) if state is not None else 0
        self._done = 0
        self._chunk = lru_cache(maxsize=4 * len(self.sources) + 4)(self._shuffled_chunk)

    def __iter__(self) -> Iterator[TokenBatch]:
        return self

    def __next__(self) -> TokenBatch:
        batch = self.batch(self._done * self.world_size + self.rank)
        self._done += 1
        return batch

    @property
    def rows_consumed(self) -> int:
        """Rows of the order that all ranks together have been given, when each has been given as many batches as this one."""
        return self._start + self._done * self.world_size * self.batch_size

    def state_dict(self) -> dict[str, Any]:
        """What `state=` takes to go on from here: JSON values, the same on every rank."""
        return {
            "version": STATE_VERSION,
            "rows_consumed": self.rows_consumed,
            "seed": self.seed,
            "phases": [[start, weights] for start, weights in self._phases],
            "fingerprint": self.fingerprint,
            "tokenizer": self.sources[0].tokenizer_sha256,
        }

    @property
    def fingerprint(self) -> str:
        """What the order is over: names of the sources and digests of their shards."""
        parts = [f"{source.name}={source.digest}" for source in self.sources]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def batch(self, number: int) -> TokenBatch:
        """Batch `number`, counted over all ranks from where this reader began."""
        first = self._start + number * self.batch_size
        return self.rows(first, first + self.batch_size)

    def rows(self, start: int, stop: int) -> TokenBatch:
        """Places start to stop of the order, whatever has been consumed."""
        place, source, row, epoch = self._locate(start, stop)
        tokens = np.empty((len(place), self.sources[0].seq_len), self.sources[0].token_dtype)
        n_tokens, n_bytes = np.empty(len(place), np.int32), np.empty(len(place), np.uint32)
        pieces: list[Any] = [None] * len(place)
        for number, mine in self._by_source(source):
            found = self.sources[number].gather(row[mine], mine, tokens, n_tokens, n_bytes)
            for each, of_row in zip(mine.tolist(), found, strict=True):
                pieces[each] = of_row
        return TokenBatch(
            tokens=tokens,
            n_tokens=n_tokens,
            n_bytes=n_bytes,
            piece_offsets=np.array([0, *accumulate(len(starts) for starts, _ in pieces)]),
            doc_starts=np.concatenate([starts for starts, _ in pieces]).astype(np.int64),
            doc_uid=np.concatenate([uids for _, uids in pieces]),
            place=place,
            source=source,
            row=row,
            epoch=epoch,
        )

    def peek(self, step: int) -> list[Peek]:
        """Rows and documents of batch `step` (as `batch` counts), past or to come, without reading a token."""
        first = self._start + step * self.batch_size
        return self.peek_rows(first, first + self.batch_size)

    def peek_rows(self, start: int, stop: int) -> list[Peek]:
        """The same for places start to stop of the order."""
        place, source, row, epoch = self._locate(start, stop)
        pieces: dict[int, Any] = {}
        for number, mine in self._by_source(source):
            pieces |= zip(mine.tolist(), self.sources[number].pieces(row[mine]), strict=True)
        columns = (place.tolist(), source.tolist(), row.tolist(), epoch.tolist())
        return [
            Peek(at, self.sources[number].name, row_number, turn, tuple(pieces[each][1].tolist()))
            for each, (at, number, row_number, turn) in enumerate(zip(*columns, strict=True))
        ]

    def _by_source(self, source: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """Each source that occurs, and where."""
        if len(self.sources) == 1:
            return [(0, np.arange(len(source)))]
        return [(number, np.flatnonzero(source == number)) for number in np.unique(source).tolist()]

    def _locate(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        if not 0 <= start < stop:
            raise RequestError(f"rows {start} to {stop} of the order: they must lie at or after 0, and be at least one.")
        place = np.arange(start, stop)
        source, inside = self.order.locate(place)
        row, epoch = np.empty_like(inside), np.empty_like(inside)
        for number, mine in self._by_source(source):
            epoch[mine], within = np.divmod(inside[mine], len(self.sources[number]))
            chunk, slot = np.divmod(within, _CHUNK)
            # Numbers inside a source rise with the place, so epochs and chunks lie one after another.
            starts = np.flatnonzero((np.diff(chunk, prepend=-1) != 0) | (np.diff(epoch[mine], prepend=-1) != 0)).tolist()
            for first, last in pairwise([*starts, len(mine)]):
                rows = self._chunk(number, int(epoch[mine[first]]), int(chunk[first]))
                row[mine[first:last]] = rows[slot[first:last]]
        return place, source, row, epoch

    def _shuffled_chunk(self, source: int, epoch: int, chunk: int) -> np.ndarray:
        """Rows at places chunk * _CHUNK and on of an epoch: batches follow one another, so that most find theirs kept."""
        rows = self.sources[source]
        shuffle = Shuffle(len(rows), self.seed, stream_key("rows", rows.name, epoch))
        return shuffle(np.arange(chunk * _CHUNK, min(len(rows), (chunk + 1) * _CHUNK)))

    def _resume(self, state: Mapping[str, Any]) -> int:
        now = {**self._plain_state(), "version": STATE_VERSION}
        for key, meaning in _MUST_AGREE.items():
            if key not in state:
                raise InputError(f"reader state: '{key}' is missing. Give what state_dict() returned.")
            if _json(state[key]) != _json(now[key]):
                raise InputError(
                    f"reader state: {meaning} is {state[key]}, here it is {now[key]}. Go on with what it was made of."
                )
        consumed = state.get("rows_consumed")
        if isinstance(consumed, bool) or not isinstance(consumed, int) or consumed < 0:
            raise InputError(f"reader state: rows_consumed is {consumed!r}; it must be a whole number of at least 0.")
        self._check_past(state, consumed)
        return consumed

    def _plain_state(self) -> dict[str, Any]:
        return {"seed": self.seed, "fingerprint": self.fingerprint, "tokenizer": self.sources[0].tokenizer_sha256}

    def _check_past(self, state: Mapping[str, Any], consumed: int) -> None:
        """Phases may be added in the future of a run, and never changed in its past: its rows would not be those it read."""
        before = [[start, weights] for start, weights in _phases_of(state) if start < consumed]
        now = [[start, weights] for start, weights in self._phases if start < consumed]
        if _json(before) != _json(now):
            raise InputError(
                f"reader state: {consumed} rows were drawn with phases {before}, here they are {now}."
                " Leave phases of the past as they are, and add a phase that starts later."
            )


_MUST_AGREE = {
    "version": "the version",
    "seed": "the seed",
    "tokenizer": "the tokenizer's sha256",
    "fingerprint": "the fingerprint of the shards",
}


def _phases_of(state: Mapping[str, Any]) -> list[tuple[int, Any]]:
    try:
        return [(int(start), weights) for start, weights in state["phases"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("reader state: 'phases' is no list of [row, weights]. Give what state_dict() returned.") from error


def _json(value: Any) -> Any:
    """The value with what JSON does not tell apart made one: tuples and lists."""
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return {key: _json(each) for key, each in value.items()} if isinstance(value, dict) else value


def _check(sources: Sequence[SourceRows], batch_size: int, seed: int, rank: int, world_size: int) -> None:
    for name, value, least in (
        ("batch_size", batch_size, 1),
        ("world_size", world_size, 1),
        ("rank", rank, 0),
        ("seed", seed, 0),
    ):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise RequestError(f"reader: {name} is {value!r}; it must be a whole number of at least {least}.")
    if rank >= world_size:
        raise RequestError(f"reader: rank is {rank}, world_size {world_size}; ranks are 0 to {world_size - 1}.")
    for source in sources:
        if not len(source):
            raise InputError(f"{source.where}: source '{source.name}' has no row to read.")
        first = sources[0]
        for what in ("seq_len", "vocab_size", "tokenizer_sha256"):
            if getattr(source, what) != getattr(first, what):
                raise InputError(
                    f"{source.where}: {what} is {getattr(source, what)}, but {getattr(first, what)} in {first.where}."
                    " Tokenize both with the same tokenizer and seq_len."
                )
