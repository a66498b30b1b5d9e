"""Parquet: rows with their numbers, what is no text, and how much a damaged place costs."""

from __future__ import annotations

import datetime
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus_forge.io import arrow_records, seekable
from corpus_forge.io.parquet import ParquetSource
from corpus_forge.io.source import Access, InputFile, Piece
from corpus_forge.registry import formats


def source(**options) -> ParquetSource:
    return ParquetSource(name="x", paths="unused", **options)


def outcomes(path, **options):
    return list(source(**options).read(Piece(str(path)), Access()))


def read(path, **options):
    """(offset, text) of what is kept, (offset, reason) of what is not."""
    good, bad = [], []
    for outcome in outcomes(path, **options):
        outcome.batch.validate(full=True)
        offsets, texts = outcome.batch["offset"].to_pylist(), outcome.batch["text"].to_pylist()
        good += [(offsets[row], texts[row]) for row in range(len(offsets)) if row not in outcome.quarantined]
        bad += [(offsets[row], fault.reason) for row, fault in sorted(outcome.quarantined.items())]
    return good, bad


def written(tmp_path, columns, **options):
    pq.write_table(pa.table(columns), tmp_path / "file.parquet", **options)
    return tmp_path / "file.parquet"


def test_the_format_is_registered():
    assert formats.get("parquet") is ParquetSource


def test_rows_have_their_number_and_all_columns(tmp_path):
    path = written(tmp_path, {"text": [f"t{n}" for n in range(150)], "url": ["u"] * 150, "more": [1] * 150}, row_group_size=100)
    assert [outcome.batch.num_rows for outcome in outcomes(path)] == [64, 36, 50]
    last = outcomes(path)[-1].batch
    assert last.schema == pa.schema(
        [
            ("offset", pa.int64()),
            ("length", pa.int64()),
            ("url", pa.string()),
            ("date", pa.string()),
            ("text", pa.large_string()),
        ]
    )
    assert last.to_pylist()[-1] == {"offset": 149, "length": -1, "url": "u", "date": None, "text": "t149"}


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()],
)
def test_text_of_any_type_that_holds_text(tmp_path, kind):
    path = written(tmp_path, {"text": pa.array(["a", "é", None]).cast(kind)})
    assert read(path) == ([(0, "a"), (1, "é")], [(2, "record:no_text")])


def test_what_is_no_text_leaves_with_its_reason(tmp_path):
    path = written(tmp_path, {"text": pa.array([b"a", b"", b" \n\xc2\xa0", b"n\0l", None, b"\xff", b"b"], pa.binary())})
    reasons = ["empty_text", "empty_text", "nul", "no_text", "utf8"]
    assert read(path) == ([(0, "a"), (6, "b")], [(row, f"record:{reason}") for row, reason in enumerate(reasons, start=1)])


@pytest.mark.parametrize(
    ("values", "dates"),
    [
        (pa.array(["2024-01-02", None]), ["2024-01-02", None]),
        (pa.array([1704164645678, None], pa.timestamp("ms")), ["2024-01-02T03:04:05Z", None]),
        (pa.array([1704164645678901, None], pa.timestamp("us", "UTC")), ["2024-01-02T03:04:05Z", None]),
        (pa.array([datetime.date(2024, 1, 2), None]), ["2024-01-02", None]),
        (pa.array([20240102, None]), ["20240102", None]),
        (pa.array([b"20\xff", None], pa.binary()), ["20�", None]),
        (pa.array([["a"], None]), [None, None]),
    ],
)
def test_dates_are_written_out(tmp_path, values, dates):
    (outcome,) = outcomes(written(tmp_path, {"text": ["a", "b"], "timestamp": values}))
    assert outcome.batch["date"].to_pylist() == dates


def test_fields_by_other_names(tmp_path):
    path = written(tmp_path, {"content": ["c"], "link": ["l"], "seen": ["d"], "url": ["no"]})
    (outcome,) = outcomes(path, text_field="content", url_field="link", date_field="seen")
    assert outcome.batch.to_pylist() == [{"offset": 0, "length": -1, "url": "l", "date": "d", "text": "c"}]


def test_one_column_may_serve_twice(tmp_path):
    (outcome,) = outcomes(written(tmp_path, {"text": ["t"]}), url_field="text")
    assert outcome.batch["url"].to_pylist() == ["t"]


def test_large_texts_close_a_batch_early(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_records, "BATCH_BYTES", 100)
    path = written(tmp_path, {"text": ["x" * 60, "x" * 60, "x" * 200, None, "x"]})
    assert [outcome.batch["offset"].to_pylist() for outcome in outcomes(path)] == [[0, 1], [2], [3, 4]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file:not_parquet"),
        (b"text", "file:not_parquet"),
        (b"PAR1garbagePAR1", "file:not_parquet"),
        (b"PAR1cut", "file:truncated"),
    ],
)
def test_what_is_no_parquet_is_one_row(tmp_path, data, reason):
    (tmp_path / "file").write_bytes(data)
    assert read(tmp_path / "file") == ([], [(0, reason)])


