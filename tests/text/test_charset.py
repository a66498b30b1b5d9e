"""Which charset a page is in, by all the ways that servers and authors say it, rightly or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_archives import records

from corpus_forge.text.charset import codec_of, decode_html, html_utf8

KOREAN = "악녀의 재판은 한국 드라마이다. 이것은 문장이다."
JAPANESE = "日本語のページです。これは文です。"
CHINESE = "这是一个中文网页，内容很短。"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("latin-1", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        (" 'UTF8' ", "utf-8"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("EUC-KR", "cp949"),
        ("iso-8859-9", "cp1254"),
        ("big5", "big5hkscs"),
        ("rot13", None),
        ("utf-7", None),
        ("", None),
        (None, None),
    ],
)
def test_labels_mean_what_the_encoding_standard_says(label, codec):
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        ("\ufeffé".encode(), "latin1", ("é", "utf-8", "bom")),
        ("é".encode("utf-16"), None, ("é", "utf-16-le", "bom")),
        (KOREAN.encode("euc-kr"), "euc-kr", (KOREAN, "cp949", "header")),
        (
            b"<meta charset=shift_jis>" + JAPANESE.encode("cp932"),
            None,
            ("<meta charset=shift_jis>" + JAPANESE, "cp932", "meta"),
        ),
        (
            b'<?xml version="1.0" encoding="gb2312"?>' + CHINESE.encode("gb18030"),
            None,
            ('<?xml version="1.0" encoding="gb2312"?>' + CHINESE, "gb18030", "meta"),
        ),
        ("naïve café".encode(), None, ("naïve café", "utf-8", "valid")),
        ("naïve café".encode("latin-1"), "latin-1", ("naïve café", "cp1252", "header")),
        (JAPANESE.encode("iso-2022-jp"), "iso-2022-jp", (JAPANESE, "iso2022_jp", "header")),
        ("<p>плюс</p>".encode("utf-16-le"), "utf-16le", ("<p>плюс</p>", "utf-16-le", "header")),
        (b"plain", "no-such-charset", ("plain", "utf-8", "valid")),
    ],
)
def test_the_order_is_mark_header_meta_validity(body, header, expected):
    assert decode_html(body, header) == expected


@pytest.mark.parametrize(
    ("body", "header", "charset", "how"),
    [
        # The label says latin-1, the bytes are valid UTF-8: that never happens by accident.
        ("naïve café".encode(), "iso-8859-1", "utf-8", "valid"),
        (b"<meta charset=gb2312>" + CHINESE.encode(), None, "utf-8", "valid"),
        # The label says UTF-8, the bytes are not; the page itself knows.
        (b"<meta charset=euc-kr>" + KOREAN.encode("euc-kr"), "utf-8", "cp949", "meta"),
        (b'<html lang="ko">' + KOREAN.encode("euc-kr"), "utf-8", "cp949", "language"),
        # A <meta> that can be read is not in UTF-16.
        (b"<meta charset=utf-16>" + "é".encode(), None, "utf-8", "meta"),
    ],
)
def test_a_lying_label_is_not_believed(body, header, charset, how):
    decoded = decode_html(body, header)
    assert (decoded.charset, decoded.how) == (charset, how)
    assert "\ufffd" not in decoded.text


def test_two_characters_that_happen_to_be_valid_utf8_stay_what_the_label_says():
    assert decode_html("联通".encode("gbk"), "gbk").text == "联通"


def test_a_page_cut_within_a_character_keeps_its_declared_charset():
    decoded = decode_html((KOREAN * 20).encode()[:-2], "utf-8")
    assert (decoded.charset, decoded.how) == ("utf-8", "header")
    assert decoded.text.count("\ufffd") == 1


def test_nuls_are_dropped_and_bad_bytes_become_replacement_characters():
    assert decode_html(b"a\0b" + "é".encode() * 60 + b"\xff", "utf-8").text == "ab" + "é" * 60 + "\ufffd"


def test_cyrillic_without_any_label_is_detected():
    text = "Это страница на русском языке, в которой довольно много обычных слов. " * 5
    decoded = decode_html(text.encode("cp1251"))
    assert (decoded.text, decoded.how) == (text, "detected")


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gb2312", "utf-16", "shift_jis", "iso-2022-jp", "latin1", "x"]))
def test_any_bytes_become_text_that_is_valid_utf8_without_nuls(body, header):
    text = decode_html(body, header).text
    assert "\0" not in text
    same = html_utf8(body, header)
    assert (same if isinstance(same, bytes) else same.encode()) == text.encode()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=200))
def test_utf8_is_passed_on_as_the_same_bytes(text):
    """U+FFFD apart: behind it a wrong charset may hide, so that such a page is decoded."""
    assert html_utf8(text.encode(), "utf-8") == (text if "\ufffd" in text else text.encode())


@pytest.mark.data
def test_the_real_pages_decode_as_their_true_charset_does(test_data: Path):
    from corpus_forge.io.http import parse_response
    from corpus_forge.io.http_body import dechunk, unpack

    truth = {}
    for line in (test_data / "truth_http.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row.get("true_charset"):
            truth[row["uri"], row["date"]] = row["true_charset"]
    same = 0
    for path in sorted((test_data / "warc").glob("*.warc.gz")):
        for record in records(path.read_bytes(), max_record_bytes=1 << 26):
            if record.type == "response" and (charset := truth.get((record.url, record.date))):
                response = parse_response(record.block)
                body = dechunk(response.body) if response.transfer_encoding == "chunked" else response.body
                body = unpack(body, response.content_encoding, 1 << 26)
                expected = body.decode(codec_of(charset), "replace").lstrip("\ufeff").replace("\0", "")
                same += decode_html(body, response.charset).text == expected
    assert (same, len(truth)) == (462, 462)
