"""examples/data/docs.warc.gz holds what its README promises: counts, licences, planted copies and damage."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "examples" / "data"
MEMBER = re.compile(rb"\x1f\x8b\x08\x00\x00\x00\x00\x00")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def members() -> list[bytes]:
    """Cut where gzip headers begin: works past damage, and needs no reader of ours."""
    raw = (DATA / "docs.warc.gz").read_bytes()
    starts = [match.start() for match in MEMBER.finditer(raw)]
    return [raw[start:stop] for start, stop in zip(starts, [*starts[1:], len(raw)], strict=True)]


def unpack(member: bytes) -> tuple[str, bytes]:
    """State of a member, and what came out of it."""
    decoder, text = zlib.decompressobj(31), b""
    for start in range(0, len(member), 256):
        try:
            text += decoder.decompress(member[start : start + 256])
        except zlib.error as error:
            return str(error), text
    return ("whole" if decoder.eof else "cut"), text


@pytest.fixture(scope="module")
def records(members: list[bytes]) -> list[tuple[str, bytes]]:
    return [unpack(member) for member in members]


def test_three_records_are_damaged_each_in_its_own_way(records):
    states = Counter(state.rpartition(":")[2].strip() for state, _ in records)
    assert states == {"whole": 2121, "invalid distance too far back": 1, "incorrect data check": 1, "cut": 1}
    assert records[-1][0] == "cut"


def test_records_by_type(records):
    kinds = Counter(re.search(rb"WARC-Type: (\w+)", text)[1].decode() for _, text in records)
    assert kinds == {"warcinfo": 1, "request": 708, "response": 706, "revisit": 1, "resource": 1, "metadata": 707}


def test_every_listed_page_and_copy_is_in_the_archive(records):
    urls = {re.search(rb"WARC-Target-URI: (\S+)", text)[1].decode() for _, text in records if b"Type: response" in text}
    assert {row["url"] for row in rows("pages.tsv")} <= urls
    assert {row["url"] for row in rows("duplicates.tsv")} <= urls
    assert {row["copy_of"] for row in rows("duplicates.tsv")} <= urls


def test_exact_copies_have_the_body_of_their_original(records):
    bodies = {}
    for state, text in records:
        if state == "whole" and b"WARC-Type: response" in text:
            head, body = text.split(b"\r\n\r\n", 2)[1:]
            unzip = re.search(rb"Content-Encoding: gzip", head) and b"not-gzip" not in text[:400]
            plain = re.search(rb"Content-Encoding", head) is None
            url = re.search(rb"WARC-Target-URI: (\S+)", text)[1].decode()
            if unzip or plain:
                bodies[url] = gzip.decompress(body[:-4]) if unzip else body[:-4]
    pairs = [(row["url"], row["copy_of"], row["how"]) for row in rows("duplicates.tsv")]
    known = [(bodies[url], bodies[copy_of], how) for url, copy_of, how in pairs if url in bodies and copy_of in bodies]
    assert len(known) > 50
    assert all((copy == original) == how.startswith("exact") for copy, original, how in known)


def test_pages_are_in_22_languages_and_over_half_english():
    languages = Counter(row["language"] for row in rows("pages.tsv"))
    assert (len(languages), languages["en"], languages.total()) == (22, 381, 604)


def test_each_package_has_its_copyright_file_here():
    packages = {row["package"] for row in rows("pages.tsv")}
    assert {path.stem for path in (DATA / "LICENSES").iterdir()} == packages
    assert "Creative Commons Attribution-ShareAlike 3.0" in (DATA / "LICENSES" / "debian-handbook.copyright").read_text("utf-8")
