"""Numbers from the file beside a file of documents: by key, by row, and never silently absent."""

from __future__ import annotations

import gzip
import json

import pytest
from pydantic import ValidationError

from corpus_forge.engine.shards import plan_shards
from corpus_forge.errors import InputError
from corpus_forge.io.jsonl import JsonlSource
from corpus_forge.io.source import Access, Piece
from corpus_forge.pipeline import Pipeline

JOIN = {
    "path": {"documents/": "signals/", ".json": ".signals.json"},
    "key": "doc",
    "their_row": "row",
    "columns": {"words": "q.words", "lines": "q.lines"},
}


def write(folder, documents, signals):
    for name, rows, file in (("documents", documents, "a.json"), ("signals", signals, "a.signals.json")):
        (folder / name).mkdir(exist_ok=True)
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        (folder / name / file).write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0))
    return str(folder / "documents" / "a.json")


def read(path, **options):
    kept, faults = [], {}
    for outcome in JsonlSource(name="x", paths="x", join=JOIN, **options).read(Piece(path), Access()):
        faults |= {row: fault.reason for row, fault in outcome.quarantined.items()}
        kept += [tuple(row.values())[4:] for row in outcome.kept().to_pylist()]
    return kept, faults


def signal(key, row, words, lines=None):
    return {"id": key, "row": row, "q": {"words": words, "lines": lines}}


def test_by_key_in_any_order_and_by_row_without_one(tmp_path):
    documents = [{"text": "a", "doc": "A"}, {"text": "b", "doc": "B"}, {"text": "c"}]
    signals = [signal("C", 2, 3, [[0, 1, 1], [1, 2, 0]]), signal("B", 0, [[0, 1, 2]]), signal("A", 1, 1.0)]
    assert read(write(tmp_path, documents, signals)) == ([("a", 1.0, None), ("b", 2.0, None), ("c", 3.0, 0.5)], {})


def test_a_document_that_nothing_is_known_of_is_quarantined(tmp_path):
    documents = [{"text": "a", "doc": "A"}, {"text": "b", "doc": "B"}, {"text": "c", "doc": "C"}, {"text": "d"}]
    signals = ["{broken", {"id": "A", "q": {"words": "many"}}, signal("B", 1, 2), [1]]
    kept, faults = read(write(tmp_path, documents, signals))
    assert kept == [("b", 2.0, None)]
    assert faults == dict.fromkeys((0, 2, 3), "record:not_joined")


def test_a_damaged_file_beside_is_named(tmp_path):
    path = write(tmp_path, [{"text": "a", "doc": "A"}], [signal("B", 1, 2)] * 9)
    beside = tmp_path / "signals" / "a.signals.json"
    beside.write_bytes(beside.read_bytes()[:-12])
    (outcome,) = JsonlSource(name="x", paths="x", join=JOIN).read(Piece(path), Access())
    assert "gzip stream is damaged" in outcome.quarantined[0].detail


def test_the_file_beside_is_part_of_what_was_read(tmp_path):
    path = write(tmp_path, [{"text": "a", "doc": "A"}], [signal("A", 0, 2)])
    pipeline = {"name": "x", "sources": [{"name": "s", "format": "jsonl", "paths": [path], "join": JOIN}]}

    def digest():
        (shard,) = plan_shards(Pipeline.from_dict(pipeline).config, None, Access())
        return shard.digest

    before = digest()
    assert digest() == before
    write(tmp_path, [{"text": "a", "doc": "A"}], [signal("A", 0, 3)])
    assert digest() != before
    (tmp_path / "signals" / "a.signals.json").unlink()
    with pytest.raises(InputError, match=r"signals/a\.signals\.json: no such file"):
        digest()


def test_a_path_that_does_not_say_where_the_other_file_is():
    with pytest.raises(InputError, match="join needs 'documents/' in the path"):
        JsonlSource(name="x", paths="x", join=JOIN).beside("docs/a.json")
    with pytest.raises(ValidationError, match="there is a column 'words' already"):
        JsonlSource(name="x", paths="x", join=JOIN, columns={"words": "w"})
