"""The schema of a token shard and the metadata it carries. docs/token-shards.md explains every field.

A shard says in its own header which tokenizer made it and what its special ids are, so that a file that was copied away from
its index can still be read, and two shards that do not belong together are told apart. The cost: the counts stand in the header
too, so a shard is written in one go, when all its rows are known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from corpus_forge.errors import InputError, RequestError

FORMAT = "packed-tokens"
VERSION = 1
ROW_MULTIPLE = 128
"""Rows are a multiple of this many tokens: the block size of FlexAttention."""
MAX_TOKENS = 2**31 - 1
"""In a shard, padding included: Arrow counts the values of a fixed-size list column in int32 here."""
IDS = ("bos_id", "eos_id", "pad_id", "mask_id", "sentinel0_id")


@dataclass(frozen=True)
class ShardMetadata:
    """What is true of every row of a shard. Ids are None where the tokenizer has no such token."""

    seq_len: int
    vocab_size: int
    source: str
    tokenizer_sha256: str
    tokenizer_name: str = ""
    split: str = "train"
    packing: str = "concat"
    run: str = ""
    recipe_hash: str = ""
    writer: str = ""
    bos_id: int | None = None
    eos_id: int | None = None
    pad_id: int | None = None
    mask_id: int | None = None
    sentinel0_id: int | None = None

    @property
    def token_dtype(self) -> np.dtype:
        """uint16 for up to 65,536 ids, else uint32."""
        return token_dtype(self.vocab_size)


@dataclass(frozen=True)
class ShardCounts:
    """What is in a shard. `tokens` leaves padding out; `docs` are those that begin here, `bytes` UTF-8 bytes of text."""

    rows: int
    tokens: int
    docs: int
    bytes: int
    max_docs_per_row: int
    truncated_tokens: int = 0


def token_dtype(vocab_size: int) -> np.dtype:
    """Type of a token id: uint16 for up to 65,536 ids, else uint32."""
    return np.dtype(np.uint16 if vocab_size <= 1 << 16 else np.uint32)


def check_seq_len(seq_len: int) -> int:
    """`seq_len` itself; RequestError with the nearest two when it is no positive multiple of 128."""
    if seq_len > 0 and seq_len % ROW_MULTIPLE == 0:
        return seq_len
    below = seq_len // ROW_MULTIPLE * ROW_MULTIPLE
    choice = f"{below} or {below + ROW_MULTIPLE}" if below > 0 else f"{ROW_MULTIPLE} or {2 * ROW_MULTIPLE}"
    raise RequestError(f"seq_len: {seq_len} is not a positive multiple of {ROW_MULTIPLE}. Use {choice}.")


def shard_schema(metadata: ShardMetadata, counts: ShardCounts) -> pa.Schema:
    """Arrow schema of a shard, with its metadata under keys `cf.*`."""
    token = pa.from_numpy_dtype(metadata.token_dtype)
    start = pa.uint16() if metadata.seq_len <= 1 << 16 else pa.uint32()
    columns = [
        ("tokens", pa.list_(_required(token), metadata.seq_len)),
        ("doc_starts", pa.list_(_required(start))),
        ("n_tokens", pa.int32()),
        ("n_bytes", pa.uint32()),
        ("doc_uid", pa.list_(_required(pa.uint64()))),
        ("doc_cont", pa.list_(_required(pa.bool_()))),
    ]
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns], _encode(metadata, counts))


def parse_metadata(schema: pa.Schema, where: str) -> tuple[ShardMetadata, ShardCounts]:
    """Metadata and counts of a shard; InputError, naming `where`, when it is no shard of a known version."""
    values = {k.decode(errors="replace"): v.decode(errors="replace") for k, v in (schema.metadata or {}).items()}
    if values.get("cf.format") != FORMAT:
        raise InputError(f"{where}: not a token shard: cf.format is {values.get('cf.format')!r}, expected '{FORMAT}'.")
    if values.get("cf.version") != str(VERSION):
        found = values.get("cf.version")
        raise InputError(f"{where}: format version {found!r}, this program reads {VERSION}. Use the version that wrote it.")
    try:
        metadata, counts = _decode(values)
        check_seq_len(metadata.seq_len)
    except (KeyError, ValueError, TypeError, RequestError) as error:
        raise InputError(f"{where}: bad shard metadata: {type(error).__name__}: {error}.") from error
    for field in shard_schema(metadata, counts):
        if schema.names.count(field.name) != 1 or schema.field(field.name).type != field.type:
            found = [str(other.type) for other in schema if other.name == field.name] or "absent"
            raise InputError(f"{where}: column {field.name} is {found}, expected {field.type}.")
    return metadata, counts


def _required(kind: pa.DataType) -> pa.Field:
    return pa.field("item", kind, nullable=False)


def _encode(metadata: ShardMetadata, counts: ShardCounts) -> dict[str, str]:
    values = {
        "format": FORMAT,
        "version": str(VERSION),
        "seq_len": str(metadata.seq_len),
        "token_dtype": metadata.token_dtype.name,
        "vocab_size": str(metadata.vocab_size),
        "tokenizer.name": metadata.tokenizer_name,
        "tokenizer.sha256": metadata.tokenizer_sha256,
        "source": metadata.source,
        "split": metadata.split,
        "packing": json.dumps({"algo": metadata.packing, "eos": True}),
        "run": metadata.run,
        "recipe_hash": metadata.recipe_hash,
        "writer": metadata.writer,
    }
    values |= {name: _id_text(getattr(metadata, name)) for name in IDS}
    values |= {f.name: str(getattr(counts, f.name)) for f in fields(ShardCounts)}
    return {f"cf.{name}": values[name] for name in sorted(values)}


def _decode(values: Mapping[str, str]) -> tuple[ShardMetadata, ShardCounts]:
    ids = {name: _id_value(values[f"cf.{name}"]) for name in IDS}
    metadata = ShardMetadata(
        seq_len=int(values["cf.seq_len"]),
        vocab_size=int(values["cf.vocab_size"]),
        source=values["cf.source"],
        tokenizer_sha256=values["cf.tokenizer.sha256"],
        tokenizer_name=values["cf.tokenizer.name"],
        split=values["cf.split"],
        packing=str(json.loads(values["cf.packing"])["algo"]),
        run=values["cf.run"],
        recipe_hash=values["cf.recipe_hash"],
        writer=values["cf.writer"],
        **ids,
    )
    if values["cf.token_dtype"] != metadata.token_dtype.name:
        raise ValueError(f"cf.token_dtype {values['cf.token_dtype']} does not go with cf.vocab_size {metadata.vocab_size}")
    return metadata, ShardCounts(**{f.name: int(values[f"cf.{f.name}"]) for f in fields(ShardCounts)})


def _id_text(value: int | None) -> str:
    return "-1" if value is None else str(value)


def _id_value(text: str) -> int | None:
    return None if int(text) < 0 else int(text)
