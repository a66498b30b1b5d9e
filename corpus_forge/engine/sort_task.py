"""The part of a mixture that each document of a shard belongs to: the first of its source's that takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.config.mix import MixPart
from corpus_forge.document import document_ids
from corpus_forge.engine.interrupt import check_interrupted
from corpus_forge.engine.mix_stages import labels
from corpus_forge.engine.storage import read_batches
from corpus_forge.engine.tasks import Context, Task
from corpus_forge.errors import RequestError
from corpus_forge.rules.columns import satisfied
from corpus_forge.tokens.holdout import drawn
from corpus_forge.tokens.order import stream_key


def run_sort(context: Context, task: Task) -> dict[str, Any]:
    """An int16 array: for each document, in the order of the encoded ones, the number of its part among the labels."""
    space, payload, config = context.workspace, task.payload, context.config
    names = labels(config, payload["source"])
    rules = [(name, part) for name, part in config.mixed_parts().items() if name in names and part.is_subset]
    columns = sorted({"record", *(column for _, part in rules for column in part.where)})
    path = space.output(payload["docs"], "documents")
    _check_columns(task.label, columns, next(read_batches(path)).schema.names)
    found = [np.zeros(0, np.int16)]
    for batch in read_batches(path, columns):
        check_interrupted()
        found.append(_parts(batch, rules, payload["ordinal"], config.seed))
    parts = np.concatenate(found)
    sizes, lengths = _counts(space.output(payload["encoded"], "ids"))
    scratch = space.scratch("parts")
    with scratch.open("wb") as sink:
        np.save(sink, parts, allow_pickle=False)
    sums = {name: _summed(parts == number, sizes, lengths) for number, name in enumerate(names)}
    manifest = {"kind": "sort", "stage": task.stage, "rows": len(parts), "tokens": int(lengths.sum()), "parts": sums}
    return space.commit(task.fingerprint, {"parts": scratch}, manifest)


def _parts(batch: pa.RecordBatch, rules: list[tuple[str, MixPart]], ordinal: int, seed: int) -> np.ndarray:
    """int16[n]; what no rule takes belongs to the label behind those of the rules."""
    ids = document_ids(ordinal, batch.column("record").to_numpy())
    parts = np.full(len(ids), len(rules), np.int16)
    free = np.ones(len(ids), bool)
    for number, (name, part) in enumerate(rules):
        taken = free.copy()
        for column, keep in part.where.items():
            taken &= satisfied(batch.column(column), keep)
        if part.sample < 1:
            taken &= drawn(ids, part.sample, stream_key("mix", seed, name))
        parts[taken] = number
        free &= ~taken
    return parts


def _check_columns(label: str, wanted: list[str], there: list[str]) -> None:
    missing = [name for name in wanted if name not in there]
    if missing:
        raise RequestError(f"mix: documents of {label} have no column '{missing[0]}'; they have {', '.join(there)}.")


def _counts(path: Any) -> tuple[np.ndarray, np.ndarray]:
    """int64[n] each: bytes and tokens (EOS not counted) of the encoded documents of a shard."""
    sizes, lengths = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            sizes.append(batch.column("bytes").to_numpy())
            lengths.append(np.diff(batch.column("tokens").offsets.to_numpy()))
    return np.concatenate(sizes), np.concatenate(lengths)


def _summed(own: np.ndarray, sizes: np.ndarray, lengths: np.ndarray) -> dict[str, int]:
    return {"rows": int(own.sum()), "bytes": int(sizes[own].sum()), "tokens": int(lengths[own].sum())}
