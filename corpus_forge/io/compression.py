"""Compressed files as streams of bytes, whatever they are called: gzip, zstd, bz2 and xz by their first bytes, else plain.

Everything is decoded in small steps with bounded output, so that a file that grows a thousandfold costs no memory; and
every good byte before a damaged place is delivered first, so that readers keep what is whole. That is why zstd is fed
block by block here (a block decodes to at most 128 KiB, and a missing one is a truncation) and not through a library's
stream reader, which bounds its output too but takes a truncated file for a complete one.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

import zstandard

from corpus_forge.io.compressed_input import CUT, INPUT_BYTES, CompressedInput, Damage
from corpus_forge.io.xz import XZ_MAGIC, xz_blocks

OUTPUT_BYTES = 1 << 20
ZSTD_WINDOW_BYTES = 128 << 20
"""The largest window that is decoded; files made with `zstd --long=28` or more are refused, as the tool itself does."""
_BZ2_STARTS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_HEADER_BYTES = 18


class DamagedStream(Exception):  # noqa: N818 - says what the data is; nothing went wrong here
    """The stream cannot be decoded further; every byte before the damage has been delivered.

    `kind` is gzip, zstd, bz2 or xz; `offset` the number of decoded bytes before the damage; `truncated` is True when the
    file just ends too early.
    """

    def __init__(self, kind: str, offset: int, problem: str, truncated: bool = False) -> None:
        self.kind, self.offset, self.problem, self.truncated = kind, offset, problem, truncated
        super().__init__(f"the {kind} stream is damaged after {offset} decoded bytes: {problem}")


_FIRST_BYTES = 1 << 10
"""A gzip member is begun with so little, or a file of tiny members would be copied once for each of them."""
_ALL = 1 << 62


class DecodedStream:
    """A readable stream of decoded bytes. It is not seekable, and the raw file stays the caller's to close.

    `kind` is gzip, zstd, bz2, xz or plain. Of a damaged zstd or bz2 block nothing after its last 64 KiB step is delivered.
    """

    def __init__(self, raw: BinaryIO) -> None:
        source = CompressedInput(raw)
        start = source.exactly(10)
        source.give_back(len(start))
        self.kind = _kind(start)
        self._blocks = self._guarded(_DECODERS[self.kind](source))
        self._ahead = b""
        self._damage: DamagedStream | None = None

    def _guarded(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        given = 0
        try:
            for block in blocks:
                given += len(block)
                yield block
        except Damage as damage:
            raise DamagedStream(self.kind, given, damage.problem, damage.truncated) from None

    def blocks(self) -> Iterator[bytes]:
        """What is left, in blocks of 1 byte to 1 MiB. Raises DamagedStream after the last good one."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            yield ahead
        yield from self._blocks

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, all for -1; fewer at the end, or before a damage, which the next call raises."""
        if self._damage and not self._ahead:
            raise self._damage
        parts, missing = [self._ahead], (size if size >= 0 else _ALL) - len(self._ahead)
        while missing > 0 and (block := self._next()):
            parts.append(block)
            missing -= len(block)
        data = b"".join(parts)
        if size < 0:
            size = len(data)
        self._ahead = data[size:]
        if self._damage and not data:
            raise self._damage
        return data[:size]

    def _next(self) -> bytes:
        try:
            return next(self._blocks, b"")
        except DamagedStream as damage:
            self._damage = damage
            return b""


def open_decompressed(raw: BinaryIO) -> DecodedStream:
    """The decoded content of a binary file, from where it stands. See DecodedStream."""
    return DecodedStream(raw)


def _kind(start: bytes) -> str:
    if start.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if start.startswith(_ZSTD_MAGIC) or _is_skippable(start):
        return "zstd"
    if start.startswith(b"BZh") and start[4:10] in _BZ2_STARTS:
        return "bz2"
    if start.startswith(XZ_MAGIC):
        return "xz"
    return "plain"


def _is_skippable(header: bytes) -> bool:
    """The start of a frame that zstd defines for other people's data (RFC 8878, 3.1.2)."""
    return len(header) >= 4 and 0x50 <= header[0] <= 0x5F and header[1:4] == b"\x2a\x4d\x18"


def _plain(source: CompressedInput) -> Iterator[bytes]:
    while data := source.some():
        yield data


