"""WET files: extracted text by the record."""

from __future__ import annotations

import gzip

import pytest
from web_archives import DATE, response, rows, table

from corpus_forge.io.wet import WetSource
from corpus_forge.registry import formats

SOURCE = WetSource(name="t", paths=["x"], max_record_bytes=1000)


def conversion(text: bytes, **options) -> bytes:
    return response(text, kind="conversion", content_type="text/plain", **options)


def test_the_format_is_registered_and_gives_text():
    assert formats.get("wet") is WetSource
    assert WetSource.gives == ("text",)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_conversions_are_documents_and_other_records_are_counted(tmp_path, pack):
    path = tmp_path / "a.wet.gz"
    parts = [
        response(b"x: y", kind="warcinfo", content_type="application/warc-fields"),
        conversion("Grüße, 世界\n".encode(), url="http://a/"),
        conversion(b"bad \xff and \0 nul"),
        conversion(b""),
        conversion(b"too long " * 200),
        conversion(b"lies", length=3),
        conversion(b"last"),
    ]
    path.write_bytes(b"".join(map(pack, parts)))
    found = rows(SOURCE, path)
    assert found.column_names == ["offset", "length", "url", "date", "text"]
    assert found["text"].to_pylist() == ["Grüße, 世界\n", "bad \ufffd and  nul", "", "", "", "last"]
    assert found["url"].to_pylist()[0] == "http://a/"
    assert found["date"].to_pylist()[0] == DATE
    assert table(SOURCE, path) == {
        "kept": 3,
        "removed": {"read.empty": 1},
        "quarantined": {"limit:record_bytes": 1, "record:bad_length": 1},
        "skipped": {"warcinfo": 1},
    }


@pytest.mark.data
@pytest.mark.parametrize("name", ["whirlwind.warc.wet", "whirlwind.warc.wet.gz"])
def test_a_real_wet_file_gives_its_text(test_data, name):
    found = rows(
        SOURCE.model_copy(update={"max_record_bytes": 1 << 20}),
        test_data / "warc/third_party/commoncrawl+whirlwind-python" / name,
    )
    assert found.num_rows == 1
    assert found["url"][0].as_py() == "https://an.wikipedia.org/wiki/Escopete"
    assert "Escopete" in found["text"][0].as_py()
