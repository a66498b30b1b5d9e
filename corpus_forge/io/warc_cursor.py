"""A place in the decoded bytes of an archive that can be read on, gone back to, and found again after damage.

Positions are two: `at` counts decoded bytes, a frame is known by where it starts in the file. The cursor remembers the last
frame start it knows both of (the anchor), so that going back costs decoding from there. It reads with FastWARC's inflater
and changes to the careful reader at the first doubt, without the caller seeing more than the same bytes again.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from corpus_forge.io.warc_frames import STEP, Broken, CarefulFrames, FastGzipFrames, Frames, Kind, PlainFrames, find_frame

PIECE = 4 << 20
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class Framing(NamedTuple):
    """How records follow one another in a format."""

    begins: re.Pattern[bytes]
    """Matches the first bytes of a record, at most `looks` of them."""
    looks: int
    start: re.Pattern[bytes]
    """Finds a record behind damage: matches what comes before it (a newline at least) and looks ahead at its first line."""
    span: int
    """Bytes that `start` may need before the end of what has been read."""
    tails: tuple[int, tuple[bytes, ...]]
    """What ends a record, and how many bytes to read first to see it."""


WARC_FRAMING = Framing(re.compile(rb"WARC/"), 5, re.compile(rb"\n\r?\n(?=WARC/\d\.\d+\r?\n)"), 16, (2, (b"\r\n\r\n", b"\n\n")))


@dataclass(frozen=True)
class Mark:
    """Where something begins: decoded position, frame, and whether it is the first thing in that frame."""

    at: int
    frame: int
    opens_frame: bool


class Cursor:
    """See above. `budget` bounds the bytes that are decoded in search of the next record, over the whole file."""

    def __init__(self, file: BinaryIO, kind: Kind, budget: int, framing: Framing = WARC_FRAMING) -> None:
        self._file, self.kind, self.budget, self._framing = file, kind, budget, framing
        self.size = file.seek(0, os.SEEK_END)
        self.at, self._held, self._left, self.ended = 0, b"", 0, False
        self._anchor = self._began = (0, 0)
        self._frames: Frames = self._open(0)

    # -- reading

    def mark(self) -> Mark | None:
        """Skip blank lines; where the next thing begins, or None at the end. Broken when nothing can be read there."""
        if self.ended:
            return None
        while not self._skip_blanks():
            if not self._fill(self._frames.first_step) and self._at_the_end():
                return None
        start = self._frame_start()
        if start is None:
            self.rewind(self.at)
            return self.mark()
        opens = start[1] >= self._left
        if opens:
            self._anchor = start
        return Mark(self.at, self._frames.frame, opens)

    def refresh(self) -> None:
        """At the start of a frame that is read carefully, go on fast."""
        if self.kind == "gzip" and not self._fast and self._anchor == (self._frames.frame, self.at):
            self._held, self._frames = b"", self._open(self._anchor[0])
            self._fill(self._frames.first_step)

    def at_record(self) -> bool:
        """Whether the next bytes begin a record."""
        while len(self._held) < self._framing.looks and self._fill(STEP):
            pass
        return self._framing.begins.match(self._held) is not None

    def head(self, limit: int, ends: re.Pattern[bytes] = _HEAD_END) -> bytes | None:
        """Bytes up to and with the next empty line; None when there is none within `limit` bytes or before the end."""
        searched = 0
        step = max(STEP, self._frames.first_step)
        while (end := ends.search(self._held, searched)) is None:
            searched = max(0, len(self._held) - 3)
            if len(self._held) > limit or not self._fill(step):
                return None
        return self._take_held(end.end())

    def take(self, n: int) -> bytes:
        """The next n bytes; fewer at the end of the file."""
        parts = [self._take_held(n)]
        missing = n - len(parts[0])
        while missing and (part := self._read(min(missing, PIECE))):
            parts.append(part)
            missing -= len(part)
            self.at += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, n: int) -> int:
        """Pass over n bytes without keeping them; how many there were."""
        if self.kind == "plain":
            there = min(n, self.size - self.at)
            self.rewind(self.at + there)
            return there
        start = self.at
        while self.at - start < n and self.take(min(n - (self.at - start), PIECE)):
            pass
        return self.at - start

    def at_tail(self) -> bool:
        """Pass over the empty lines after a record; True when they are there, or a record, a frame or the end follows."""
        self._left = self.at
        if self._fast:
            tail = self.take(self._framing.tails[0])
            if len(tail) == 2 and tail == b"\r\n":
                tail += self.take(2)
            if tail in self._framing.tails[1]:
                self._left = self.at
                return True
            self.rewind(self._left)
        return self._at_careful_tail()

    def _at_careful_tail(self) -> bool:
        """The same where reads stop at the end of a frame, so that what follows can be looked at."""
        end = self.at
        try:
            while self._held or self._fill(4096):
                if self._began[1] >= end:
                    return True
                tail = self._held[: len(self._held) - len(self._held.lstrip(b"\r\n"))]
                self._take_held(len(tail))
                self._left = self.at
                if self._held:
                    # Junk after a whole record is not the record's fault.
                    return tail.startswith(self._framing.tails[1]) or self.at_record()
        except Broken as broken:
            if self.owns(broken.frame):
                raise
        return True

    @property
    def held(self) -> int:
        """How many bytes have been read ahead."""
        return len(self._held)

    def owns(self, frame: int) -> bool:
        """Whether bytes of that frame, the last one read, belong to what was passed."""
        return self._began[0] == frame and self._began[1] < self._left

    # -- going elsewhere

    def rewind(self, at: int) -> None:
        """Go to a decoded position at or after the anchor, reading carefully from now on."""
        self.ended, self._held = False, b""
        if self.kind == "plain":
            self._frames, self.at = PlainFrames(self._file, at), at
            return
        self._began = self._anchor
        frame, self.at = self._anchor
        self._frames = CarefulFrames(self._file, self.kind, frame)
        while self.at < at and (part := self._read(min(at - self.at, PIECE))):
            self.at += len(part)

    def resume(self, after: int) -> bool:
        """Go to the next frame after that file position that can be read; False, and at the end, when there is none."""
        self._held = b""
        frame = find_frame(self._file, self.kind, after, self.budget) if self.kind != "plain" else None
        if frame is None:
            self.ended = True
            return False
        self.budget -= frame - after
        self._anchor = self._began = (frame, self.at)
        self._left, self._frames = self.at, self._open(frame)
        return True

    def find_record(self) -> bool:
        """Go to the next place that looks like the start of a record: at the start of a frame, or after an empty line."""
        kept = b""
        while True:
            data, self._held = self._held or self._read(64 << 10), b""
            if not data or self.budget <= 0:
                self.ended = True
                return False
            self.budget -= len(data)
            if self._began[1] == self.at:
                kept = b"\n\n"
            window = kept + data
            if found := self._framing.start.search(window):
                self._held = window[found.end() :]
                self.at += len(data) - len(self._held)
                self._left = self.at
                return True
            self.at += len(data)
            kept = window[-self._framing.span :]

    # -- beneath

    @property
    def _fast(self) -> bool:
        return isinstance(self._frames, FastGzipFrames)

    def _open(self, frame: int) -> Frames:
        if self.kind == "plain":
            return PlainFrames(self._file)
        return FastGzipFrames(self._file, frame) if self.kind == "gzip" else CarefulFrames(self._file, self.kind, frame)

    def _frame_start(self) -> tuple[int, int] | None:
        """The frame of the next byte and the decoded position where it begins; None when the fast reader cannot tell.

        What that has read may be of the next frame or of several. Where the last thing ended is the place when the frame
        before says that it has so many bytes.
        """
        if not isinstance(self._frames, FastGzipFrames):
            return self._began
        if self._frames.frame == self._anchor[0]:
            return self._anchor
        begins = self._frames.begins_after(self._left - self._anchor[1])
        return (self._frames.frame, self._left) if begins else None

    def _skip_blanks(self) -> bool:
        """Pass over line ends that are held; whether anything is held then."""
        blank = len(self._held) - len(self._held.lstrip(b"\r\n"))
        self._held, self.at = self._held[blank:], self.at + blank
        return bool(self._held)

    def _take_held(self, n: int) -> bytes:
        taken, self._held = self._held[:n], self._held[n:]
        self.at += len(taken)
        return taken

    def _fill(self, n: int) -> bool:
        data = self._read(n)
        self._held += data
        return bool(data)

    def _read(self, n: int) -> bytes:
        """Up to n bytes that follow those that are held."""
        frame = self._frames.frame
        try:
            data = self._frames.read(n)
        except OSError:
            if not self._fast:
                raise
            self._carefully()
            return self._read(n)
        if data and self._frames.frame != frame:
            self._began = (self._frames.frame, self.at + len(self._held))
        return data

    def _carefully(self) -> None:
        """The same place by the careful reader, with what is held still held."""
        held, at = self._held, self.at
        try:
            self.rewind(at + len(held))
        finally:
            self._held, self.at = held, at

    def _at_the_end(self) -> bool:
        """Whether the file ends here as it should.

        The last member of a gzip file says how long it is. When that does not fit, the careful reader looks again, which
        raises Broken if the file was cut.
        """
        if isinstance(self._frames, FastGzipFrames):
            frame, start = self._anchor
            whole = self.at > start and frame == self._frames.frame and self._frames.ends_after(self.at - start, self.size)
            if not whole:
                self.rewind(self.at)
                return False
        self.ended = True
        return True


__all__ = ["WARC_FRAMING", "Broken", "Cursor", "Framing", "Mark"]
