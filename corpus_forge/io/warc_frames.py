"""Decoded bytes of an archive file, and where in the file the frame lies that they come from.

A frame is a gzip member, a zstd frame, or a whole plain file. Two readers do the work. FastWARC's inflates 600 MB/s, but
it drops what it had decoded when a member is damaged and takes a cut file for a complete one; so at the first doubt the
careful one goes over the place again, byte by byte where the damage is, and says exactly what is lost. The cost is a
second reader of 80 lines, and that a damaged frame is inflated twice.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any, BinaryIO, Literal, Protocol, cast

import zstandard
from fastwarc.stream_io import GzipReader

from corpus_forge.io.compression import ZSTD_WINDOW_BYTES

Kind = Literal["plain", "gzip", "zstd"]

_MAGIC = {"gzip": re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"), "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")}
_FRAME = {"gzip": _MAGIC["gzip"], "zstd": re.compile(rb"\x28\xb5\x2f\xfd")}
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_DICTIONARY = b"\x5d\x2a\x4d\x18"
MAX_DICTIONARY = 16 << 20
STEP = 320
"""Bytes that are read at once by the fast reader where a record begins: a little less than a short one has."""
# Deflate grows at most 1032-fold, so a step of gzip is bounded by 32 MiB; four bytes of zstd can make a block of 128 KiB.
_STEP = {"gzip": 32 << 10, "zstd": 1 << 10}


class Broken(Exception):  # noqa: N818 - a state of the file, not a mistake
    """No more bytes can be had from the frame at file position `frame`: `reason` as in quarantine."""

    def __init__(self, reason: str, frame: int, detail: str) -> None:
        self.reason, self.frame, self.detail = reason, frame, detail
        super().__init__(f"{reason} at byte {frame}: {detail}")


class Frames(Protocol):
    """`read` gives up to n bytes, none at the end, or raises Broken; `frame` is where the frame of the last byte starts."""

    frame: int
    first_step: int

    def read(self, n: int) -> bytes: ...  # noqa: D102 - as any file's


def kind_of(start: bytes) -> Kind:
    """Compression by the first bytes of a file."""
    for kind in ("gzip", "zstd"):
        if _MAGIC[kind].match(start):
            return kind  # type: ignore[return-value]
    return "plain"


class PlainFrames:
    """An uncompressed file is one frame."""

    first_step = 4096

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        file.seek(start)
        self._file, self.frame = file, 0

    def read(self, n: int) -> bytes:
        """Up to n bytes."""
        return self._file.read(n)


class _Tap:
    """The file as the fast reader reads it, with the last two blocks kept: going back for them would cost a request each."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file, self._end, self._older, self._newer = file, start, b"", b""

    def read(self, n: int) -> bytes:
        data = self._file.read(n)
        if data:
            self._older, self._newer = self._newer, data
            self._end += len(data)
        return data

    def tell(self) -> int:
        return self._end

    def before(self, position: int) -> bytes:
        """The four bytes before that file position; none when they are no longer kept, which is rare and then a doubt."""
        start = position - 4 - (self._end - len(self._newer))
        if start >= 0:
            return self._newer[start : start + 4]
        start += len(self._older)
        return (self._older + self._newer)[start : start + 4] if start >= 0 else b""


class FastGzipFrames:
    """FastWARC's inflater. A read may cross into the next member; `begins_after` says whether there. OSError: be careful."""

    first_step = STEP

    def __init__(self, file: BinaryIO, start: int) -> None:
        file.seek(start)
        self._input = _Tap(file, start)
        self._reader, self.frame = GzipReader(cast("BinaryIO", self._input)), start

    def read(self, n: int) -> bytes:
        """Up to n bytes."""
        data = self._reader.read(n)
        if data:
            self.frame = self._reader.frame_start_position() or 0
        return data

    def begins_after(self, decoded: int) -> bool:
        """Whether the frame of the last byte is known to begin where a member of so many decoded bytes ends.

        Of members shorter than a step several may have been read at once, and two of them may have one size.
        """
        return decoded > STEP and self.ends_after(decoded, self.frame)

    def ends_after(self, decoded: int, end: int) -> bool:
        """Whether the member that ends at file position `end` says that it has so many bytes (modulo 2^32, RFC 1952)."""
        return self._input.before(end) == (decoded & 0xFFFFFFFF).to_bytes(4, "little")