def _gzip(source: CompressedInput) -> Iterator[bytes]:
    """Members one after the other (RFC 1952); zeros after the last one are padding."""
    while data := source.some(_FIRST_BYTES):
        if data.strip(b"\0"):
            source.give_back(len(data))
            yield from _gzip_member(source)


def _gzip_member(source: CompressedInput) -> Iterator[bytes]:
    decoder, size = zlib.decompressobj(wbits=31), _FIRST_BYTES
    while not decoder.eof:
        data = decoder.unconsumed_tail or source.some(size)
        if not data:
            raise Damage(CUT, truncated=True)
        before = decoder.copy()
        try:
            block = decoder.decompress(data, OUTPUT_BYTES)
        except zlib.error as error:
            yield from _until_error(before, data)
            raise Damage(str(error)) from None
        if block:
            yield block
        size = INPUT_BYTES
    source.give_back(len(decoder.unused_data))


def _until_error(decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What zlib threw away with its error: byte by byte, everything before the damaged one comes out."""
    good = bytearray()
    try:
        for at in range(len(data)):
            good += decoder.decompress(data[at : at + 1])
    except zlib.error:
        if good:
            yield bytes(good)


def _bz2(source: CompressedInput) -> Iterator[bytes]:
    while source.exactly(1):
        source.give_back(1)
        yield from _bz2_stream(source)


def _bz2_stream(source: CompressedInput) -> Iterator[bytes]:
    decoder = bz2.BZ2Decompressor()
    while not decoder.eof:
        data = source.some() if decoder.needs_input else b""
        if decoder.needs_input and not data:
            raise Damage(CUT, truncated=True)
        try:
            block = decoder.decompress(data, INPUT_BYTES)
        except OSError as error:
            raise Damage(str(error)) from None
        if block:
            yield block
    source.give_back(len(decoder.unused_data))


def _zstd(source: CompressedInput) -> Iterator[bytes]:
    """Frames one after the other (RFC 8878, 3.1)."""
    while header := source.exactly(_ZSTD_HEADER_BYTES):
        source.give_back(len(header))
        if _is_skippable(header):
            _skip_zstd_frame(source)
        elif header.startswith(_ZSTD_MAGIC):
            yield from _zstd_frame(source, header)
        else:
            raise Damage("what follows the last frame is none", truncated=_ZSTD_MAGIC.startswith(header))


def _skip_zstd_frame(source: CompressedInput) -> None:
    header = source.exactly(8)
    left = int.from_bytes(header[4:], "little")
    while left > 0:
        data = source.exactly(min(left, INPUT_BYTES))
        if not data:
            raise Damage(CUT, truncated=True)
        left -= len(data)


def _zstd_frame(source: CompressedInput, start: bytes) -> Iterator[bytes]:
    try:
        frame = zstandard.get_frame_parameters(start)
        size = zstandard.frame_header_size(start)
    except zstandard.ZstdError as error:
        raise Damage(str(error), truncated=len(start) < _ZSTD_HEADER_BYTES) from None
    if frame.window_size > ZSTD_WINDOW_BYTES:
        raise Damage(f"it needs a window of {frame.window_size} bytes, the limit is {ZSTD_WINDOW_BYTES}")
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()
    decode = _zstd_step(decoder.decompress)
    yield from decode(_whole(source, size))
    last = False
    while not last:
        header = _whole(source, 3)
        value = int.from_bytes(header, "little")
        last = bool(value & 1)
        # A block of type 1 repeats one byte, whatever its size says.
        content = 1 if value >> 1 & 3 == 1 else value >> 3
        yield from decode(header + _whole(source, content))
    if frame.has_checksum:
        yield from decode(_whole(source, 4))


def _whole(source: CompressedInput, size: int) -> bytes:
    data = source.exactly(size)
    if len(data) < size:
        raise Damage(CUT, truncated=True)
    return data


def _zstd_step(decompress: Callable[[bytes], bytes]) -> Callable[[bytes], Iterator[bytes]]:
    def step(data: bytes) -> Iterator[bytes]:
        try:
            block = decompress(data)
        except zstandard.ZstdError as error:
            raise Damage(str(error)) from None
        if block:
            yield block

    return step


_DECODERS: dict[str, Callable[[CompressedInput], Iterator[bytes]]] = {
    "plain": _plain,
    "gzip": _gzip,
    "zstd": _zstd,
    "bz2": _bz2,
    "xz": xz_blocks,
}