@pytest.mark.parametrize(("columns", "reason"), [({"url": ["u"]}, "file:no_text"), ({"text": [1]}, "file:text_type")])
def test_a_file_without_text_is_one_row(tmp_path, columns, reason):
    assert read(written(tmp_path, columns)) == ([], [(0, reason)])


def damaged(tmp_path, group: int, page: int):
    """300 rows in 3 row groups of several pages; the given page of the text is overwritten."""
    table = {"text": [f"document number {n}" for n in range(300)]}
    options = {
        "row_group_size": 100,
        "data_page_size": 64,
        "write_batch_size": 10,
        "compression": "zstd",
        "use_dictionary": False,
    }
    path = written(tmp_path, table, **options)
    chunk = pq.ParquetFile(path).metadata.row_group(group).column(0)
    data = bytearray(path.read_bytes())
    at = chunk.data_page_offset + chunk.total_compressed_size * page // 10
    data[at : at + 30] = b"\xff" * 30
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("group", [0, 1, 2])
def test_a_damaged_page_costs_the_rest_of_its_row_group(tmp_path, group):
    good, bad = read(damaged(tmp_path, group, page=8))
    rows = [row for row, _ in good]
    lost = bad[0][0]
    assert bad == [(lost, "record:row_group")]
    assert group * 100 <= lost < (group + 1) * 100
    assert rows == [row for row in range(300) if not lost <= row < (group + 1) * 100]
    assert all(text == f"document number {row}" for row, text in good)


def test_a_damaged_first_page_costs_the_row_group(tmp_path):
    good, bad = read(damaged(tmp_path, 1, page=0))
    assert [row for row, _ in good] == [*range(100), *range(200, 300)]
    assert bad == [(100, "record:row_group")]


def test_a_disk_that_fails_is_no_damaged_file(tmp_path, monkeypatch):
    path = written(tmp_path, {"text": [f"t{n}" for n in range(1000)]})

    class Failing(io.FileIO):
        def readinto(self, buffer):
            raise OSError(5, "Input/output error")

        def read(self, size=-1):
            if self.tell() < 4:
                return super().read(size)
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(seekable, "open_input", lambda uri, access: Failing(uri))
    with pytest.raises(OSError, match="Input/output error"):
        outcomes(path)


def test_a_stream_that_cannot_seek_is_copied_first(tmp_path, monkeypatch):
    class Stream(io.BytesIO):
        def seekable(self):
            return False

    path = written(tmp_path, {"text": ["a", "b"]})
    monkeypatch.setattr(seekable, "open_input", lambda uri, access: Stream(path.read_bytes()))
    assert read(path) == ([(0, "a"), (1, "b")], [])


@pytest.mark.parametrize("size", [1, 1500, 5000])
def test_pieces_together_read_as_the_whole(tmp_path, size):
    path = written(tmp_path, {"text": [f"text {n} " * 20 for n in range(100)]}, row_group_size=15, compression="none")
    cut = source(split_size=size)
    pieces = cut.split(InputFile(str(path), path.stat().st_size, ""), Access())
    assert len(pieces) > 1
    together = [row for piece in pieces for outcome in cut.read(piece, Access()) for row in outcome.batch.to_pylist()]
    assert together == [row for outcome in outcomes(path) for row in outcome.batch.to_pylist()]
    assert [piece.start for piece in pieces[1:]] == [piece.stop for piece in pieces[:-1]]


def test_small_and_unreadable_files_are_one_piece(tmp_path):
    path = written(tmp_path, {"text": ["a"]})
    assert source().split(InputFile(str(path), path.stat().st_size, ""), Access()) == [Piece(str(path))]
    path.write_bytes(b"PAR1" + b"x" * 100)
    assert source(split_size=10).split(InputFile(str(path), 104, ""), Access()) == [Piece(str(path))]


DAMAGED = {
    "corrupt_footer.parquet": [(0, "file:corrupt_footer")],
    "no_text.parquet": [(0, "file:no_text")],
    "not_parquet.parquet": [(0, "file:not_parquet")],
    "truncated.parquet": [(0, "file:truncated")],
    "wrong_type.parquet": [(0, "file:text_type")],
    "zero_rows.parquet": [],
    "zero_byte.warc.gz": [(0, "file:not_parquet")],
    "broken_lines.jsonl": [(0, "file:not_parquet")],
}


@pytest.mark.data
@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(test_data, name):
    assert read(test_data / "malformed" / name) == ([], DAMAGED[name])


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "text_field", "date_field"),
    [("fineweb/000_00000.parquet", "text", "date"), ("refinedweb/train-00000-of-05534.parquet", "content", "timestamp")],
)
def test_named_corpora_are_read_whole(test_data, path, text_field, date_field):
    file = test_data / "sources" / path
    expected = pq.read_table(file).to_pylist()
    good, bad = read(file, text_field=text_field)
    assert bad == []
    assert good == [(row, record[text_field]) for row, record in enumerate(expected)]
    rows = [row for outcome in outcomes(file, text_field=text_field) for row in outcome.batch.to_pylist()]
    assert [row["url"] for row in rows] == [record["url"] for record in expected]
    dates = [record[date_field] for record in expected]
    assert [row["date"] for row in rows] == [date if isinstance(date, str) else f"{date:%Y-%m-%dT%H:%M:%SZ}" for date in dates]
