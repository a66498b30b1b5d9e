"""Partition, reduce and apply give what a dictionary over all documents gives, for any split into shards and buckets."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.document import document_id
from corpus_forge.engine import corpus
from corpus_forge.engine.corpus import run_partition, run_reduce
from corpus_forge.engine.removals import Removals
from corpus_forge.engine.storage import BatchWriter
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import KEY_DTYPE, REMOVAL_DTYPE, CorpusStep


class SameText(CorpusStep):
    """Equal first letters are duplicates; the smallest id stays."""

    name = "same"

    def partition(self, batch):
        keys = np.zeros(batch.num_rows, KEY_DTYPE)
        keys["hi"] = [ord(text[0]) for text in batch.column("text").to_pylist()]
        keys["row"] = np.arange(batch.num_rows)
        return keys

    def reduce(self, rows):
        again = np.flatnonzero(rows["hi"][1:] == rows["hi"][:-1]) + 1
        removals = np.zeros(len(again), REMOVAL_DTYPE)
        removals["id"] = rows["id"][again]
        first = np.searchsorted(rows["hi"], rows["hi"][again])
        removals["kept"] = rows["id"][first]
        return removals


def store(space: Workspace, fp: str, texts: list[str], gap: int) -> None:
    """Documents of one shard; records have gaps as if some had been removed before."""
    path = space.scratch("documents")
    with BatchWriter(path) as writer:
        records = pa.array(np.arange(len(texts), dtype=np.uint32) * gap)
        writer.write(pa.RecordBatch.from_arrays([records, pa.array(texts, pa.large_string())], names=["record", "text"]))
    space.commit(fp, {"documents": path}, {})


shards_of_texts = st.lists(st.lists(st.sampled_from(["a", "b", "c", "dd", "e", "f"]), max_size=12), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(shards=shards_of_texts, buckets=st.integers(1, 7), gap=st.integers(1, 3))
def test_waves_agree_with_a_dictionary(tmp_path_factory, shards, buckets, gap):
    space = Workspace(tmp_path_factory.mktemp("run"))
    space.create()
    context = SimpleNamespace(workspace=space, config=SimpleNamespace(steps=[SameText()]))
    keys = []
    for n, texts in enumerate(shards):
        store(space, f"docs{n}", texts, gap)
        run_partition(context, Task("partition", "p", "", f"keys{n}", {"step": 0, "docs": f"docs{n}", "buckets": buckets}))
        keys.append(f"keys{n}")
    space.write_json("work/data/seal.seal", keys)
    for bucket in range(buckets):
        fp = corpus.reduce_fingerprint("seal", bucket, buckets)
        payload = {"step": 0, "seal": "seal", "buckets": buckets, "bucket": bucket}
        run_reduce(context, Task("reduce", "r", "", fp, payload))

    first: dict[str, int] = {}
    where = {"label": "same", "rule": "same", "seal": "seal", "buckets": buckets}
    for ordinal, texts in enumerate(shards):
        removals = Removals.load(space, where, ordinal)
        records = pa.array(np.arange(len(texts), dtype=np.uint32) * gap)
        outcome = removals.apply(pa.RecordBatch.from_arrays([records], names=["record"]))
        expected = {}
        for row, text in enumerate(texts):
            uid = document_id(ordinal, row * gap)
            if first.setdefault(text[0], uid) != uid:
                expected[row] = str(first[text[0]])
        assert {row: removal.detail for row, removal in outcome.removed.items()} == expected
