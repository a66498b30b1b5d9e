"""A crawl by its name, from a folder with Common Crawl's layout."""

from __future__ import annotations

import gzip

import pytest
from pydantic import ValidationError

from corpus_forge.errors import InputError
from corpus_forge.io import load_formats
from corpus_forge.io.commoncrawl import CommonCrawlSource
from corpus_forge.io.source import Access, InputFile, Piece
from corpus_forge.registry import formats

DUMP = "CC-MAIN-2024-51"
RECORD = (
    b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
    b"WARC-Target-URI: http://example.org/\r\nWARC-Date: 2024-12-01T00:00:00Z\r\nContent-Type: %s\r\n"
    b"Content-Length: %d\r\n\r\n%s\r\n\r\n"
)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>hello</p>"


@pytest.fixture
def mirror(tmp_path):
    """Two files of each kind, listed in another order than that of their names."""
    contents = {
        "warc": RECORD % (b"response", b"application/http; msgtype=response", len(PAGE), PAGE),
        "wet": RECORD % (b"conversion", b"text/plain", 5, b"hello"),
    }
    for kind, content in contents.items():
        paths = [f"crawl-data/{DUMP}/segments/{n}/{kind}/{name}.{kind}.gz" for n, name in [(2, "b"), (1, "a")]]
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(gzip.compress(content))
        (tmp_path / f"crawl-data/{DUMP}/{kind}.paths.gz").write_bytes(gzip.compress("\n".join(paths).encode()))
    return tmp_path


def crawl(mirror, **options) -> CommonCrawlSource:
    return CommonCrawlSource(**{"name": "cc", "dump": DUMP, "base": str(mirror), **options})


def test_the_format_is_registered():
    assert formats.get("commoncrawl") is CommonCrawlSource


def test_all_files_are_found_or_the_first_of_the_list(mirror):
    first, second = (f"{mirror}/crawl-data/{DUMP}/segments/{n}/warc/{name}.warc.gz" for n, name in [(2, "b"), (1, "a")])
    assert crawl(mirror).locate(Access()) == [second, first]
    assert crawl(mirror, files=1).locate(Access()) == [first]


def test_a_base_may_have_options(monkeypatch):
    source = CommonCrawlSource(name="cc", dump=DUMP, base="s3://mirror/?region=x")
    assert source._uri("crawl-data/a") == "s3://mirror/crawl-data/a?region=x"
    assert CommonCrawlSource(name="cc", dump=DUMP)._uri("crawl-data/a") == "s3://commoncrawl/crawl-data/a"


@pytest.mark.parametrize(("kind", "column", "payload"), [("warc", "html", "<p>hello</p>"), ("wet", "text", "hello")])
def test_files_are_read_by_the_reader_of_their_kind(mirror, kind, column, payload):
    load_formats()
    if kind not in formats:
        pytest.skip(f"the format {kind} is not there yet")
    source = crawl(mirror, kind=kind)
    uri = source.locate(Access())[0]
    assert source.gives == (column,)
    assert source.split(InputFile(uri, 1, ""), Access()) == [Piece(uri)]
    rows = [row for outcome in source.read(Piece(uri), Access()) for row in outcome.kept().to_pylist()]
    assert [(row["url"], row[column]) for row in rows] == [("http://example.org/", payload)]


def test_the_class_says_what_the_default_kind_gives():
    assert CommonCrawlSource.gives == ("html",)


def test_taking_more_files_or_another_mirror_changes_nothing_about_the_first(mirror):
    one = crawl(mirror, files=1).identity()
    assert one == crawl(mirror, files=2).identity() == CommonCrawlSource(name="cc", dump="CC-MAIN-2025-05").identity()
    assert one["format"] == "warc"


def test_more_files_than_there_are(mirror):
    with pytest.raises(InputError, match=r"^CC-MAIN-2024-51: files: 3 are asked for, and its list of warc files has 2.$"):
        crawl(mirror, files=3).locate(Access())


def test_a_crawl_that_does_not_exist(mirror):
    with pytest.raises(InputError, match=r"CC-MAIN-2042-01/warc.paths.gz: no such file.*Did you mean 'CC-MAIN-2024-51'"):
        crawl(mirror, dump="CC-MAIN-2042-01").locate(Access())


@pytest.mark.parametrize("path", ["/etc/passwd", "crawl-data/../../etc/passwd", "http://elsewhere/"])
def test_a_list_that_leads_elsewhere_is_refused(mirror, path):
    (mirror / f"crawl-data/{DUMP}/warc.paths.gz").write_bytes(gzip.compress(path.encode()))
    with pytest.raises(InputError, match="not below crawl-data/"):
        crawl(mirror).locate(Access())


@pytest.mark.parametrize("options", [{"dump": "latest"}, {"kind": "wat"}, {"files": 0}, {"reader": {"no_such": 1}}])
def test_wrong_parameters_are_refused(mirror, options):
    with pytest.raises(ValidationError):
        crawl(mirror, **options)