class CarefulFrames:
    """Reads never cross from one frame into the next; every byte before a damage is delivered, then comes Broken."""

    first_step = 4096

    def __init__(self, file: BinaryIO, kind: Kind, start: int, step: int = 0) -> None:
        self._file, self._kind, self.frame = file, kind, start
        self._step = step or _STEP[kind]
        self._dictionary = _zstd_dictionary(file) if kind == "zstd" else None
        file.seek(start)
        self._input, self._next = b"", start
        self._output, self._at = b"", 0
        self._decoder: Any = None
        self._error: Broken | None = None

    def read(self, n: int) -> bytes:
        """Up to n bytes of one frame; fewer only at its end."""
        while self._at == len(self._output):
            if self._error:
                raise self._error
            if self._decoder is None and not self._open():
                return b""
            self._feed()
        parts, missing = [], n
        while missing:
            part = self._output[self._at : self._at + missing]
            parts.append(part)
            self._at += len(part)
            missing -= len(part)
            if missing and (self._decoder is None or self._error):
                break
            if missing:
                self._feed()
        return b"".join(parts)

    def _fill(self, n: int) -> bool:
        """Have at least n bytes of input, unless the file ends."""
        while len(self._input) < n and (more := self._file.read(max(n, self._step))):
            self._input += more
        return len(self._input) >= n

    def _open(self) -> bool:
        """Begin the next frame; False at the end of the file."""
        self._fill(8)
        while self._kind == "zstd" and _SKIPPABLE.match(self._input) and len(self._input) >= 8:
            self._next += 8 + struct.unpack_from("<I", self._input, 4)[0]
            self._file.seek(self._next)
            self._input = b""
            self._fill(8)
        self.frame = self._next
        if not self._input:
            return False
        if not _MAGIC[self._kind].match(self._input):
            self._error = Broken("record:junk", self.frame, f"no {self._kind} frame but {self._input[:8]!r}")
            raise self._error
        self._decoder = zlib.decompressobj(31) if self._kind == "gzip" else _zstd_decoder(self._dictionary)
        return True

    def _feed(self) -> None:
        """Decode one step into the output, which is used up."""
        if not self._input:
            self._input = self._file.read(self._step)
        step, self._input = self._input[: self._step], self._input[self._step :]
        self._next += len(step)
        self._at = 0
        if not step:
            self._output = b""
            self._error = Broken("record:truncated", self.frame, "the file ends within a compressed frame")
            return
        self._output = self._decode(step)
        if not self._error and self._decoder.eof:
            left = self._decoder.unused_data
            self._input = left + self._input
            self._next -= len(left)
            self._decoder = None

    def _decode(self, data: bytes) -> bytes:
        """What the step decodes to; on an error halves tell how far it goes."""
        if self._kind == "zstd":
            try:
                return self._decoder.decompress(data)
            except zstandard.ZstdError as error:
                self._error = Broken("record:corrupt_member", self.frame, str(error))
                return b""
        saved = self._decoder.copy()
        try:
            return self._decoder.decompress(data)
        except zlib.error as error:
            if len(data) == 1:
                self._error = Broken("record:corrupt_member", self.frame, str(error))
                return b""
        self._decoder = saved
        half = len(data) // 2
        first = self._decode(data[:half])
        return first if self._error else first + self._decode(data[half:])


def _zstd_decoder(dictionary: bytes | None) -> Any:
    data = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    return zstandard.ZstdDecompressor(dict_data=data, max_window_size=ZSTD_WINDOW_BYTES).decompressobj()


def _zstd_dictionary(file: BinaryIO) -> bytes | None:
    """The dictionary that a .warc.zst may begin with: https://iipc.github.io/warc-specifications/specifications/warc-zstd/."""
    file.seek(0)
    head = file.read(8)
    if len(head) < 8 or head[:4] != _DICTIONARY:
        return None
    size = struct.unpack_from("<I", head, 4)[0]
    if size > MAX_DICTIONARY:
        raise Broken("record:corrupt_member", 0, f"a zstd dictionary of {size} bytes")
    dictionary = file.read(size)
    if dictionary[:4] != b"\x28\xb5\x2f\xfd":
        return dictionary
    try:
        return zstandard.ZstdDecompressor().stream_reader(dictionary).read(MAX_DICTIONARY)
    except zstandard.ZstdError as error:
        raise Broken("record:corrupt_member", 0, f"the zstd dictionary is damaged: {error}") from None


def find_frame(file: BinaryIO, kind: Kind, start: int, budget: int, prefix: bytes = b"WARC/") -> int | None:
    """File position of the next frame at or after `start` that begins a record or is whole; None when there is none.

    Costs a look at every place that has the magic number; after `budget` bytes of looking the answer is None.
    """
    window = 1 << 20
    while budget > 0:
        file.seek(start)
        data = file.read(window)
        for match in _FRAME[kind].finditer(data):
            cost = _probe(file, kind, start + match.start(), prefix)
            if cost < 0:
                return start + match.start()
            budget -= cost
            if budget <= 0:
                return None
        if len(data) < window:
            return None
        start += window - 3
    return None


def _probe(file: BinaryIO, kind: Kind, start: int, prefix: bytes) -> int:
    """-1 when a frame begins there, else about how many bytes it took to see that none does."""
    try:
        frames = CarefulFrames(file, kind, start, 1 << 10)
        data = frames.read(len(prefix))
        if data == prefix:
            return -1
        seen = len(data)
        while seen < 16 << 20 and (data := frames.read(1 << 16)) and frames.frame == start:
            seen += len(data)
    except Broken as broken:
        return -1 if broken.frame > start else 4096 + frames._next - start
    return -1 if frames.frame > start or not data else 4096 + seen
