"""Token ids of one shard, and what is counted on the way.

The fast encoder is tried against the one that defines right ids on the beginnings of this shard's first documents, some 30 kB,
and where it errs the latter encodes the whole shard. The answer depends on the tokenizer and the shard alone, so that a rerun
and another cluster give the same; the cost is some 20 ms a shard.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.engine.tokenizer_task import tokenizer_of_run
from corpus_forge.errors import RequestError
from corpus_forge.tokens.tokenizer import Checked, TextTokenizer

CLUSTER = "cluster_id"
"""Column of documents, where a step writes it: the id of the first document of the same cluster of duplicates (uint64)."""
NO_LANGUAGE = "unknown"
SAMPLE_DOCUMENTS, SAMPLE_CHARACTERS = 16, 2000


def run_encode(context: Context, task: Task) -> dict[str, Any]:
    """An Arrow file of (record, bytes, tokens, and the cluster where documents have one) in record order."""
    space, payload = context.workspace, task.payload
    tokenizer = tokenizer_of_run(context, payload["tokenizer"])
    path, counts = space.scratch("ids"), TokenCounts()
    documents = space.output(payload["docs"], "documents")
    found = next(read_batches(documents)).schema
    names = found.names
    _check_clusters(found, task.label)
    columns = [name for name in ("record", "text", "language", CLUSTER) if name in names]
    by, cuts = _checked(tokenizer, next(read_batches(documents, ["text"])).column("text")), tokenizer.forced_cuts
    schema = _schema(tokenizer.dtype, CLUSTER in names)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in read_batches(documents, columns):
            check_interrupted()
            writer.write_batch(_encoded(tokenizer, by, batch, schema, counts))
    encoder = {"name": by.encoder.name, "reason": by.reason, "cuts": tokenizer.forced_cuts - cuts}
    manifest = {"kind": "encode", "stage": task.stage, **counts.as_json(), "encoder": encoder}
    return space.commit(task.fingerprint, {"ids": path}, manifest)


class TokenCounts:
    """Documents, bytes and tokens (EOS not counted) by language, and documents by the number of their tokens."""

    def __init__(self) -> None:
        self.languages: dict[str, list[int]] = {}
        self.lengths: Counter[int] = Counter()

    def add(self, languages: pa.Array | None, sizes: np.ndarray, tokens: np.ndarray) -> None:
        """Count n documents: their languages (or None), int64[n] bytes and int64[n] tokens."""
        spoken = pa.nulls(len(sizes), pa.string()) if languages is None else languages
        coded = pc.fill_null(spoken, NO_LANGUAGE).dictionary_encode()
        places = coded.indices.to_numpy(zero_copy_only=False)
        for place, name in enumerate(coded.dictionary.to_pylist()):
            mine = places == place
            so_far = self.languages.setdefault(name, [0, 0, 0])
            for at, value in enumerate((mine.sum(), sizes[mine].sum(), tokens[mine].sum())):
                so_far[at] += int(value)
        above = np.searchsorted(_POWERS, tokens, "right")
        self.lengths.update(_POWERS[np.minimum(above, len(_POWERS) - 1)].tolist())

    def as_json(self) -> dict[str, Any]:
        """For the manifest. `lengths`: documents with fewer tokens than the key, a power of two, and at least half as many."""
        sums = [sum(values[at] for values in self.languages.values()) for at in range(3)]
        keys = ("documents", "bytes", "tokens")
        named = {name: dict(zip(keys, self.languages[name], strict=True)) for name in sorted(self.languages)}
        lengths = {str(power): self.lengths[power] for power in sorted(self.lengths)}
        return {"rows": sums[0], "bytes": sums[1], "tokens": sums[2], "languages": named, "lengths": lengths}


_POWERS = 1 << np.arange(40, dtype=np.int64)


def _encoded(
    tokenizer: TextTokenizer, by: Checked, batch: pa.RecordBatch, schema: pa.Schema, counts: TokenCounts
) -> pa.RecordBatch:
    encoded = tokenizer.encode(batch.column("text"), by)
    ids = pa.LargeListArray.from_arrays(pa.array(encoded.offsets), pa.array(encoded.ids.astype(tokenizer.dtype)))
    sizes = pc.fill_null(pc.cast(pc.binary_length(batch.column("text")), pa.int64()), 0)
    language = batch.column("language") if "language" in batch.schema.names else None
    counts.add(language, sizes.to_numpy(), np.diff(encoded.offsets))
    clusters = [batch.column(CLUSTER).cast(pa.uint64(), safe=False)] if CLUSTER in schema.names else []
    columns = [batch.column("record"), sizes, ids, *clusters]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _schema(dtype: np.dtype, clusters: bool) -> pa.Schema:
    fields = [("record", pa.uint32()), ("bytes", pa.int64()), ("tokens", pa.large_list(pa.from_numpy_dtype(dtype)))]
    return pa.schema([*fields, (CLUSTER, pa.uint64())] if clusters else fields)


def _check_clusters(schema: pa.Schema, label: str) -> None:
    if CLUSTER in schema.names and not pa.types.is_integer(schema.field(CLUSTER).type):
        raise RequestError(
            f"tokenize: column '{CLUSTER}' of {label} is {schema.field(CLUSTER).type}; documents are held out by it, so it must"
            " be whole numbers. Give another column that name."
        )


def _checked(tokenizer: TextTokenizer, texts: pa.Array) -> Checked:
    beginnings = pc.utf8_slice_codeunits(texts[:SAMPLE_DOCUMENTS], 0, SAMPLE_CHARACTERS)
    return tokenizer.checked(beginnings)
