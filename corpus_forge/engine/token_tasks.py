"""The tasks behind `tokenize:`; tokens/ has the functions, here they meet files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.config import TokenizeConfig
from corpus_forge.document import document_ids
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.token_stages import given_tokenizer
from corpus_forge.engine.workspace import Workspace
from corpus_forge.tokens.pack import ConcatPacker
from corpus_forge.tokens.rows import PackedRows, RowsBuilder
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import lookup_bytes, write_shard
from corpus_forge.tokens.tokenizer import TextTokenizer, load_tokenizer
from corpus_forge.tokens.train import train_bpe

_loaded: dict[tuple[str, str | None], TextTokenizer] = {}


def run_tokenizer(context: Context, task: Task) -> dict[str, Any]:
    """Write tokenizer.json and its tables."""
    config, space = _config(context), context.workspace
    files = {name: space.scratch(name) for name in ("tokenizer.json", "token_bytes.npy", "word_start.npy")}
    if config.train:
        shards = space.read_json(f"work/data/{task.payload['seal']}.seal")
        content = train_bpe(_sample(space, shards, config.train.sample), config.train.vocab_size)
    else:
        content = given_tokenizer(config)
    files["tokenizer.json"].write_bytes(content)
    tokenizer = _load(content, config)
    files["token_bytes.npy"].write_bytes(lookup_bytes(tokenizer.token_bytes()))
    files["word_start.npy"].write_bytes(lookup_bytes(tokenizer.word_start()))
    tokenizer.packing_ids()
    facts = {"vocab_size": tokenizer.vocab_size, "sha256": tokenizer.sha256}
    manifest = {"kind": "tokenizer", "stage": task.stage, "rows": 0, "tokenizer": facts}
    return space.commit(task.fingerprint, files, manifest)


def _sample(space: Workspace, shards: list[str | None], most: int) -> Iterator[pa.Array]:
    """Text columns of the first documents of every shard: the same share of each, `most` bytes in all."""
    held = {fp: _text_bytes(space, fp) for fp in shards if fp}
    share = min(1.0, most / max(1, sum(held[fp] for fp in shards if fp)))
    for fp in filter(None, shards):
        yield from _first_texts(space.output(fp, "documents"), held[fp] * share)


def _first_texts(path: Path, most: float) -> Iterator[pa.Array]:
    """Texts from the start of a file until they have `most` bytes, the last one whole."""
    for batch in read_batches(path, columns=["text"]):
        check_interrupted()
        if most <= 0:
            return
        sizes = np.cumsum(pc.fill_null(pc.binary_length(batch.column("text")), 0).to_numpy())
        yield batch.column("text")[: int(np.searchsorted(sizes, most)) + 1]
        most -= float(sizes[-1]) if len(sizes) else 0.0


def _text_bytes(space: Workspace, fp: str) -> int:
    manifest = space.manifest(fp)
    return manifest["steps"][-1]["bytes_out"] if manifest and manifest["steps"] else 1


def run_encode(context: Context, task: Task) -> dict[str, Any]:
    """Token ids of one shard: an Arrow file of (record, bytes, tokens) in record order."""
    space, payload = context.workspace, task.payload
    tokenizer = _tokenizer(context, payload["tokenizer"])
    path, rows, tokens = space.scratch("ids"), 0, 0
    token = pa.from_numpy_dtype(tokenizer.dtype)
    schema = pa.schema([("record", pa.uint32()), ("bytes", pa.int64()), ("tokens", pa.large_list(token))])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in read_batches(space.output(payload["docs"], "documents"), ["record", "text"]):
            check_interrupted()
            encoded = tokenizer.encode(batch.column("text"))
            ids = pa.LargeListArray.from_arrays(pa.array(encoded.offsets), pa.array(encoded.ids.astype(tokenizer.dtype)))
            sizes = pc.cast(pc.binary_length(batch.column("text")), pa.int64())
            writer.write_batch(pa.RecordBatch.from_arrays([batch.column("record"), sizes, ids], schema=schema))
            rows, tokens = rows + batch.num_rows, tokens + len(encoded.ids)
    return space.commit(
        task.fingerprint, {"ids": path}, {"kind": "encode", "stage": task.stage, "rows": rows, "tokens": tokens}
    )


def run_pack(context: Context, task: Task) -> dict[str, Any]:
    """One token shard from the ids of neighbouring shards of one source."""
    space, payload, config = context.workspace, task.payload, _config(context)
    tokenizer = _tokenizer(context, payload["tokenizer"])
    shards = space.read_json(f"work/data/{payload['run']}.seal")
    members = [(n, shards[n]) for n in range(payload["first"], payload["last"]) if shards[n]]
    rows = _packed(space, members, tokenizer, config)
    metadata = _metadata(tokenizer, config, payload)
    path = space.scratch("arrow")
    with path.open("wb") as sink:
        entry = write_shard(sink, rows, metadata, path="")
    manifest = {"kind": "pack", "stage": task.stage, "rows": len(rows), "entry": asdict(entry)}
    return space.commit(task.fingerprint, {"arrow": path}, manifest)


def _packed(space: Workspace, members: list[tuple[int, str]], tokenizer: TextTokenizer, config: TokenizeConfig) -> PackedRows:
    eos, pad = tokenizer.packing_ids()
    packer = ConcatPacker(config.seq_len, eos, pad, tokenizer.dtype, tokenizer.token_bytes())
    rows = RowsBuilder(_capacity(space, members, config.seq_len), config.seq_len, tokenizer.dtype)
    for ordinal, fp in members:
        with pa.memory_map(str(space.output(fp, "ids"))) as source:
            reader = pa.ipc.open_file(source)
            for index in range(reader.num_record_batches):
                check_interrupted()
                batch = reader.get_batch(index)
                lists = batch.column("tokens")
                uids = document_ids(ordinal, batch.column("record").to_numpy())
                packer.add(lists.values.to_numpy(), lists.offsets.to_numpy(), uids, batch.column("bytes").to_numpy())
                rows.append(packer.rows())
    rows.append(packer.finish())
    return rows.finish()


def _capacity(space: Workspace, members: list[tuple[int, str]], seq_len: int) -> int:
    """Rows that the documents fill, an EOS for each included."""
    manifests = [space.manifest(fp) or {} for _, fp in members]
    return -(-sum(manifest["tokens"] + manifest["rows"] for manifest in manifests) // seq_len)


def _metadata(tokenizer: TextTokenizer, config: TokenizeConfig, payload: Any) -> ShardMetadata:
    eos, pad = tokenizer.packing_ids()
    return ShardMetadata(
        seq_len=config.seq_len,
        vocab_size=tokenizer.vocab_size,
        source=payload["source"],
        tokenizer_sha256=tokenizer.sha256,
        tokenizer_name="trained" if config.train else Path(str(config.tokenizer)).name,
        packing=config.packing,
        run=payload["run"],
        writer="corpus-forge",
        bos_id=tokenizer.bos_id,
        eos_id=eos,
        pad_id=pad,
        mask_id=tokenizer.mask_id,
        sentinel0_id=tokenizer.sentinel0_id,
    )


def _config(context: Context) -> TokenizeConfig:
    assert context.config.tokenize is not None
    return context.config.tokenize


def _tokenizer(context: Context, fp: str) -> TextTokenizer:
    """The run's tokenizer, loaded once a process."""
    key = (fp, _config(context).eos)
    if key not in _loaded:
        _loaded.clear()
        content = context.workspace.output(fp, "tokenizer.json").read_bytes()
        _loaded[key] = _load(content, _config(context))
    return _loaded[key]


def _load(content: bytes, config: TokenizeConfig) -> TextTokenizer:
    return load_tokenizer(content, specials={"eos": config.eos} if config.eos else None)
