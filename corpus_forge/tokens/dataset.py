"""All rows of a tokens folder, by number: what a trainer or a notebook holds.

`dataset[i]` is a view of a mapped file: no row is copied and nothing is read before it is looked at. Shards are mapped at their
first use, so opening costs one small JSON file. Any number of threads and processes may read; a dataset that is sent to
another process is opened there anew from its path.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from corpus_forge.errors import InputError
from corpus_forge.tokens.index import Index, ShardEntry, read_index, totals
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import Shard
from corpus_forge.tokens.source_rows import SourceRows

if TYPE_CHECKING:
    from corpus_forge.tokens.reader import TokenReader


class TokenDataset:
    """Rows of packed tokens: `len()` of them, in the order of the index.

    `path` is a run directory, its tokens/ or any folder with an index.json; InputError says what is wrong with it. With `split`
    (`train`, `validation`) only rows of that split are there.
    """

    def __init__(self, path: str | Path, split: str | None = None) -> None:
        self.path, self.split = str(path), split
        self._index: Index = _of_split(read_index(path), split)
        self._first = np.cumsum([0] + [entry.rows for entry in self._index.shards])
        self._shards: list[Shard | None] = [None] * len(self._index.shards)

    def __len__(self) -> int:
        return int(self._first[-1])

    def __getitem__(self, index: SupportsIndex) -> dict[str, np.ndarray]:
        """One row: tokens [seq_len], doc_starts, doc_uid, doc_cont [pieces], n_tokens, n_bytes; all read-only."""
        number = operator.index(index)
        position = number + len(self) if number < 0 else number
        if not 0 <= position < len(self):
            raise IndexError(f"row {number} of a dataset of {len(self)} rows")
        shard = int(np.searchsorted(self._first, position, "right")) - 1
        return self.shard(shard).row(position - int(self._first[shard]))

    @property
    def seq_len(self) -> int:
        """Tokens in a row."""
        return self._index.seq_len

    @property
    def vocab_size(self) -> int:
        """One more than the largest id the tokenizer can give."""
        return self._index.vocab_size

    @property
    def tokens(self) -> int:
        """Tokens in all rows, without padding."""
        return sum(entry.tokens for entry in self._index.shards)

    @property
    def sources(self) -> dict[str, dict[str, int]]:
        """Shards, rows, tokens, docs and bytes of each source."""
        return totals(self.shards, "source")

    @property
    def shards(self) -> tuple[ShardEntry, ...]:
        """What the index says of each shard."""
        return self._index.shards

    @property
    def index(self) -> dict[str, Any]:
        """All of index.json."""
        return self._index.fields

    @property
    def metadata(self) -> ShardMetadata:
        """Tokenizer and special ids, from the header of the first shard; InputError when there is none."""
        if not self._shards:
            raise InputError(f"{self.path}: the index lists no shard.")
        return self.shard(0).metadata

    def shard(self, number: int) -> Shard:
        """Shard `number` of the index, mapped."""
        shard = self._shards[number]
        if shard is None:
            shard = self._shards[number] = self._open(self._index.shards[number])
        return shard

    def shard_numbers(self, source: str | None = None, split: str | None = None) -> list[int]:
        """Numbers of the shards of a source and split, or of all."""
        return [
            number
            for number, entry in enumerate(self.shards)
            if source in (None, entry.source) and split in (None, entry.split)
        ]

    def reader(
        self, batch_size: int, seed: int = 0, rank: int = 0, world_size: int = 1, state: Mapping[str, Any] | None = None
    ) -> TokenReader:
        """Batches of rows of split `train`, or of the dataset's own, in one shuffled order of all sources, without end.

        Batch j goes to rank j mod world_size. `state` is what `state_dict()` of an earlier reader gave: batches go on where
        it stood, whatever batch_size, rank and world_size are now. RequestError and InputError say what does not fit.
        TokenMixture reads sources by weight.
        """
        from corpus_forge.tokens.reader import TokenReader

        rows = SourceRows("all", self, self.shard_numbers(split=self.split or "train"))
        places = {"batch_size": batch_size, "seed": seed, "rank": rank, "world_size": world_size}
        return TokenReader([rows], [(0, {"all": 1.0})], **places, state=state)

    def decode(self, index: SupportsIndex) -> str:
        """Text of a row without padding, special tokens by name. Needs `tokenizers` and tokenizer.json beside the index."""
        from corpus_forge.tokens.tokenizer import load_tokenizer

        row = self[index]
        return load_tokenizer(self._index.folder).decode(row["tokens"][: row["n_tokens"]])

    def close(self) -> None:
        """Close all files; rows that are still held stay valid."""
        for shard in self._shards:
            if shard is not None:
                shard.close()
        self._shards = [None] * len(self._shards)

    def __enter__(self) -> TokenDataset:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[TokenDataset], tuple[str, str | None]]:
        return type(self), (self.path, self.split)

    def _open(self, entry: ShardEntry) -> Shard:
        shard = Shard(self._index.folder / entry.path)
        found = (len(shard), shard.metadata.seq_len, shard.metadata.vocab_size, shard.metadata.tokenizer_sha256)
        expected = (entry.rows, self.seq_len, self.vocab_size, self._index.fields["tokenizer"]["sha256"])
        names = ("rows", "seq_len", "vocab_size", "tokenizer sha256")
        for name, have, want in zip(names, found, expected, strict=True):
            if have != want:
                raise InputError(f"{shard.path}: {name} is {have}, {self._index.folder}/index.json says {want}.")
        return shard


def _of_split(index: Index, split: str | None) -> Index:
    """The index with the shards of one split; InputError names the splits there are."""
    if split is None:
        return index
    kept = tuple(entry for entry in index.shards if entry.split == split)
    if not kept:
        there = ", ".join(sorted({entry.split for entry in index.shards})) or "none at all"
        raise InputError(f"{index.folder}: no shard of split '{split}'; there is {there}. `holdout` makes `validation`.")
    return replace(index, shards=kept)
