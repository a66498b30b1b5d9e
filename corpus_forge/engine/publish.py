"""The publish task: what one shard shows in documents/, removed/ and quarantine/.

Until here a document is known by its record index. Now the shard's ordinal and URI are joined to ids and origins, and what left
at any stage is brought together in input order.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from corpus_forge.document import QUARANTINE_SCHEMA, REMOVED_SCHEMA, document_ids, origin
from corpus_forge.engine.rejects import STORED_QUARANTINE, STORED_REMOVED
from corpus_forge.engine.storage import TableWriter, read_batches, write_table
from corpus_forge.engine.tasks import Context, Task

LEADING = ("id", "text", "url", "date", "source", "language", "language_score")
PUBLISHED = ("documents", "removed", "quarantine")
REJECTS = (("removed", STORED_REMOVED, REMOVED_SCHEMA), ("quarantine", STORED_QUARANTINE, QUARANTINE_SCHEMA))


def run_publish(context: Context, task: Task) -> dict[str, Any]:
    """Write the three parts of one shard."""
    payload, space = task.payload, context.workspace
    files = {name: space.scratch(name) for name in PUBLISHED}
    ordinal, uri = payload["ordinal"], payload["uri"]
    with TableWriter(files["documents"]) as writer:
        for batch in read_batches(space.output(payload["docs"], "documents")):
            writer.write(_arranged(_joined(batch, ordinal, uri)))
    for name, stored, shown in REJECTS:
        joined = _joined(_history(context, payload["history"], name, stored), ordinal, uri)
        write_table(files[name], pa.Table.from_batches([joined]).select(shown.names).cast(shown))
    return space.commit(task.fingerprint, files, {"kind": "publish", "stage": task.stage, "rows": writer.rows})


def _history(context: Context, tasks: list[str], name: str, schema: pa.Schema) -> pa.RecordBatch:
    """What left at any of the tasks, in input order. A task that lost nothing has no such file."""
    space = context.workspace
    paths = [space.output(fp, name) for fp in tasks if name in (space.manifest(fp) or {"outputs": {}})["outputs"]]
    batches = [batch for path in paths for batch in read_batches(path)]
    table = pa.Table.from_batches(batches, schema=schema).sort_by("record").combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=schema)


def _joined(batch: pa.RecordBatch, ordinal: int, uri: str) -> pa.RecordBatch:
    """`record`, `offset` and `length` replaced by `id` and `origin`."""
    ids = pa.array(document_ids(ordinal, batch.column("record").to_numpy()))
    places = zip(batch.column("offset").to_pylist(), batch.column("length").to_pylist(), strict=True)
    origins = pa.array([origin(uri, offset, length) for offset, length in places], pa.string())
    kept = [name for name in batch.schema.names if name not in ("record", "offset", "length")]
    columns = [ids, *(batch.column(name) for name in kept), origins]
    return pa.RecordBatch.from_arrays(columns, names=["id", *kept, "origin"])


def _arranged(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Columns in the public order: what everybody looks at first, then where it is from, then signals."""
    names = [name for name in (*LEADING, "origin") if name in batch.schema.names]
    return batch.select(names + [name for name in batch.schema.names if name not in names])
