"""All rows of a tokens folder, by number: what a trainer or a notebook holds.

`dataset[i]` is a view of a mapped file: no row is copied and nothing is read before it is looked at. Shards are mapped at their
first use, so opening costs one small JSON file. Any number of threads and processes may read; a dataset that is sent to
another process is opened there anew from its path.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.index import Index, ShardEntry, read_index, totals
from corpus_forge.tokens.remote import RemoteFolder, is_remote
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import Shard
from corpus_forge.tokens.source_rows import SourceRows

if TYPE_CHECKING:
    from corpus_forge.tokens.reader import TokenReader
    from corpus_forge.tokens.torch import TorchBatches, TorchRows


class TokenDataset:
    """Rows of packed tokens: `len()` of them, in the order of the index.

    `path` is a run directory, its tokens/ or any folder with an index.json; InputError says what is wrong with it. With `split`
    (`train`, `validation`) only rows of that split are there.

    It may also be an address, s3://, gs:// or, with `allow_http`, http(s)://: shards are fetched at their first use, checked
    against their digests, and kept in the folder `cache` (CORPUS_FORGE_CACHE, or the user's cache folder) up to `cache_size`
    bytes (`"500GB"`); see remote.py. It should hold all shards that are read, since rows are read in a shuffled order.
    """

    def __init__(
        self,
        path: str | Path,
        split: str | None = None,
        *,
        cache: str | Path | None = None,
        cache_size: int | str = "500GB",
        allow_http: bool = False,
    ) -> None:
        self.path, self.split = str(path), split
        self._fetching: dict[str, Any] = {"cache": cache, "cache_size": cache_size, "allow_http": allow_http}
        self._remote = RemoteFolder(self.path, cache, _bytes(cache_size), allow_http) if is_remote(path) else None
        self._index: Index = _of_split(read_index(self._remote.folder if self._remote else path), split)
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

    @property
    def folder(self) -> Path:
        """The folder of index.json, the tokenizer and its tables: for an address, a local one with copies of them."""
        return self._remote.beside() if self._remote else self._index.folder

    def torch_rows(self) -> TorchRows:
        """The rows as a torch Dataset of tensors, by number. Needs torch; see tokens/torch.py."""
        from corpus_forge.tokens.torch import TorchRows

        return TorchRows(self)

    def torch_batches(
        self, batch_size: int, seed: int = 0, rank: int = 0, world_size: int = 1, state: Mapping[str, Any] | None = None
    ) -> TorchBatches:
        """What `reader` gives as a torch IterableDataset of tensors, for any number of workers. See tokens/torch.py."""
        from corpus_forge.tokens.torch import TorchBatches

        return TorchBatches(self.reader, batch_size, seed, rank, world_size, state)

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
        return load_tokenizer(self.folder).decode(row["tokens"][: row["n_tokens"]])

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

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), **self._fetching), (self.path, self.split)

    def _fetched(self, entry: ShardEntry, remote: RemoteFolder) -> Shard:
        """A shard from the cache; those that had to go for it are let go of. Another process may take it away in between."""
        while True:
            file, gone = remote.shard(entry)
            for number in [n for n, other in enumerate(self.shards) if other.sha256 in gone] if gone else ():
                self._shards[number] = None
            with suppress(InputError):
                return Shard(file)
            if file.exists():
                return Shard(file)

    def _open(self, entry: ShardEntry) -> Shard:
        shard = self._fetched(entry, self._remote) if self._remote else Shard(self._index.folder / entry.path)
        found = (len(shard), shard.metadata.seq_len, shard.metadata.vocab_size, shard.metadata.tokenizer_sha256)
        expected = (entry.rows, self.seq_len, self.vocab_size, self._index.fields["tokenizer"]["sha256"])
        names = ("rows", "seq_len", "vocab_size", "tokenizer sha256")
        for name, have, want in zip(names, found, expected, strict=True):
            if have != want:
                raise InputError(f"{shard.path}: {name} is {have}, {self._index.folder}/index.json says {want}.")
        return shard


def _bytes(size: int | str) -> int:
    """Bytes of `500GB` or a number; RequestError for anything else. units.py is not for readers: it needs pydantic."""
    match = re.fullmatch(r"([0-9]{1,15})\s*([KMGT]?)B?", str(size), re.ASCII)
    if match is None:
        raise RequestError(f"cache_size: {size!r} is no size. Write bytes, or such as '500GB'.")
    return int(match[1]) * 1000 ** " KMGT".index(match[2] or " ")


def _of_split(index: Index, split: str | None) -> Index:
    """The index with the shards of one split; InputError names the splits there are."""
    if split is None:
        return index
    kept = tuple(entry for entry in index.shards if entry.split == split)
    if not kept:
        there = ", ".join(sorted({entry.split for entry in index.shards})) or "none at all"
        raise InputError(f"{index.folder}: no shard of split '{split}'; there is {there}. `holdout` makes `validation`.")
    return replace(index, shards=kept)
