"""Steps that join: pairs of all buckets become groups, as merged sets would, for any split into shards and buckets."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.dedup.grouping import grouped, grouped_order
from corpus_forge.document import document_id
from corpus_forge.engine.corpus import run_join, run_partition, run_reduce
from corpus_forge.engine.notes import Notes, NotesWriter
from corpus_forge.engine.removals import Removals, join_fingerprint, reduce_fingerprint
from corpus_forge.engine.shelf import Shelf
from corpus_forge.engine.storage import BatchWriter
from corpus_forge.engine.tasks import Task
from corpus_forge.engine.workspace import Workspace
from corpus_forge.steps.base import GROUP_DTYPE, KEY_DTYPE, REMOVAL_DTYPE, CorpusStep

NOTE = np.dtype([("length", "<u4")])


class SharedLetters(CorpusStep):
    """Texts that share a letter belong together; the shortest of a group stays, among equals the last."""

    name = "letters"

    def joins(self):
        return True

    def notes_dtype(self):
        return NOTE

    def survey(self, batch):
        texts = batch.column("text").to_pylist()
        pairs = [(ord(letter), row) for row, text in enumerate(texts) for letter in text]
        keys = np.zeros(len(pairs), KEY_DTYPE)
        keys["hi"], keys["row"] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return keys, np.array([(len(text),) for text in texts], NOTE)

    def pair(self, rows, look):
        lengths = look(rows["id"])["length"]
        assert lengths.min(initial=9) >= 1
        again = np.flatnonzero(rows["hi"][1:] == rows["hi"][:-1]) + 1
        pairs = np.zeros(len(again), REMOVAL_DTYPE)
        pairs["id"], pairs["kept"] = rows["id"][again], rows["id"][again - 1]
        return pairs

    def elect(self, ids, groups, look):
        lengths = look(ids)["length"].tolist()
        best: dict[int, tuple[int, int]] = {}
        for uid, group, length in zip(ids.tolist(), groups.tolist(), lengths, strict=True):
            best[group] = min(best.get(group, (99, 0)), (length, -uid))
        return np.array([-best[group][1] for group in groups.tolist()], np.uint64)


def expected_of(shards: list[list[str]], gap: int) -> dict[int, tuple[int, int]]:
    """Each id in a group of two or more: who stays, and how many they are."""
    texts = {document_id(n, row * gap): text for n, shard in enumerate(shards) for row, text in enumerate(shard)}
    groups = [({uid}, set(text)) for uid, text in texts.items()]
    for letter in "abcdef":
        meeting = [group for group in groups if letter in group[1]]
        if meeting:
            merged = set().union(*(group[0] for group in meeting)), set().union(*(group[1] for group in meeting))
            groups = [group for group in groups if letter not in group[1]] + [merged]
    kept = {}
    for members, _ in groups:
        stays = min(members, key=lambda uid: (len(texts[uid]), -uid))
        kept |= {uid: (stays, len(members)) for uid in members if len(members) > 1}
    return kept


def run_waves(space: Workspace, shards: list[list[str]], buckets: int, gap: int) -> dict:
    """Partition, reduce and join; where the removals are."""
    context = SimpleNamespace(workspace=space, config=SimpleNamespace(steps=[SharedLetters()]))
    for n, texts in enumerate(shards):
        path = space.scratch("documents")
        with BatchWriter(path) as writer:
            records = pa.array(np.arange(len(texts), dtype=np.uint32) * gap)
            writer.write(pa.RecordBatch.from_arrays([records, pa.array(texts, pa.large_string())], names=["record", "text"]))
        space.commit(f"docs{n}", {"documents": path}, {})
        run_partition(context, Task("partition", "p", "", f"keys{n}", {"step": 0, "docs": f"docs{n}", "buckets": buckets}))
    space.write_json("work/data/seal.seal", [f"keys{n}" for n in range(len(shards))])
    payload = {"step": 0, "seal": "seal", "buckets": buckets}
    for bucket in range(buckets):
        fp = reduce_fingerprint("seal", bucket, buckets)
        run_reduce(context, Task("reduce", "r", "", fp, {**payload, "bucket": bucket}))
    run_join(context, Task("join", "j", "", join_fingerprint("seal"), payload))
    return {"label": "l", "rule": "r", "seal": "seal", "buckets": buckets, "joined": join_fingerprint("seal")}


words = st.text(st.sampled_from("abcdef"), min_size=1, max_size=3)
shards_of_texts = st.lists(st.lists(words, max_size=5), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(shards=shards_of_texts, buckets=st.integers(1, 5), gap=st.integers(1, 3))
def test_waves_agree_with_merged_sets(tmp_path_factory, shards, buckets, gap):
    space = Workspace(tmp_path_factory.mktemp("run"))
    space.create()
    where, expected = run_waves(space, shards, buckets, gap), expected_of(shards, gap)
    for ordinal, texts in enumerate(shards):
        records = pa.array(np.arange(len(texts), dtype=np.uint32) * gap)
        outcome = Removals.load(space, where, ordinal).apply(pa.RecordBatch.from_arrays([records], names=["record"]))
        ids = [document_id(ordinal, row * gap) for row in range(len(texts))]
        leaving = {row: str(expected[uid][0]) for row, uid in enumerate(ids) if uid in expected and expected[uid][0] != uid}
        assert {row: removal.detail for row, removal in outcome.removed.items()} == leaving
        assert outcome.batch.column("cluster_size").to_pylist() == [expected.get(uid, (0, 1))[1] for uid in ids]


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=30))
def test_rows_are_grouped_as_a_sort_by_all_three_columns_would(rows):
    hi, lo, ids = (np.array([row[i] for row in rows], np.uint64) for i in range(3))
    found = grouped_order(hi, lo, ids)
    assert [rows[i] for i in found.tolist()] == sorted(rows)
    assert sorted(found.tolist()) == list(range(len(rows)))


@given(st.lists(st.tuples(st.sampled_from([0, 1, 1 << 56, (1 << 56) + 1, 255 << 56]), *[st.integers(0, 3)] * 2), max_size=30))
def test_rows_parted_by_leading_bits_are_grouped_the_same(rows):
    rows = sorted(rows, key=lambda row: row[2])
    found = grouped(np.array(rows, GROUP_DTYPE))
    assert [tuple(row) for row in found.tolist()] == sorted(rows)


def test_notes_are_found_by_id_in_any_order(tmp_path):
    space = Workspace(tmp_path / "run")
    space.create()
    for n in (0, 2):
        with NotesWriter(space, NOTE) as writer:
            writer.write(np.array([1, 5], np.uint32), np.array([(10 * n,), (10 * n + 1,)], NOTE))
            writer.write(np.array([9], np.uint32), np.array([(10 * n + 2,)], NOTE))
        space.commit(f"keys{n}", writer.files, {})
    notes = Notes(Shelf(space, ["keys0", None, "keys2"]), NOTE)
    ids = np.array([document_id(2, 9), document_id(0, 5), document_id(2, 1), document_id(0, 5)], np.uint64)
    assert notes(ids)["length"].tolist() == [22, 1, 20, 1]
    assert len(notes(ids[:0])) == 0
    with pytest.raises(ValueError, match="a shard that is not there"):
        notes(np.array([document_id(1, 0)], np.uint64))
    with pytest.raises(ValueError, match="1 documents need as many notes"):
        NotesWriter(space, NOTE).write(np.array([1], np.uint32), None)


def test_lists_are_found_by_id_in_any_order(tmp_path):
    space = Workspace(tmp_path / "run")
    space.create()
    lists = {document_id(n, record): [n, record] * (record // 2) for n in (0, 1) for record in (1, 5, 9)}
    for n in (0, 1):
        with NotesWriter(space, None, lists=True) as writer:
            for records in ([1, 5], [9]):
                parts = [np.array(lists[document_id(n, record)], np.uint64) for record in records]
                writer.write(np.array(records, np.uint32), None, (np.concatenate(parts), np.array([len(p) for p in parts])))
            with pytest.raises(ValueError, match="as many lists"):
                writer.write(np.array([1], np.uint32), None)
        space.commit(f"keys{n}", writer.files, {})
    notes = Notes(Shelf(space, ["keys0", "keys1"]), None)
    for asked in (list(lists), list(lists)[::-1], [document_id(1, 5), document_id(0, 9), document_id(1, 5)], []):
        ids = np.array(asked, np.uint64)
        values, offsets = notes.lists(ids)
        assert [values[a:b].tolist() for a, b in itertools.pairwise(offsets.tolist())] == [lists[uid] for uid in asked]
        assert notes.list_lengths(ids).tolist() == [len(lists[uid]) for uid in asked]


def test_files_of_notes_are_opened_once_a_shard(tmp_path, monkeypatch):
    space = Workspace(tmp_path / "run")
    space.create()
    for n in range(3):
        with NotesWriter(space, NOTE) as writer:
            writer.write(np.array([4], np.uint32), np.array([(n,)], NOTE))
        space.commit(f"keys{n}", writer.files, {})
    opened = []
    original = Workspace.output
    monkeypatch.setattr(Workspace, "output", lambda self, fp, name: opened.append((fp, name)) or original(self, fp, name))
    notes = Notes(Shelf(space, ["keys0", "keys1", "keys2"]), NOTE)
    for _ in range(3):
        for n in (2, 0, 1):
            assert notes(np.array([document_id(n, 4)], np.uint64))["length"].tolist() == [n]
    assert len(opened) == 6
    monkeypatch.setattr("corpus_forge.engine.notes.MAPPED", 1)
    assert notes(np.array([document_id(n, 4) for n in (0, 1, 2, 0)], np.uint64))["length"].tolist() == [0, 1, 2, 0]


def test_a_step_without_notes_has_no_files_and_no_look_up(tmp_path):
    space = Workspace(tmp_path / "run")
    with NotesWriter(space, None) as writer:
        writer.write(np.array([1], np.uint32), None)
    assert writer.files == {}
    with pytest.raises(TypeError, match="keeps no notes"):
        Notes(Shelf(space, []), None)(np.array([0], np.uint64))
