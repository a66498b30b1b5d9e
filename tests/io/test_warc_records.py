"""Every record and every damaged place of a file, whatever it is compressed with, and nothing in between forgotten."""

from __future__ import annotations

import gzip
import hashlib
import random
import re
import struct

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st
from web_archives import http, page, records, response, tiles, write_warc

PLAIN = write_warc([page(i, 40 + 900 * (i % 2)) for i in range(6)], gzip=False)
WHOLE = records(PLAIN)
PARTS = [PLAIN[r.offset : r.offset + r.length] for r in WHOLE]
GZIP = b"".join(gzip.compress(part, mtime=0) for part in PARTS)
CONTENT = [(r.type, r.url, r.block) for r in WHOLE]


def content(found):
    return [(r.type, r.url, r.block) for r in found if not r.fault]


def reasons(found):
    return [r.fault.reason for r in found if r.fault]


def pieces(size):
    return b"".join(gzip.compress(PLAIN[i : i + size]) for i in range(0, len(PLAIN), size))


def with_dictionary():
    dictionary = PARTS[2]
    coder = zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(dictionary))
    frame = struct.pack("<II", 0x184D2A5D, len(dictionary)) + dictionary
    return frame + b"".join(coder.compress(part) for part in PARTS)


@pytest.mark.parametrize(
    ("data", "own_ranges"),
    [
        (PLAIN, True),
        (GZIP, True),
        (b"".join(map(zstandard.compress, PARTS)), True),
        (gzip.compress(PLAIN), False),
        (zstandard.compress(PLAIN), False),
        (pieces(700), False),
        (pieces(90), False),
        (b"".join(gzip.compress(PARTS[i] + PARTS[i + 1]) for i in range(0, 12, 2)) + gzip.compress(PARTS[12]), False),
        (b"".join(gzip.compress(part[:-4]) for part in PARTS), True),
        (b"".join(gzip.compress(part + b"\r\n\r\n") for part in PARTS), True),
        (b"".join(gzip.compress(b"\r\n" + part) for part in PARTS), True),
        (b"".join(gzip.compress(part) + gzip.compress(b"") for part in PARTS), True),
        (PLAIN.replace(b"\r\n\r\nWARC/1.0", b"WARC/1.0"), True),
        (with_dictionary(), None),
    ],
    ids=[
        "plain", "gzip", "zstd", "gzip of all", "zstd of all", "members of 700", "members of 90", "pairs", "no blank lines",
        "more blank lines", "blank line first", "empty members", "plain without blank lines", "zstd dictionary",
    ],
)  # fmt: skip
def test_the_same_records_are_found_however_the_file_is_compressed(data, own_ranges):
    found = records(data)
    assert content(found) == CONTENT
    assert not reasons(found)
    if own_ranges is not None:
        assert all(r.stored for r in found) is own_ranges
    if own_ranges:
        assert tiles(found, len(data))


def test_a_record_of_a_shared_frame_lies_in_the_decoded_bytes():
    found = records(gzip.compress(PLAIN))
    assert [(r.offset, r.length) for r in found] == [(r.offset, r.length) for r in WHOLE]


def test_a_range_holds_the_record_alone():
    for r in records(GZIP):
        alone = gzip.decompress(GZIP[r.offset : r.offset + r.length])
        assert content(records(alone)) == [(r.type, r.url, r.block)]


def test_members_shorter_than_a_step_are_told_apart():
    tiny = [f"WARC/1.0\r\nWARC-Type: t{i}\r\nContent-Length: 1\r\n\r\nx\r\n\r\n".encode() for i in range(8)]
    found = records(b"".join(map(gzip.compress, tiny)))
    assert [r.type for r in found] == [f"t{i}" for i in range(8)]
    assert all(r.stored for r in found)


def member_at(position):
    return next(i for i, r in enumerate(records(GZIP)) if r.offset <= position < r.offset + r.length)


