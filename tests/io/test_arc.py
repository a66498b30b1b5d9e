"""ARC files, from before WARC, by the same rules."""

from __future__ import annotations

import gzip

import pytest
from web_archives import http, records, rows, table, tiles

from corpus_forge.io.arc import ArcSource, ArcWalk
from corpus_forge.io.warc import WarcSource
from corpus_forge.registry import formats

SOURCE = ArcSource(name="t", paths=["x"])


def arc(block: bytes, url: str = "http://h/a b", length: object = None, kind: str = "text/html", more: str = "") -> bytes:
    said = len(block) if length is None else length
    return f"{url} 127.0.0.1 20140216050221 {kind}{more} {said}\n".encode() + block + b"\n"


HEADER = arc(b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n", "filedesc://t.arc", kind="text/plain")
PARTS = [
    HEADER,
    arc(http(b"<p>1</p>")),
    arc(b"1.2.3.4", "dns:h", kind="text/dns"),
    arc(http(b"<p>2</p>")),
    arc(http(status="404 No")),
]


def test_the_format_is_registered_and_gives_html():
    assert formats.get("arc") is ArcSource
    assert ArcSource.gives == ("html",)


@pytest.mark.parametrize(
    "data",
    [
        b"".join(PARTS),
        b"".join(map(gzip.compress, PARTS)),
        gzip.compress(b"".join(PARTS)),
        b"".join(part.removesuffix(b"\n") for part in PARTS),
    ],
    ids=["plain", "gzip", "gzip of all", "no newline between"],
)
def test_web_captures_are_rows_by_the_rules_of_http(tmp_path, data):
    path = tmp_path / "a.arc"
    path.write_bytes(data)
    found = rows(SOURCE, path)
    assert found["html"].to_pylist() == ["<p>1</p>", "", "<p>2</p>", ""]
    assert found["url"].to_pylist() == ["http://h/a b", "dns:h", "http://h/a b", "http://h/a b"]
    assert set(found["date"].to_pylist()) == {"2014-02-16T05:02:21Z"}
    counts = {
        "kept": 2,
        "removed": {"read.content_type": 1, "read.status": 1},
        "quarantined": {},
        "skipped": {"arc_header": 1},
    }
    assert table(SOURCE, path) == counts
    assert table(WarcSource(name="t", paths=["x"]), path) == counts


def test_version_2_lines_are_read():
    [record] = records(arc(b"x", more=" 200 - - 0 t.arc"), ArcWalk)
    assert (record.url, record.block, record.fault) == ("http://h/a b", b"x", None)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("bad", [arc(b"xyz", length=-1), arc(b"xyz", length="abc"), arc(b"xyz", length=10**9)])
def test_a_lying_length_costs_one_record(bad, pack):
    data = b"".join(map(pack, [*PARTS[:2], bad, *PARTS[3:]]))
    found = records(data, ArcWalk, 1 << 30)
    assert [bool(r.fault) for r in found] == [False, False, True, False, False]
    assert [r.fault.reason for r in found if r.fault] == ["record:bad_length"]
    assert tiles(found, len(data))


def test_a_damaged_member_costs_one_record():
    members = [gzip.compress(part) for part in PARTS]
    members[1] = members[1][:30] + bytes(10) + members[1][40:]
    data = b"".join(members)
    found = records(data, ArcWalk)
    assert [r.fault.reason if r.fault else "" for r in found] == ["", "record:corrupt_member", "", "", ""]
    assert tiles(found, len(data))


def test_what_is_no_arc_is_one_row(tmp_path):
    path = tmp_path / "a.arc"
    path.write_bytes(b"<html>")
    assert table(SOURCE, path)["quarantined"] == {"file:not_arc": 1}


REAL = {
    # Records as warcio counts them, where it does not give up: 2, 4, 2, 2, 300.
    "webrecorder+warcio/example.arc": (1, {}, {}),
    "webrecorder+warcio/example.arc.gz": (1, {}, {}),
    "webrecorder+warcio/example-space-in-url.arc": (0, {}, {"record:truncated": 1}),
    "webrecorder+warcio/bad.arc": (0, {}, {"record:bad_length": 2, "record:bad_http": 1}),
    "archivesunleashed+aut/example.arc.gz": (94, {"read.content_type": 158, "read.status": 47}, {}),
    "commoncrawl+ia-web-commons/IAH-20080430204825-00000-blackbook-truncated.arc": (2, {"read.content_type": 6}, {}),
}


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(REAL))
def test_archives_of_other_projects_are_read_to_the_end(name, test_data):
    said = table(SOURCE, test_data / "warc/third_party" / name)
    assert (said["kept"], said["removed"], said["quarantined"]) == REAL[name]
