"""JSONL: a broken line costs that line, with its reason; a file that is none is one row."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.io import load_formats
from corpus_forge.io.batches import BatchBuilder
from corpus_forge.io.jsonl import HOPELESS_LINES, JsonlSource
from corpus_forge.io.lines import lines
from corpus_forge.io.source import Access, InputFile, Piece
from corpus_forge.registry import formats

ROW = b'{"text": "t%d", "url": "u", "date": "d"}\n'


def source(**options) -> JsonlSource:
    return JsonlSource(name="x", paths="unused", **options)


def read(path, **options):
    """(offset, text) of what is kept, (offset, reason) of what is not."""
    good, bad = [], []
    for outcome in source(**options).read(Piece(str(path)), Access()):
        offsets, texts = outcome.batch["offset"].to_pylist(), outcome.batch["text"].to_pylist()
        good += [(offsets[row], texts[row]) for row in range(len(offsets)) if row not in outcome.quarantined]
        bad += [(offsets[row], fault.reason) for row, fault in outcome.quarantined.items()]
    return good, bad


def written(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    return tmp_path / "file"


def test_the_format_is_registered():
    load_formats()
    assert formats.get("jsonl") is JsonlSource


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zstandard.compress])
def test_rows_in_any_compression(tmp_path, pack):
    path = written(tmp_path, pack(b"".join(ROW % n for n in range(200))))
    outcomes = list(source().read(Piece(str(path)), Access()))
    assert [outcome.batch.num_rows for outcome in outcomes] == [64, 64, 64, 8]
    assert outcomes[3].batch.to_pylist()[7] == {"offset": 199, "length": -1, "url": "u", "date": "d", "text": "t199"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "record:json"),
        (b"no json", "record:json"),
        (b'{"text": NaN}', "record:json"),
        (b'{"text": "a", "n": -Infinity}', "record:json"),
        (b'{"text": "raw \x00"}', "record:json"),
        (b'{"text": "a"} {"text": "b"}', "record:json"),
        (b"[" * 100_000, "record:json"),
        (b'{"text": "a", "n": ' + b"1" * 5000 + b"}", "record:json"),
        (b'{"text": "\xff"}', "record:utf8"),
        (b"[1]", "record:not_an_object"),
        (b'"text"', "record:not_an_object"),
        (b"null", "record:not_an_object"),
        (b"{}", "record:no_text"),
        (b'{"text": null}', "record:no_text"),
        (b'{"text": 4}', "record:text_type"),
        (b'{"text": ["a"]}', "record:text_type"),
        (b'{"text": ""}', "record:empty_text"),
        (b'{"text": " \\n\\u00a0"}', "record:empty_text"),
        (b'{"text": "a\\u0000"}', "record:nul"),
        (b'{"text": "\\ud800"}', "record:surrogate"),
        (b'{"text": "\\uDC00a"}', "record:surrogate"),
        (b'{"text": "a", "text": "b"}', "record:repeated_key"),
        (b'{"text": "a", "meta": {"k": 1, "k": 2}}', "record:repeated_key"),
        (b'{"text": "' + b"a" * 200 + b'"}', "limit:line_bytes"),
    ],
)
def test_a_broken_line_costs_that_line(tmp_path, line, reason):
    limit = 200 if reason.startswith("limit") else 1 << 20
    path = written(tmp_path, ROW % 0 + line + b"\n" + ROW % 2)
    assert read(path, max_line_bytes=limit) == ([(0, "t0"), (2, "t2")], [(1, reason)])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'\xef\xbb\xbf{"text": "bom"}', "bom"),
        (b'{"text": "crlf"}\r', "crlf"),
        (b'  {"text": "space"}  ', "space"),
        (b'{"text": "\\ud83d\\ude00"}', "\U0001f600"),
        (b'{"text": "\\\\ud800 is only written"}', "\\ud800 is only written"),
    ],
)
def test_odd_but_good_lines(tmp_path, line, text):
    assert read(written(tmp_path, line)) == ([(0, text)], [])


def test_blank_lines_count_as_lines_and_nothing_else(tmp_path):
    assert read(written(tmp_path, b"\n \r\n" + ROW % 1 + b"\n" + ROW % 2)) == ([(2, "t1"), (4, "t2")], [])


@pytest.mark.parametrize("data", [b"", b"\n\n", gzip.compress(b"")])
def test_an_empty_file_has_no_rows(tmp_path, data):
    assert read(written(tmp_path, data)) == ([], [])


def test_fields_by_other_names(tmp_path):
    row = {"content": "c", "link": "l", "timestamp": 5, "date": None}
    path = written(tmp_path, json.dumps(row).encode())
    (outcome,) = source(text_field="content", url_field="link").read(Piece(str(path)), Access())
    assert outcome.batch.to_pylist() == [{"offset": 0, "length": -1, "url": "l", "date": "5", "text": "c"}]
    (outcome,) = source(text_field="content", date_field="link").read(Piece(str(path)), Access())
    assert outcome.batch.to_pylist() == [{"offset": 0, "length": -1, "url": None, "date": "l", "text": "c"}]


def test_a_file_that_is_no_jsonl_is_one_row(tmp_path):
    assert read(written(tmp_path, b"a plain\n\ntext\n")) == ([], [(0, "file:not_jsonl")])
    assert read(written(tmp_path, b"\xff\n" * 5000)) == ([], [(0, "file:not_jsonl")])


def test_broken_lines_before_the_first_good_one_are_each_told(tmp_path):
    path = written(tmp_path, b"no\n" * (HOPELESS_LINES - 1) + ROW % 7)
    good, bad = read(path)
    assert good == [(HOPELESS_LINES - 1, "t7")]
    assert bad == [(row, "record:json") for row in range(HOPELESS_LINES - 1)]


def test_a_line_over_the_limit_does_not_make_a_file_hopeless(tmp_path):
    assert read(written(tmp_path, b"x" * 99), max_line_bytes=98) == ([], [(0, "limit:line_bytes")])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstandard.compress])
def test_a_cut_stream_keeps_its_good_lines_and_says_that_it_was_cut(tmp_path, pack):
    whole, cut = pack(b"".join(ROW % n for n in range(5))), pack(ROW % 5)[:-12]
    good = [(n, f"t{n}") for n in range(5)]
    assert read(written(tmp_path, whole + cut)) == (good, [(5, "record:truncated")])
    assert read(written(tmp_path, cut)) == ([], [(0, "file:truncated")])


def test_the_line_in_which_a_stream_was_cut_is_told_once(tmp_path):
    data = gzip.compress(ROW % 0 + b'{"text": "cut') + gzip.compress(b"off")
    assert read(written(tmp_path, data[:-12])) == ([(0, "t0")], [(1, "record:truncated")])


def test_a_damaged_stream_is_no_cut_one(tmp_path):
    assert read(written(tmp_path, gzip.compress(ROW % 0) + b"junk")) == ([(0, "t0")], [(1, "record:damaged")])
    assert read(written(tmp_path, b"\x1f\x8b\x08" + b"\xff" * 50)) == ([], [(0, "file:damaged")])


def test_broken_lines_are_known_by_their_digest(tmp_path):
    path = written(tmp_path, ROW % 0 + b"no json\n")
    (outcome,) = source().read(Piece(str(path)), Access())
    fault = outcome.quarantined[1]
    assert fault.digest == hashlib.sha256(b"no json").hexdigest()
    assert fault.detail == "Expecting value at character 0"


@given(
    rows=st.lists(st.one_of(st.just(b""), st.integers(0, 9).map(lambda n: b'{"text": "%s"}' % (b"x" * n + b"t"))), max_size=30),
    size=st.integers(1, 120),
    end=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_pieces_together_read_as_the_whole(tmp_path_factory, rows, size, end):
    path = tmp_path_factory.mktemp("split") / "file"
    path.write_bytes(b"\n".join(rows) + b"\n" * end)
    cut = source(split_size=size)
    pieces = cut.split(InputFile(str(path), path.stat().st_size, ""), Access())
    together = [row for piece in pieces for outcome in cut.read(piece, Access()) for row in outcome.batch.to_pylist()]
    assert together == [row for outcome in cut.read(Piece(str(path)), Access()) for row in outcome.batch.to_pylist()]
    if len(pieces) > 1:
        assert [piece.start for piece in pieces[1:]] == [piece.stop for piece in pieces[:-1]]
        assert all(piece.stop - piece.start >= size for piece in pieces[:-1])


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_files_are_not_cut(tmp_path, pack):
    path = written(tmp_path, pack(ROW * 100))
    assert source(split_size="10B").split(InputFile(str(path), path.stat().st_size, ""), Access()) == [Piece(str(path))]


def test_sizes_have_units():
    assert [source(split_size=size).split_size for size in (7, "7", "1KB", "256MB", "64MiB", "2 GiB")] == [
        *(7, 7, 1000, 256_000_000, 64 << 20, 2 << 30)
    ]
    with pytest.raises(ValueError, match="split_size"):
        source(split_size="many")


@given(blocks=st.lists(st.text("ab\n", max_size=8).map(str.encode)), limit=st.integers(0, 6))
def test_lines_are_those_of_split(blocks, limit):
    whole = b"".join(blocks).split(b"\n")
    whole = whole if whole[-1] else whole[:-1]
    assert list(lines(blocks, limit)) == [line if len(line) <= limit else None for line in whole]


def test_a_lone_surrogate_elsewhere_is_mended_and_counted(tmp_path):
    path = written(tmp_path, b'{"text": "a", "url": "u\\ud800"}')
    (outcome,) = source().read(Piece(str(path)), Access())
    assert outcome.batch["url"].to_pylist() == ["u�"]
    assert outcome.cleaned == {"surrogate": 1}


def test_a_builder_takes_only_known_payloads():
    with pytest.raises(ValueError, match="'body' is none of"):
        BatchBuilder("body")


DAMAGED = {
    "broken_lines.jsonl": (
        [0, 2, 17, 18, 21],
        {
            1: "record:json", 4: "record:json", 5: "record:no_text", 6: "record:text_type", 7: "record:no_text",
            8: "record:text_type", 9: "record:not_an_object", 10: "record:not_an_object", 11: "record:surrogate",
            12: "record:nul", 13: "record:json", 14: "record:utf8", 15: "record:repeated_key", 16: "record:json",
            19: "record:empty_text", 20: "record:empty_text",
        },
    ),
    "empty.jsonl": ([], {}),
    "truncated.jsonl.gz": ([*range(36)], {36: "record:truncated"}),
    "truncated.jsonl.zst": ([], {0: "file:truncated"}),
    "two_frames.jsonl.zst": ([0, 1], {}),
    "two_members.jsonl.gz": ([0, 1], {}),
    "single_line_50MB_c4.json.zst": ([0], {}),
    "single_line_50MB.txt.zst": ([], {0: "file:not_jsonl"}),
    "not_a_warc.warc.gz": ([], {0: "file:not_jsonl"}),
    "not_gzip.warc.gz": ([], {0: "file:not_jsonl"}),
    "zero_byte.warc.gz": ([], {}),
}  # fmt: skip


@pytest.mark.data
@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(test_data, name):
    good, bad = read(test_data / "malformed" / name)
    assert ([row for row, _ in good], dict(bad)) == DAMAGED[name]


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "text_field"),
    [
        ("c4/c4-train.00000-of-01024.json.gz", "text"),
        ("contamination/docs.json.gz", "text"),
        ("dolma/cc_en_head-0000.json.gz", "text"),
        ("pile/00.jsonl.zst", "text"),
        ("redpajama_v1/common_crawl_sample.jsonl.zst", "text"),
        ("redpajama_v2/documents/en_head.json.gz", "raw_content"),
        ("third_party/dolma__tests__data__provided__documents__000.json.gz", "text"),
        ("third_party/dolma__tests__data__multiple_files__cc_en_head-0091.jsonl.gz", "text"),
    ],
)
def test_named_corpora_are_read_whole(test_data, path, text_field):
    file = test_data / "sources" / path
    count = len(list(_raw(file)))
    good, bad = read(file, text_field=text_field)
    assert bad == []
    assert len(good) == count > 0


def _raw(file):
    if file.suffix == ".gz":
        return gzip.decompress(file.read_bytes()).splitlines()
    return zstandard.ZstdDecompressor().stream_reader(file.read_bytes(), read_across_frames=True).read().splitlines()