@pytest.mark.parametrize(
    ("damage", "reason", "reason_at_the_end"),
    [
        (lambda m: m[:-60] + bytes(20) + m[-40:], "corrupt_member", "corrupt_member"),
        (lambda m: m[:-8] + bytes(4) + m[-4:], "corrupt_member", "corrupt_member"),
        (lambda m: m[:-4] + bytes(4), "corrupt_member", "corrupt_member"),
        (lambda m: b"\x1f\x8c" + m[2:], "junk", "junk"),
        (lambda m: b"\0\0" + m[2:], "junk", "junk"),
        (lambda m: gzip.compress(b"not a record at all"), "junk", "junk"),
        (lambda m: m[: len(m) // 2], "corrupt_member", "truncated"),
        (lambda m: changed(m, b"Content-Length: ", b"Content-Length: 9"), "bad_length", "truncated"),
        (lambda m: changed(m, b"Content-Length: (.).+", rb"Content-Length: \1\r"), "bad_length", "bad_length"),
        (lambda m: changed(m, b"Content-Length: ", b"Content-Length: -"), "bad_length", "bad_length"),
        (lambda m: changed(m, b"WARC-Type", b"WARC-Tape"), "bad_header", "bad_header"),
    ],
    ids=["middle", "checksum", "size", "magic", "zeroed", "other", "half", "too long", "too short", "negative", "type"],
)
@pytest.mark.parametrize("index", [0, 4, 12])
def test_a_damaged_member_is_one_quarantined_place_and_all_others_are_read(damage, reason, reason_at_the_end, index):
    members = [gzip.compress(part, mtime=0) for part in PARTS]
    members[index] = damage(members[index])
    data = b"".join(members)
    found = records(data)
    assert content(found) == CONTENT[:index] + CONTENT[index + 1 :]
    assert reasons(found) == ["record:" + (reason_at_the_end if index == 12 else reason)]
    assert tiles(found, len(data))
    lost = next(r for r in found if r.fault)
    assert data[lost.offset : lost.offset + lost.length] == members[index]
    assert lost.fault.digest == hashlib.sha256(members[index]).hexdigest()


def changed(member, pattern, replacement):
    return gzip.compress(re.sub(pattern, replacement, gzip.decompress(member), count=1))


def test_junk_between_members_is_a_place_of_its_own():
    members = [gzip.compress(part, mtime=0) for part in PARTS]
    data = b"".join([*members[:3], b"junk" * 9, *members[3:]])
    found = records(data)
    assert content(found) == CONTENT
    assert [(r.fault.reason, r.length) for r in found if r.fault] == [("record:junk", 36)]
    assert tiles(found, len(data))


def test_a_damaged_member_still_says_its_address():
    members = [gzip.compress(part, mtime=0) for part in PARTS]
    members[4] = members[4][:-30] + bytes(10) + members[4][-20:]
    lost = next(r for r in records(b"".join(members)) if r.fault)
    assert (lost.type, lost.url, lost.date) == ("response", "http://h/1", "2026-01-02T03:04:05Z")


@pytest.mark.parametrize("cut", [1, 4, 8, 9, 30])
def test_a_cut_file_says_so_even_when_only_the_checksum_is_missing(cut):
    found = records(GZIP[:-cut])
    assert content(found) == CONTENT[:-1]
    assert reasons(found) == ["record:truncated"]


def test_every_record_before_a_cut_in_a_single_member_is_read():
    whole = gzip.compress(PLAIN)
    found = records(whole[: len(whole) * 2 // 3])
    assert content(found) == CONTENT[: len(content(found))]
    assert len(content(found)) > 5
    assert reasons(found) == ["record:truncated"]


def test_plain_files_go_on_behind_lengths_that_lie():
    good = response(http(b"<p>good</p>"))
    for length in (3, 10_000, 10**12, -1, "abc", "", 10**30):
        bad = response(http(b"<p>bad</p>"), length=length)
        data = good + bad + good + good
        found = records(data)
        assert [bool(r.fault) for r in found] == [False, True, False, False], length
        assert reasons(found) == ["record:bad_length"]
        assert tiles(found, len(data))
        assert data[found[1].offset : found[1].offset + found[1].length] == bad


def test_a_record_past_the_bound_is_passed_over():
    data = response(b"x" * 5000) + response(http())
    for compressed in (
        data,
        gzip.compress(data),
        zstandard.compress(data),
        gzip.compress(response(b"x" * 99_999)) + gzip.compress(response(http())),
    ):
        found = records(compressed, max_record_bytes=1000)
        assert [r.fault.reason if r.fault else "" for r in found] == ["limit:record_bytes", ""]


def test_a_header_without_end_is_one_place():
    data = response(http()) + b"WARC/1.0\r\nWARC-Type: response\r\nX: " + b"a" * 200_000
    assert reasons(records(data)) == ["record:bad_header"]


@pytest.mark.parametrize(
    "data",
    [
        b"<html>" * 50,
        gzip.compress(b"<html>" * 50),
        random.Random(0).randbytes(20_000),
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"W",
    ],
)
def test_what_is_no_warc_is_one_place_over_the_whole_file(data):
    found = records(data)
    assert [r.length for r in found] == [len(data)]
    assert found[0].fault.reason in ("file:not_warc", "record:truncated")
    assert tiles(found, len(data))


def test_an_empty_file_has_no_records():
    assert records(b"") == []


def test_a_single_member_whose_frame_is_a_bomb_is_left_without_decoding_it():
    bomb = gzip.compress(response(bytes(40_000_000)))
    found = records(bomb + gzip.compress(response(http())), max_record_bytes=1 << 20)
    assert [r.fault.reason if r.fault else "" for r in found] == ["limit:record_bytes", ""]


def damaged(kind, at, size, seed):
    noise = random.Random(seed).randbytes(size)
    return {
        "flip": GZIP[:at] + noise[: len(GZIP) - at] + GZIP[at + size :],
        "zero": GZIP[:at] + bytes(min(size, len(GZIP) - at)) + GZIP[at + size :],
        "cut": GZIP[:at],
        "insert": GZIP[:at] + noise + GZIP[at:],
        "delete": GZIP[:at] + GZIP[at + size :],
    }[kind]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["flip", "zero", "cut", "insert", "delete"]),
    st.integers(0, len(GZIP) - 1),
    st.sampled_from([1, 2, 8, 30, 400]),
    st.integers(0, 9),
)
def test_every_record_outside_the_damage_is_recovered_and_the_places_cover_the_file(kind, at, size, seed):
    data = damaged(kind, at, size, seed)
    stop = {"cut": len(GZIP), "insert": at}.get(kind, at + size)
    untouched = [
        (r.type, r.url, r.block)
        for r in records(GZIP)
        if not (r.offset < stop and at < r.offset + r.length) and not (kind == "insert" and r.offset < at < r.offset + r.length)
    ]
    found = records(data)
    remaining = iter(content(found))
    assert all(any(wanted == had for had in remaining) for wanted in untouched)
    assert tiles(found, len(data))
    assert all(r.stored for r in found)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["plain", "single", "blocks", "zstd"]), st.integers(0, 3000), st.binary(max_size=30), st.integers(0, 40))
@example("plain", 0, b"\r", 0)
def test_no_damage_of_any_form_raises_or_is_passed_in_silence(form, at, noise, removed):
    whole = {"plain": PLAIN, "single": gzip.compress(PLAIN), "blocks": pieces(700), "zstd": zstandard.compress(PLAIN)}[form]
    data = whole[:at] + noise + whole[at + removed :]
    found = records(data)
    assert found
    assert len(found) >= len(CONTENT) or any(r.fault for r in found) or form == "plain"
    if form == "plain":
        blank = len(data) - len(data.lstrip(b"\r\n"))  # empty lines before the first record belong to nobody
        assert found[0].offset <= blank
        assert tiles(found, len(data), found[0].offset)
