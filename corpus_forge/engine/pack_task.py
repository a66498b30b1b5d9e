"""One token shard from the ids of neighbouring shards of one source, or of one part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.config import TokenizeConfig
from corpus_forge.document import document_ids
from corpus_forge.engine.encode_task import CLUSTER
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.tokenizer_task import token_config, tokenizer_of_run
from corpus_forge.engine.workspace import Workspace
from corpus_forge.tokens.holdout import VALIDATION, held_out
from corpus_forge.tokens.layout import lay_out
from corpus_forge.tokens.pack import Packer
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import write_shard
from corpus_forge.tokens.tokenizer import TextTokenizer

Member = tuple[int, str, str | None]
"""Ordinal of a shard, the task that encoded it, and the one that sorted it into parts, where it has several."""


def run_pack(context: Context, task: Task) -> dict[str, Any]:
    """Pack those documents that the shard's split has."""
    space, payload, config = context.workspace, task.payload, token_config(context)
    tokenizer = tokenizer_of_run(context, payload["tokenizer"])
    shards = space.read_json(f"work/data/{payload['run']}.seal")
    ordinals = range(payload["first"], payload["last"])
    places = payload.get("sorted") or [None] * len(ordinals)
    members = [(n, shards[n], place) for n, place in zip(ordinals, places, strict=True) if shards[n]]
    chosen = _Chosen(payload["split"], config.holdout, context.config.seed, payload.get("part", 0))
    rows = _packed(space, members, chosen, tokenizer, config)
    path = space.scratch("arrow")
    with path.open("wb") as sink:
        entry = write_shard(sink, rows, _metadata(tokenizer, config, payload), path="")
    manifest = {"kind": "pack", "stage": task.stage, "rows": len(rows), "entry": asdict(entry)}
    return space.commit(task.fingerprint, {"arrow": path}, manifest)


class _Chosen:
    """Which documents of a batch belong to a split, and to a part."""

    def __init__(self, split: str, share: float, seed: int, part: int) -> None:
        self.split, self.share, self.seed, self.part = split, share, seed, part

    def __call__(self, batch: pa.RecordBatch, uids: np.ndarray, parts: np.ndarray | None) -> np.ndarray:
        """int64[c]: rows of the batch; `parts` has the part of each, None where there is only one."""
        own = np.ones(len(uids), bool) if parts is None else parts == self.part
        return np.flatnonzero(own & self._of_split(batch, uids))

    def _of_split(self, batch: pa.RecordBatch, uids: np.ndarray) -> np.ndarray:
        """bool[n]. Documents of one cluster go the same way."""
        if not self.share:
            return np.ones(len(uids), bool)
        keys = uids
        if CLUSTER in batch.schema.names:
            clusters = batch.column(CLUSTER)
            alone = clusters.is_null().to_numpy(zero_copy_only=False)
            keys = np.where(alone, uids, clusters.fill_null(0).to_numpy())
        return held_out(keys, self.share, self.seed) == (self.split == VALIDATION)


def _packed(
    space: Workspace, members: Sequence[Member], chosen: _Chosen, tokenizer: TextTokenizer, config: TokenizeConfig
) -> PackedRows:
    """Two passes over mapped files: lengths, then tokens."""
    eos, pad = tokenizer.packing_ids()
    lengths = [np.zeros(0, np.int64)]
    for batch, uids, parts in _batches(space, members):
        lengths.append(np.diff(batch.column("tokens").offsets.to_numpy())[chosen(batch, uids, parts)] + 1)
    layout = lay_out(config.packing, np.concatenate(lengths), config.seq_len)
    packer = Packer(layout, eos, pad, tokenizer.dtype, tokenizer.token_bytes())
    for batch, uids, parts in _batches(space, members):
        lists, sizes = batch.column("tokens"), batch.column("bytes").to_numpy()
        packer.add(lists.values.to_numpy(), lists.offsets.to_numpy(), uids, sizes, chosen(batch, uids, parts))
    return packer.finish()


def _batches(space: Workspace, members: Sequence[Member]) -> Iterator[tuple[pa.RecordBatch, np.ndarray, np.ndarray | None]]:
    """Batches of encoded documents, mapped, with the documents' ids, and the part of each where there are several."""
    for ordinal, fp, place in members:
        parts = np.load(space.output(place, "parts"), allow_pickle=False) if place else None
        with pa.memory_map(str(space.output(fp, "ids"))) as source:
            reader, first = pa.ipc.open_file(source), 0
            for index in range(reader.num_record_batches):
                check_interrupted()
                batch = reader.get_batch(index)
                own = None if parts is None else parts[first : first + batch.num_rows]
                yield batch, document_ids(ordinal, batch.column("record").to_numpy()), own
                first += batch.num_rows


def _metadata(tokenizer: TextTokenizer, config: TokenizeConfig, payload: Any) -> ShardMetadata:
    named = config.tiktoken.ranks if config.tiktoken else config.tokenizer
    return tokenizer.shard_metadata(
        Path(named).name if named else "trained",
        config.seq_len,
        config.packing,
        payload["source"],
        payload["split"],
        payload["run"],
    )
