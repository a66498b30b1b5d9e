"""WARC files as batches of pages: what is kept, removed, quarantined and skipped, of small, real and hostile files."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from warcio.archiveiterator import ArchiveIterator
from web_archives import DATE, http, page, response, rows, table, write_warc

from corpus_forge.io.source import Access, Piece
from corpus_forge.io.warc import WarcSource, read_warc
from corpus_forge.registry import formats

SOURCE = WarcSource(name="t", paths=["x"])


def written(folder: Path, data: bytes) -> Path:
    path = folder / "a.warc"
    path.write_bytes(data)
    return path


def test_the_format_is_registered_and_gives_html():
    assert formats.get("warc") is WarcSource
    assert WarcSource.gives == ("html",)


def test_pages_have_their_place_address_date_and_text(tmp_path):
    bodies = [page(i) for i in range(3)]
    path = written(tmp_path, write_warc(bodies))
    found = rows(SOURCE, path)
    assert found.column_names == ["offset", "length", "url", "date", "html"]
    assert found["html"].to_pylist() == [body.decode() for body in bodies]
    assert found["url"].to_pylist() == ["http://h/0", "http://h/1", "http://h/2"]
    assert found["date"].to_pylist() == [DATE] * 3
    with path.open("rb") as file, ArchiveIteratorWithOffsets(file) as offsets:
        assert [(o, n) for kind, o, n in offsets if kind == "response"] == list(
            zip(found["offset"].to_pylist(), found["length"].to_pylist(), strict=True)
        )
    assert table(SOURCE, path)["skipped"] == {"warcinfo": 1, "request": 3}


class ArchiveIteratorWithOffsets:
    """(type, offset, length) of each record as warcio sees them."""

    def __init__(self, file):
        self.archive = ArchiveIterator(file, no_record_parse=True)

    def __enter__(self):
        return [(r.rec_type, self.archive.get_record_offset(), self.archive.get_record_length()) for r in self.archive]

    def __exit__(self, *_):
        self.archive.close()


def test_what_is_no_page_leaves_by_a_rule_and_what_is_damaged_is_quarantined(tmp_path):
    data = b"".join(
        [
            response(http()),
            response(http(status="404 Not Found")),
            response(http(b"%PDF", headers="Content-Type: application/pdf\r\n")),
            response(http(b"")),
            response(b"no http"),
            response(b"1.2.3.4", kind="response", content_type="text/dns"),
            response(b"<p>kept</p>", kind="resource", content_type="text/html; charset=utf-8"),
            response(b"{}", kind="resource", content_type="application/json"),
            response(http(), kind="revisit"),
            response(http(b"\x1f\x8b\x08bad", headers="Content-Type: text/html\r\nContent-Encoding: gzip\r\n")),
        ]
    )
    [outcome] = SOURCE.read(Piece(str(written(tmp_path, data))), Access())
    assert outcome.kept()["html"].to_pylist() == ["<p>x</p>", "<p>kept</p>"]
    assert outcome.removed == {
        1: ("read.status", 404.0, ""),
        2: ("read.content_type", None, "application/pdf"),
        3: ("read.empty", None, ""),
        5: ("read.content_type", None, "text/dns"),
    }
    assert {row: fault.reason for row, fault in outcome.quarantined.items()} == {
        4: "record:bad_http",
        7: "record:content_encoding",
    }
    assert outcome.quarantined[4].digest == hashlib.sha256(b"no http").hexdigest()
    assert outcome.skipped == {"resource": 1, "revisit": 1}
    assert outcome.batch["html"].to_pylist()[1] == ""


def test_other_statuses_and_types_can_be_asked_for(tmp_path):
    data = response(http(status="404 No")) + response(http(b"{}", headers="Content-Type: Application/JSON\r\n"))
    source = WarcSource(name="t", paths=["x"], status=[200, 404], content_types=["text/html", "application/json"])
    assert table(source, written(tmp_path, data))["kept"] == 2


def test_bounds_are_kept(tmp_path):
    path = written(tmp_path, response(http(b"<p>" + b"x" * 500)) + response(http(b"<p>" + b"y" * 300)) + response(http()))
    source = WarcSource(name="t", paths=["x"], max_record_bytes=500, max_body_bytes=200)
    assert table(source, path) == {
        "kept": 1,
        "removed": {},
        "quarantined": {"limit:record_bytes": 1, "limit:body_bytes": 1},
        "skipped": {},
    }
    with pytest.raises(ValidationError):
        WarcSource(name="t", paths=["x"], max_body_bytes=0)


def test_a_batch_holds_64_rows(tmp_path):
    path = written(tmp_path, response(http()) * 150)
    assert [o.batch.num_rows for o in SOURCE.read(Piece(str(path)), Access())] == [64, 64, 22]


def test_read_warc_gives_the_kept_pages_of_all_matching_files(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(write_warc([page(0), page(1)]))
    (tmp_path / "b.warc").write_bytes(write_warc([page(2)], gzip=False) + response(http(status="500 No")))
    batches = list(read_warc(str(tmp_path / "*.warc*")))
    assert [batch["url"].to_pylist() for batch in batches] == [["http://h/0", "http://h/1"], ["http://h/0"]]


def counts(kept=0, removed=None, quarantined=None, skipped=None):
    return {"kept": kept, "removed": removed or {}, "quarantined": quarantined or {}, "skipped": skipped or {}}


def skips(info, requests, metadata):
    return {"warcinfo": info, "request": requests, "metadata": metadata}


MALFORMED = {
    # Counted by hand from the record headers of the unpacked bytes, and by warcio where it does not give up.
    "content_length_negative.warc": counts(0, None, {"record:bad_length": 1, "record:truncated": 1}, {"request": 1}),
    "content_length_text.warc": counts(0, None, {"record:bad_length": 1, "record:truncated": 1}, {"request": 1}),
    "content_length_too_big.warc": counts(3, None, {"record:bad_length": 1, "record:truncated": 1}, skips(1, 5, 4)),
    "content_length_too_small.warc": counts(3, None, {"record:bad_length": 1, "record:truncated": 1}, skips(1, 5, 4)),
    "corrupt_member_middle.warc.gz": counts(20, None, {"record:corrupt_member": 1}, skips(1, 20, 18)),
    "gzip_bomb_1GiB.warc.gz": counts(0, None, {"limit:record_bytes": 1}),
    "http_gzip_bomb_256MiB.warc.gz": counts(0, None, {"limit:body_bytes": 1}, {"request": 1, "metadata": 1}),
    "huge_header.warc": counts(0, None, {"record:bad_header": 1}),
    "nasty_html.warc.gz": counts(7, {"read.empty": 1}, {"record:content_encoding": 1}, {"request": 9, "metadata": 9}),
    "not_a_warc.warc.gz": counts(0, None, {"file:not_warc": 1}),
    "not_gzip.warc.gz": counts(0, None, {"file:not_warc": 1}),
    "truncated_gzip.warc.gz": counts(19, None, {"record:truncated": 1}, skips(1, 20, 19)),
    "uncompressed_named_gz.warc.gz": counts(0, None, {"record:truncated": 1}, {"warcinfo": 1, "request": 1}),
    "whole_file_one_gzip_member.warc.gz": counts(20, None, None, skips(1, 20, 19)),
    "zero_byte.warc.gz": counts(),
}


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_malformed_files_end_as_the_table_says(name, test_data):
    assert table(SOURCE, test_data / "malformed" / name) == MALFORMED[name]


@pytest.mark.data
def test_the_table_names_all_malformed_archives(test_data):
    assert sorted(path.name for path in (test_data / "malformed").glob("*.warc*")) == sorted(MALFORMED)


@pytest.mark.data
@pytest.mark.parametrize("name", ["gzip_bomb_1GiB.warc.gz", "http_gzip_bomb_256MiB.warc.gz"])
def test_bombs_cost_less_than_150_mb(name, test_data):
    program = """
