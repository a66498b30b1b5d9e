"""Plain text: what is a document, what is mended, and what is no text at all."""

from __future__ import annotations

import bz2
import gzip

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.io.source import Access, Piece
from corpus_forge.io.text_files import TextSource, _Mended
from corpus_forge.registry import formats

TEXT = b"one\ntwo \r\n\n \nthree\xc3\xa9\n"


def read(path, **options):
    """(offset, text) of what is kept, (offset, reason) of what is not, and what was mended."""
    good, bad, cleaned = [], [], {}
    for outcome in TextSource(name="x", paths="unused", **options).read(Piece(str(path)), Access()):
        offsets, texts = outcome.batch["offset"].to_pylist(), outcome.batch["text"].to_pylist()
        good += [(offsets[row], texts[row]) for row in range(len(offsets)) if row not in outcome.quarantined]
        bad += [(offsets[row], fault.reason) for row, fault in outcome.quarantined.items()]
        for kind, count in outcome.cleaned.items():
            cleaned[kind] = cleaned.get(kind, 0) + count
    return good, bad, cleaned


def written(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    return tmp_path / "file"


def test_the_format_is_registered():
    assert formats.get("text") is TextSource


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zstandard.compress])
@pytest.mark.parametrize(
    ("unit", "documents"),
    [
        ("file", [(0, TEXT.decode())]),
        ("line", [(0, "one"), (1, "two "), (4, "threeé")]),
        ("paragraph", [(0, "one\ntwo "), (4, "threeé")]),
    ],
)
def test_a_document_is_a_file_a_line_or_a_paragraph(tmp_path, pack, unit, documents):
    assert read(written(tmp_path, pack(TEXT)), unit=unit) == (documents, [], {})


def test_rows_come_in_batches_with_all_columns(tmp_path):
    path = written(tmp_path, b"line\n" * 100)
    outcomes = list(TextSource(name="x", paths="unused", unit="line").read(Piece(str(path)), Access()))
    assert [outcome.batch.num_rows for outcome in outcomes] == [64, 36]
    assert outcomes[0].batch.to_pylist()[0] == {"offset": 0, "length": -1, "url": None, "date": None, "text": "line"}


@pytest.mark.parametrize(
    ("data", "text", "cleaned"),
    [
        (b"\xef\xbb\xbfbom", "bom", {}),
        (b"latin \xe9t\xe9.", "latin �t�.", {"utf8": 2}),
        (b"a long enough text\0 with \0 NUL", "a long enough text with  NUL", {"nul": 2}),
        ("is � itself".encode(), "is � itself", {}),
        ("is � and \xe9".encode() + b"\xff", "is � and é�", {"utf8": 1}),
        (b"cut character \xe2\x82", "cut character �", {"utf8": 1}),
    ],
)
def test_what_is_not_utf8_is_mended_and_counted(tmp_path, data, text, cleaned):
    assert read(written(tmp_path, data)) == ([(0, text)], [], cleaned)


@given(st.lists(st.binary(max_size=6), max_size=8))
def test_mending_does_not_depend_on_where_blocks_end(blocks):
    content = _Mended(iter(blocks))
    whole = b"".join(blocks)
    whole = whole.removeprefix(b"\xef\xbb\xbf") if blocks and blocks[0].startswith(b"\xef\xbb\xbf") else whole
    decoded = whole.decode("utf-8", "replace")
    assert b"".join(content).decode() == decoded.replace("\0", "")
    assert (content.nul, content.utf8) == (decoded.count("\0"), decoded.count("�") - whole.count("�".encode()))


@pytest.mark.parametrize(
    ("data", "options", "bad"),
    [
        (b"", {}, []),
        (gzip.compress(b""), {}, []),
        (b" \n\n", {}, [(0, "record:empty_text")]),
        (b" \n\n", {"unit": "line"}, []),
        (b" \n\n", {"unit": "paragraph"}, []),
        (bytes(100), {}, [(0, "file:not_text")]),
        (b"\xff\xfe\x9d" * 100, {}, [(0, "file:not_text")]),
        (b"x" * 11, {"max_bytes": 10}, [(0, "limit:document_bytes")]),
        (b"x" * 11, {"max_bytes": 10, "unit": "line"}, [(0, "limit:document_bytes")]),
        (b"x\n" * 6, {"max_bytes": 10, "unit": "paragraph"}, [(0, "limit:document_bytes")]),
        (gzip.compress(b"text\n")[:-9], {}, [(0, "file:truncated")]),
        (gzip.compress(b"text\n") + b"junk", {}, [(0, "file:damaged")]),
        (gzip.compress(b"te")[:-9], {"unit": "line"}, [(0, "file:truncated")]),
    ],
)
def test_what_gives_no_document(tmp_path, data, options, bad):
    assert read(written(tmp_path, data), **options)[:2] == ([], bad)


def test_a_paragraph_over_the_limit_costs_that_paragraph(tmp_path):
    data = b"a\n\n" + b"0123456789\nb\n\nc\n\n0123\n5678\nd\n\ne"
    good, bad, _ = read(written(tmp_path, data), unit="paragraph", max_bytes=9)
    assert good == [(0, "a"), (5, "c"), (11, "e")]
    assert bad == [(2, "limit:document_bytes"), (7, "limit:document_bytes")]


def test_a_cut_stream_keeps_the_lines_before_it(tmp_path):
    path = written(tmp_path, gzip.compress(b"one\n\ntwo\nthr")[:-9])
    assert read(path, unit="line")[:2] == ([(0, "one"), (2, "two")], [(3, "record:truncated")])
    assert read(path, unit="paragraph")[:2] == ([(0, "one")], [(3, "record:truncated")])


@pytest.mark.data
def test_damaged_files(test_data):
    folder = test_data / "malformed"
    text = "good line\n��� bad\nlatin �t�\n��� surrogate bytes\n nul\nlast"
    good, bad, cleaned = read(folder / "invalid_utf8.txt")
    assert (good, bad) == ([(0, text)], [])
    assert cleaned == {"utf8": text.count("�"), "nul": 2}
    good, bad, cleaned = read(folder / "single_line_50MB.txt.zst")
    assert ([len(document) for _, document in good], bad, cleaned) == ([50_000_000], [], {})
    assert read(folder / "zero_byte.warc.gz") == ([], [], {})
    assert read(folder / "not_gzip.warc.gz")[:2] == ([], [(0, "file:not_text")])


@pytest.mark.data
def test_bookcorpus_is_read_by_line(test_data):
    path = test_data / "sources/bookcorpus/books_large_p1.txt.gz"
    expected = gzip.decompress(path.read_bytes()).decode().split("\n")
    good, bad, cleaned = read(path, unit="line")
    assert (good, bad, cleaned) == ([(row, line) for row, line in enumerate(expected) if line.strip()], [], {})
