"""From a training file to batches on the device: which shards, checked against one another, and one thread that reads ahead.

Everything about the tokens comes from the shards. Worker processes are not needed: a model of 124M parameters on a large GPU
eats 1 MB/s of tokens, and one thread assembles hundreds of times that.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.reader import TokenBatch, TokenReader
from corpus_forge.tokens.source_rows import SourceRows
from corpus_forge.tokens.token_mixture import TokenMixture
from corpus_forge.tokens.vocabulary import Vocabulary
from corpus_forge.train.attention import make_mask
from corpus_forge.train.config import SourceConfig, TrainingConfig
from corpus_forge.train.model import Batch
from corpus_forge.train.objectives.example import Example, Interval, Sequences, TokenFacts

SENTENCE_MARKS = tuple(mark.encode() for mark in ".!?…。！？।۔")
_SENTINELS = ("<|sentinel_{}|>", "<extra_id_{}>")


def open_mixture(config: TrainingConfig) -> TokenMixture:
    """The training tokens; InputError or RequestError when a folder is damaged or two do not go together."""
    alone = config.sources[0]
    if len(config.sources) == 1 and alone.weight is None and not config.phases:
        mixture = TokenMixture(alone.path)
        if mixture.rows is not None:
            return mixture
    sources = open_sources(config.sources, "train")
    if config.phases:
        return TokenMixture(sources, phases=[(phase.from_row, phase.weights) for phase in config.phases])
    weights = {source.name: source.weight for source in config.sources if source.weight is not None}
    return TokenMixture(sources, weights or None)


def open_sources(sources: Sequence[SourceConfig], split: str | None) -> dict[str, SourceRows]:
    """Rows of each source, of one split or of all."""
    found = {}
    for source in sources:
        dataset = TokenDataset(source.path)
        found[source.name] = SourceRows(source.name, dataset, dataset.shard_numbers(split=split))
    return found


def held_out(config: TrainingConfig) -> dict[str, SourceRows]:
    """What is evaluated on: the sources named, or the shards of split `validation`; empty when there are none."""
    if config.eval.sources:
        return {name: rows for name, rows in open_sources(config.eval.sources, None).items() if len(rows)}
    found = {}
    for source in config.sources:
        dataset = TokenDataset(source.path)
        for name in sorted({entry.source for entry in dataset.shards if entry.split == "validation"}):
            label = name if len(config.sources) == 1 else f"{source.name}/{name}"
            found[label] = SourceRows(label, dataset, dataset.shard_numbers(source=name, split="validation"))
    return {name: rows for name, rows in found.items() if len(rows)}


def token_facts(dataset: TokenDataset) -> TokenFacts:
    """Special ids from the shards, tables and sentinels from the files beside them."""
    meta, folder = dataset.metadata, dataset.folder
    size = dataset.vocab_size
    lengths = _table(folder / "token_bytes.npy", size)
    ids = [each for each in (meta.bos_id, meta.eos_id, meta.pad_id, meta.mask_id, meta.sentinel0_id) if each is not None]
    special = np.zeros(size, bool) if lengths is None else lengths == 0
    special[ids] = True
    starts = _table(folder / "word_start.npy", size)
    sentinels = _sentinels(folder / "tokenizer.json", meta.sentinel0_id)
    special[list(sentinels)] = True
    words = None if starts is None else starts != 0
    ends = sentence_ends(folder / "tokenizer.json", size)
    return TokenFacts(size, meta.eos_id, meta.pad_id, meta.mask_id, sentinels, special, words, ends)


def token_bytes(dataset: TokenDataset) -> np.ndarray | None:
    """int64[vocab_size]: bytes of text of each id; None where the table is not beside the shards."""
    table = _table(dataset.folder / "token_bytes.npy", dataset.vocab_size)
    return None if table is None else table.astype(np.int64)


def to_device(example: Example, device: torch.device, attention: str) -> Batch:
    """Tensors and masks of an example, copied without waiting where the device allows it."""

    def put(array: np.ndarray) -> torch.Tensor:
        tensor = torch.from_numpy(np.require(array, np.int32, ["C", "W"]))
        return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor

    def mask(interval: Interval, keys: int) -> Any:
        ranks = [None if each is None else put(each) for each in (interval.key_rank, interval.query_rank)]
        return make_mask(attention, put(interval.first), put(interval.last), keys, *ranks)

    def part(sequences: Sequences, labels: np.ndarray) -> Batch:
        own = mask(sequences.sees, sequences.tokens.shape[1])
        return Batch(put(sequences.tokens), put(sequences.positions), put(labels).long(), own)

    batch = part(example.inputs, example.labels)
    batch.noise = None if example.noise is None else torch.from_numpy(example.noise).to(device)
    if example.encoder is not None and example.cross is not None:
        batch.encoder = part(example.encoder, np.zeros((1, 1)))
        batch.cross = mask(example.cross, example.encoder.tokens.shape[1])
    return batch


@dataclass
class Prepared:
    """One microbatch: where its rows come from, and what the model is given."""

    rows: TokenBatch
    example: Example


class Prefetch:
    """Iterates `prepare(batch)` over a reader, made by one thread that is at most `depth` ahead. `close` ends the thread."""

    def __init__(self, reader: TokenReader, prepare: Any, depth: int = 2) -> None:
        self._reader, self._prepare = reader, prepare
        self._ready: queue.Queue[Any] = queue.Queue(depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="corpus-forge-prefetch", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Prepared]:
        return self

    def __next__(self) -> Prepared:
        item = self._ready.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def close(self) -> None:
        """End the thread; what it had made is dropped."""
        self._stop.set()
        while self._thread.is_alive():
            with suppress(queue.Empty):
                self._ready.get(timeout=0.05)
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                rows = next(self._reader)
                self._ready.put(Prepared(rows, self._prepare(rows)))
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
            self._ready.put(error)


def micro_rows(micro_tokens: int, seq_len: int, rows_per_step: int, world: int) -> int:
    """Rows of a microbatch: as many as fit into micro_tokens and split a step evenly over the ranks.

    RequestError when no size does.
    """
    if rows_per_step % world:
        raise RequestError(
            f"train.batch_tokens: {rows_per_step} rows of {seq_len} tokens a step do not split over {world} ranks."
            f" Use a multiple of {world * seq_len}."
        )
    most = max(1, min(micro_tokens // seq_len, rows_per_step // world))
    return next(rows for rows in range(most, 0, -1) if rows_per_step // world % rows == 0)


def sentence_ends(path: Path, size: int) -> np.ndarray | None:
    """bool[size]: ids whose text ends with a full stop, a question or an exclamation mark; None without a vocabulary."""
    if not path.is_file():
        return None
    try:
        vocabulary = Vocabulary(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, IndexError):
        return None  # what is wrong with a tokenizer is said where ids are needed
    ends = np.zeros(size, bool)
    ordinary = (each for each in vocabulary.tokens if each < size and each not in vocabulary.reserved)
    ends[[each for each in ordinary if vocabulary.text(each).endswith(SENTENCE_MARKS)]] = True
    return ends


def _table(path: Path, size: int) -> np.ndarray | None:
    if not path.is_file():
        return None
    try:
        table = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path}: damaged table: {error}") from error
    if table.shape != (size,):
        raise InputError(f"{path}: {table.shape} values, the shards have {size} ids. It belongs to another tokenizer.")
    return table


def _sentinels(path: Path, first: int | None) -> tuple[int, ...]:
    """Ids of sentinel 0, 1, …: by their names in tokenizer.json, the only place that says in which direction they run."""
    if first is None or not path.is_file():
        return ()
    try:
        added = {str(each["content"]): int(each["id"]) for each in json.loads(path.read_bytes())["added_tokens"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged tokenizer: {type(error).__name__}: {error}") from error
    for pattern in _SENTINELS:
        if added.get(pattern.format(0)) == first:
            names = (pattern.format(number) for number in range(len(added)))
            return tuple(added[name] for name in names if name in added)
    return ()