import resource, sys
from corpus_forge.io.source import Access, Piece
from corpus_forge.io.warc import WarcSource
source = WarcSource(name="t", paths=["x"])
list(source.read(Piece(sys.argv[1]), Access()))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
list(source.read(Piece(sys.argv[2]), Access()))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    folder = test_data / "malformed"
    files = [str(folder / "nasty_html.warc.gz"), str(folder / name)]
    done = subprocess.run([sys.executable, "-c", program, *files], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) < 150 << 10


DAMAGED = {
    "chatnoir-eu+chatnoir-resiliparse/clipped.warc.gz": {"record:truncated": 1},
    "facebookresearch+cc_net/sample.warc.txt": {"record:bad_length": 4},
    "webrecorder+pywb/example-extra.warc": {"record:bad_http": 1},
    "webrecorder+pywb/example.warc": {"record:bad_length": 1},
    "webrecorder+pywb/missing-status-text.warc": {"record:truncated": 1},
    "webrecorder+warcio/example-trunc.warc": {"record:bad_length": 1},
}
"""Files of other projects that are damaged, on purpose or not."""


WARCIO_GIVES_UP = {
    "src__daft-warc__test__example.warc.gz": 30,
    "sample.warc.txt": 4,
    "example-bad-non-chunked.warc.gz": 6,
    "example-bad.warc.gz.bad": 6,
    "example-wrong-chunks.warc.gz": 2,
}
"""Files compressed as a whole, or with a wrong length; the numbers are those of `grep -c ^WARC/1` over the unpacked bytes."""


def warcio_count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in ArchiveIterator(file, no_record_parse=True))


@pytest.mark.data
def test_archives_of_other_projects_are_read_to_the_end(test_data):
    paths = sorted((test_data / "warc" / "third_party").glob("*/*warc*"))
    assert len(paths) == 57
    for path in paths:
        said = table(SOURCE, path)
        assert said["quarantined"] == DAMAGED.get(f"{path.parent.name}/{path.name}", {}), path
        total = said["kept"] + sum(sum(said[key].values()) for key in ("removed", "quarantined", "skipped"))
        assert total == (WARCIO_GIVES_UP.get(path.name) or warcio_count(path)), path


@pytest.mark.data
def test_the_real_archives_give_every_page(test_data):
    pages = sum(batch.num_rows for batch in read_warc(str(test_data / "warc" / "*.warc.gz")))
    assert pages == 2049


def test_an_uncompressed_and_a_compressed_archive_give_the_same_pages(tmp_path):
    data = write_warc([page(i) for i in range(70)], gzip=False)
    plain = tmp_path / "a.warc.gz"
    plain.write_bytes(data)
    packed = tmp_path / "b.warc"
    packed.write_bytes(gzip.compress(data))
    assert rows(SOURCE, plain) == rows(SOURCE, packed)
