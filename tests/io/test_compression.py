"""Decoding by content: whole, in parts, cut anywhere, damaged anywhere."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tracemalloc
import zlib

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.io.compression import DamagedStream, open_decompressed

COMPRESS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "plain": lambda data: data,
}
LINES = b"".join(b"line %d %d\n" % (n, random.Random(n).getrandbits(200)) for n in range(9000))


def decode(data: bytes) -> tuple[bytes, DamagedStream | None]:
    good = []
    try:
        good.extend(open_decompressed(io.BytesIO(data)).blocks())
    except DamagedStream as damage:
        return b"".join(good), damage
    return b"".join(good), None


@pytest.mark.parametrize("kind", COMPRESS)
def test_kind_is_told_by_content(kind):
    stream = open_decompressed(io.BytesIO(COMPRESS[kind](LINES)))
    assert (stream.kind, stream.read()) == (kind, LINES)


@pytest.mark.parametrize("kind", ["gzip", "bz2", "zstd", "xz"])
@given(parts=st.lists(st.binary(max_size=300), max_size=5))
@settings(max_examples=40, deadline=None)
def test_members_frames_and_streams_are_joined(kind, parts):
    assert decode(b"".join(COMPRESS[kind](part) for part in parts)) == (b"".join(parts), None)


@pytest.mark.parametrize("kind", COMPRESS)
@given(sizes=st.lists(st.integers(0, 3000), max_size=8))
@settings(max_examples=30, deadline=None)
def test_read_gives_exactly_what_was_asked_for(kind, sizes):
    stream, plain = open_decompressed(io.BytesIO(COMPRESS[kind](LINES[:9000]))), io.BytesIO(LINES[:9000])
    for size in sizes:
        assert stream.read(size) == plain.read(size)
    assert stream.read() == plain.read()
    assert stream.read(10) == b""


@pytest.mark.parametrize("kind", ["gzip", "bz2", "zstd", "xz"])
def test_every_cut_is_noticed_and_what_came_before_is_kept(kind):
    data = COMPRESS[kind](LINES[:300_000]) + COMPRESS[kind](LINES[300_000:])
    whole_first = len(COMPRESS[kind](LINES[:300_000]))
    for cut in [
        12,
        13,
        20,
        500,
        whole_first - 1,
        whole_first + 1,
        whole_first + 11,
        len(data) // 2,
        len(data) - 5,
        len(data) - 1,
    ]:
        good, damage = decode(data[:cut])
        assert damage is not None, cut
        assert damage.truncated, cut
        assert (damage.kind, damage.offset) == (kind, len(good))
        assert LINES.startswith(good)
        assert len(good) >= (300_000 if cut > whole_first else 0)
    assert decode(data[:whole_first]) == (LINES[:300_000], None)


def test_a_cut_gzip_gives_as_much_as_zlib_can():
    data = COMPRESS["gzip"](LINES)
    for cut in (100, 5000, len(data) - 9):
        assert decode(data[:cut])[0] == zlib.decompressobj(31).decompress(data[:cut])


def test_bytes_before_a_damaged_one_are_kept_though_zlib_drops_them():
    """The second member's header is overwritten: all of the first is delivered, and the error says where it ends."""
    data = bytearray(COMPRESS["gzip"](LINES[:2000]) + COMPRESS["gzip"](LINES[2000:4000]))
    second = len(COMPRESS["gzip"](LINES[:2000]))
    data[second : second + 2] = b"XX"
    good, damage = decode(bytes(data))
    assert good == LINES[:2000]
    assert damage is not None
    assert (damage.offset, damage.truncated, damage.problem) == (
        2000,
        False,
        "Error -3 while decompressing data: incorrect header check",
    )


def test_a_wrong_checksum_comes_after_the_content():
    data = bytearray(COMPRESS["gzip"](LINES[:2000]))
    data[-8] ^= 1
    good, damage = decode(bytes(data))
    assert good == LINES[:2000]
    assert damage is not None
    assert "incorrect data check" in damage.problem


@pytest.mark.parametrize("kind", ["gzip", "bz2", "zstd", "xz"])
@given(at=st.integers(0, 4000), value=st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_any_flipped_byte_ends_in_content_or_damage(kind, at, value):
    data = bytearray(COMPRESS[kind](LINES[:8000]))
    data[at % len(data)] ^= value
    good, damage = decode(bytes(data))
    if open_decompressed(io.BytesIO(bytes(data))).kind == kind:
        assert damage is not None or good == LINES[:8000]


def test_read_gives_the_good_bytes_before_it_raises():
    stream = open_decompressed(io.BytesIO(COMPRESS["gzip"](LINES)[:-9]))
    assert stream.read() == LINES
    with pytest.raises(DamagedStream):
        stream.read()


def test_zeros_after_gzip_are_padding_and_other_bytes_are_damage():
    data = COMPRESS["gzip"](b"text")
    assert decode(data + b"\0" * 5000) == (b"text", None)
    good, damage = decode(data + b"junk")
    assert good == b"text"
    assert damage is not None


def test_skippable_zstd_frames_are_skipped():
    skippable = struct.pack("<II", 0x184D2A53, 4) + b"note"
    assert decode(skippable + COMPRESS["zstd"](b"text") + skippable) == (b"text", None)
    good, damage = decode(COMPRESS["zstd"](b"text") + skippable[:-1])
    assert good == b"text"
    assert damage is not None
    assert damage.truncated


def test_a_zstd_window_above_the_limit_is_refused():
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=28, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    good, damage = decode(compressor.compress(b"text") + compressor.flush())
    assert good == b""
    assert damage is not None
    assert damage.problem == "it needs a window of 268435456 bytes, the limit is 134217728"


@pytest.mark.parametrize("kind", ["gzip", "bz2", "zstd", "xz"])
def test_a_bomb_is_decoded_in_small_blocks(kind):
    bomb = COMPRESS[kind](bytes(64 << 20))
    tracemalloc.start()
    largest = max(len(block) for block in open_decompressed(io.BytesIO(bomb)).blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert largest <= 1 << 20
    assert peak < (16 if kind == "xz" else 8) << 20  # xz has a dictionary of 8 MiB


def test_what_only_begins_like_bz2_is_plain():
    assert decode(b"BZh9 is how bz2 files begin") == (b"BZh9 is how bz2 files begin", None)
