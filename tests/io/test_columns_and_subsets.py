"""The same records as JSON Lines, Parquet and a saved dataset: the same columns, the same subsets, the same faults."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from corpus_forge.errors import InputError
from corpus_forge.io.hf_dataset import HfDatasetSource
from corpus_forge.io.jsonl import JsonlSource
from corpus_forge.io.parquet import ParquetSource
from corpus_forge.io.source import Access, Piece

RECORDS = [
    {"body": {"text": "one"}, "meta": {"part": "a", "score": 1.5, "title": "T"}, "n": 3},
    {"body": {"text": "two"}, "meta": {"part": "b", "score": 2.0, "title": None}, "n": 4},
    {"body": {"text": None}, "meta": {"part": "a", "score": 0.0, "title": "U"}, "n": 5},
    {"body": {"text": "four"}, "meta": {"part": None, "score": None, "title": "V"}, "n": None},
    {"body": {"text": "five"}, "meta": {"part": "c", "score": 5.0, "title": "W"}, "n": 7},
]
OPTIONS = {
    "text_field": "body.text",
    "columns": {
        "title": ["meta.title", "headline"],
        "score": {"field": "meta.score", "type": "number"},
        "n": {"field": "n", "type": "integer"},
    },
    "subset_field": "meta.part",
}


def write_jsonl(folder, records):
    (folder / "x.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder / "x.jsonl"


def write_parquet(folder, records):
    pq.write_table(pa.Table.from_pylist(records), folder / "x.parquet", row_group_size=2)
    return folder / "x.parquet"


def write_arrow(folder, records):
    table = pa.Table.from_pylist(records)
    with pa.ipc.new_stream(folder / "data-00000-of-00001.arrow", table.schema) as stream:
        stream.write_table(table, max_chunksize=3)
    (folder / "state.json").write_text('{"_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_split": "train"}')
    return folder / "data-00000-of-00001.arrow"


ALL = [(JsonlSource, write_jsonl), (ParquetSource, write_parquet), (HfDatasetSource, write_arrow)]


def read(source, path):
    """Kept rows without place; reason by offset of what is not; rule by offset."""
    kept, faults, removed = [], {}, {}
    for outcome in source.read(Piece(str(path)), Access()):
        offsets = outcome.batch["offset"].to_pylist()
        assert outcome.batch.schema.names[5:] == list(source.extra_columns())
        assert outcome.batch.schema.types[5:] == list(source.extra_columns().values())
        faults |= {offsets[row]: fault.reason for row, fault in outcome.quarantined.items()}
        removed |= {offsets[row]: (why.rule, why.detail) for row, why in outcome.removed.items()}
        kept += [tuple(row.values())[4:] for row in outcome.kept().to_pylist()]
    return kept, faults, removed


@pytest.mark.parametrize(("kind", "write"), ALL)
def test_columns_by_path(tmp_path, kind, write):
    kept, faults, removed = read(kind(name="x", paths="x", **OPTIONS), write(tmp_path, RECORDS))
    assert kept == [("one", "T", 1.5, 3), ("two", None, 2.0, 4), ("four", "V", None, None), ("five", "W", 5.0, 7)]
    assert (faults, removed) == ({2: "record:no_text"}, {})


@pytest.mark.parametrize(("kind", "write"), ALL)
def test_subsets_are_chosen_counted_and_must_be_known(tmp_path, kind, write):
    kept, faults, removed = read(kind(name="x", paths="x", subset=["a", "c"], **OPTIONS), write(tmp_path, RECORDS))
    assert [row[0] for row in kept] == ["one", "five"]
    assert faults == {2: "record:no_text", 3: "record:no_subset"}
    assert removed == {1: ("read.subset", "b")}


@pytest.mark.parametrize(("kind", "write"), ALL)
def test_a_column_of_another_kind_costs_its_records(tmp_path, kind, write):
    options = {**OPTIONS, "columns": {"score": {"field": "meta.title", "type": "number"}}}
    kept, faults, _ = read(kind(name="x", paths="x", **options), write(tmp_path, RECORDS))
    assert kept == [("two", None)]
    assert faults == {0: "record:column_type", 2: faults[2], 3: "record:column_type", 4: "record:column_type"}


@pytest.mark.parametrize(("kind", "write"), ALL[1:])
def test_a_table_without_the_text_or_the_subset_is_one_row(tmp_path, kind, write):
    path = write(tmp_path, RECORDS)
    assert read(kind(name="x", paths="x"), path) == ([], {0: "file:no_text"}, {})
    options = {"text_field": "body.text", "subset_field": "part", "subset": "a"}
    assert read(kind(name="x", paths="x", **options), path) == ([], {0: "file:no_subset"}, {})


def test_a_missing_text_says_what_is_there(tmp_path):
    path = write_jsonl(tmp_path, [{"content": "a", "id": 3}])
    (outcome,) = JsonlSource(name="x", paths="x", text_field=["text", "body"]).read(Piece(str(path)), Access())
    assert outcome.quarantined[0].detail == "the record has no field 'text' or 'body'; it has content, id"


def test_times_become_text(tmp_path):
    table = pa.table({"text": ["a"], "seen": pa.array([0], pa.timestamp("ms"))})
    pq.write_table(table, tmp_path / "x.parquet")
    source = ParquetSource(name="x", paths="x", columns={"seen": "seen"})
    assert read(source, tmp_path / "x.parquet")[0] == [("a", "1970-01-01T00:00:00Z")]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"columns": {"url": "u"}}, "'url' is a column that every document has"),
        ({"subset": "a"}, "subset is given without subset_field"),
        ({"subset": [], "subset_field": "a"}, "at least 1 item"),
    ],
)
def test_options_that_make_no_sense(options, says):
    with pytest.raises(ValidationError, match=says):
        JsonlSource(name="x", paths="x", **options)


def test_a_saved_dataset_is_found_by_its_state(tmp_path):
    train = tmp_path / "ours" / "train"
    train.mkdir(parents=True)
    file = write_arrow(train, RECORDS)
    (tmp_path / "ours" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for path, split in ((train, None), (tmp_path / "ours", "train"), (str(tmp_path / "*" / "train"), None), (file, None)):
        source = HfDatasetSource.model_validate({"name": "x", "paths": str(path), "split": split})
        assert source.locate(Access()) == [str(file)]


@pytest.mark.parametrize(
    ("state", "split", "says"),
    [
        (None, None, "no state.json"),
        ('{"_data_files": [{"filename": "../secret"}]}', None, "no file of this folder"),
        ('{"_data_files": [{"filename": "a.arrow"}], "_indices_data_files": [{"filename": "i"}]}', None, "flatten_indices"),
        ("[1]", None, "no JSON object"),
        ("{", None, "cannot be read"),
        ("dict", "tain", "has no split 'tain'. Did you mean 'train'"),
        ("dict", None, "several splits"),
    ],
)
def test_folders_that_are_no_saved_dataset_say_why(tmp_path, state, split, says):
    if state == "dict":
        (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}')
    elif state is not None:
        (tmp_path / "state.json").write_text(state)
    with pytest.raises(InputError, match=says):
        HfDatasetSource.model_validate({"name": "x", "paths": str(tmp_path), "split": split}).locate(Access())


def test_a_cut_stream_costs_what_follows(tmp_path):
    path = write_arrow(tmp_path, RECORDS)
    data = path.read_bytes()
    source = HfDatasetSource(name="x", paths="x", **OPTIONS)
    path.write_bytes(data[: len(data) * 3 // 4])
    kept, faults, _ = read(source, path)
    assert [row[0] for row in kept] == ["one", "two"]
    assert faults == {2: "record:no_text", 3: "record:damaged"}
    path.write_bytes(b"no arrow")
    assert read(source, path)[1] == {0: "file:not_arrow"}
