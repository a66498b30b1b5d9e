"""A place in the decoded bytes of an archive that can be read on, gone back to, and found again after damage.

Positions are two: `at` counts decoded bytes, a frame is known by where it starts in the file. The cursor remembers the last
frame start it knows both of (the anchor), so that going back costs decoding from there. It reads with FastWARC's inflater
and changes to the careful reader at the first doubt, without the caller seeing more than the same bytes again.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import BinaryIO

from corpus_forge.io.warc_frames import STEP, Broken, CarefulFrames, FastGzipFrames, Frames, Kind, PlainFrames, find_frame

PIECE = 4 << 20
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_START = re.compile(rb"\n\r?\n(?=WARC/\d\.\d+\r?\n)")
_START_SPAN = 16
"""A record start is found across two reads when so many bytes of the first are kept."""


@dataclass(frozen=True)
class Mark:
    """Where something begins: decoded position, frame, and whether it is the first thing in that frame."""

    at: int
    frame: int
    opens_frame: bool


class Cursor:
    """See above. `budget` bounds the bytes that are decoded in search of the next record, over the whole file."""

    def __init__(self, file: BinaryIO, kind: Kind, budget: int) -> None:
        self._file, self.kind, self.budget = file, kind, budget
        self.size = file.seek(0, os.SEEK_END)
        self.at, self._held, self._anchor = 0, b"", (0, 0)
        self._last_frame, self.ended = -1, False
        self._frames: Frames = self._open(0)

    @property
    def owner(self) -> int:
        """Frame of the last byte that was left behind."""
        return self._last_frame

    # -- reading

    def mark(self) -> Mark | None:
        """Skip blank lines; where the next thing begins, or None at the end. Broken when nothing can be read there."""
        if self.ended:
            return None
        if self._held:
            self._settle()
        while not (self._held or self._fill(self._frames.first_step)) or self._held[0] in b"\r\n":
            if not self._held:
                if self._at_the_end():
                    return None
                continue
            blank = len(self._held) - len(self._held.lstrip(b"\r\n"))
            self._held, self.at = self._held[blank:], self.at + blank
            if not self._held and isinstance(self._frames, FastGzipFrames) and blank == FastGzipFrames.first_step:
                self.rewind(self.at)
        frame = self._frames.frame
        opens = frame != self._last_frame
        if opens:
            self._anchor = (frame, self.at)
        return Mark(self.at, frame, opens)

    def _settle(self) -> None:
        """What the fast reader has read too far may be of the next frame, or of several; make sure which."""
        if not isinstance(self._frames, FastGzipFrames) or self._frames.frame == self._anchor[0]:
            return
        if self._last_frame == self._anchor[0] and self._frames.begins_after(self.at - self._anchor[1]):
            return
        self.rewind(self.at)
        self.leave()

    def refresh(self) -> None:
        """Where a frame has just begun in careful reading, go on fast."""
        if self.kind == "gzip" and not isinstance(self._frames, FastGzipFrames) and self._anchor[1] == self.at:
            self._held, self._frames = b"", self._open(self._anchor[0])
            self._fill(self._frames.first_step)

    def starts_with(self, prefix: bytes) -> bool:
        """Whether the next bytes are these."""
        while len(self._held) < len(prefix) and self._fill(STEP):
            pass
        return self._held.startswith(prefix)

    def head(self, limit: int) -> bytes | None:
        """Bytes up to and with the next empty line; None when there is none within `limit` bytes or before the end."""
        searched = 0
        step = max(STEP, self._frames.first_step)
        while (end := _HEAD_END.search(self._held, searched)) is None:
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
        self.leave()
        before, first = self.at, self.take(2)
        second = self.take(2) if first == b"\r\n" else b""
        if second == b"\r\n" or first == b"\n\n":
            self.leave()
            return True
        if isinstance(self._frames, FastGzipFrames):
            self.rewind(before)
            self.leave()
        else:
            self._held, self.at = first + second + self._held, before
        return self._at_sloppy_tail()

    def _at_sloppy_tail(self) -> bool:
        try:
            while self._held or self._fill(4096):
                if self._frames.frame != self._last_frame:
                    return True
                blank = len(self._held) - len(self._held.lstrip(b"\r\n"))
                self._take_held(blank)
                if self._held:
                    return self.starts_with(b"WARC/")
        except Broken as broken:
            if broken.frame == self._last_frame:
                raise
        return True

    def leave(self) -> None:
        """Whatever was read up to here is done with: its frame is the last one."""
        ahead = self._held and isinstance(self._frames, FastGzipFrames)
        # What is held may already be of the next frame; `mark` makes sure.
        self._last_frame = self._anchor[0] if ahead else self._frames.frame

    # -- going elsewhere

    def rewind(self, at: int) -> None:
        """Go to a decoded position at or after the anchor, reading carefully from now on."""
        self.ended = False
        if self.kind == "plain":
            self._frames, self._held, self.at = PlainFrames(self._file, at), b"", at
            return
        frame, self.at = self._anchor
        self._held, self._frames = b"", CarefulFrames(self._file, self.kind, frame)
        while self.at < at and (part := self._frames.read(min(at - self.at, PIECE))):
            self.at += len(part)

    def resume(self, after: int) -> bool:
        """Go to the next frame after that file position that can be read; False, and at the end, when there is none."""
        self._held = b""
        frame = find_frame(self._file, self.kind, after, self.budget) if self.kind != "plain" else None
        self.budget -= 0 if frame is None else frame - after
        if frame is None:
            self.ended = True
            return False
        self._anchor, self._last_frame = (frame, self.at), -1
        self._frames = self._open(frame)
        return True

    def find_record(self) -> bool:
        """Go to the next place that looks like the start of a record: at the start of a frame, or after an empty line."""
        frame, kept = self._frames.frame, b""
        while True:
            data, self._held = self._held or self._read(64 << 10), b""
            if not data or self.budget <= 0:
                self.ended = True
                return False
            self.budget -= len(data)
            if self._frames.frame != frame:
                frame, kept = self._frames.frame, b"\n\n"
            window = kept + data
            if found := _START.search(window):
                self._held = window[found.end() :]
                self.at += len(data) - len(self._held)
                return True
            self.at += len(data)
            kept = window[-_START_SPAN:]

    # -- beneath

    def _open(self, frame: int) -> Frames:
        if self.kind == "plain":
            return PlainFrames(self._file)
        return FastGzipFrames(self._file, frame) if self.kind == "gzip" else CarefulFrames(self._file, self.kind, frame)

    def _take_held(self, n: int) -> bytes:
        taken, self._held = self._held[:n], self._held[n:]
        self.at += len(taken)
        return taken

    def _fill(self, n: int) -> bool:
        data = self._read(n)
        self._held += data
        return bool(data)

    def _read(self, n: int) -> bytes:
        try:
            return self._frames.read(n)
        except OSError:
            if not isinstance(self._frames, FastGzipFrames):
                raise
            self._carefully()
            return self._frames.read(n)

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
            self._file.seek(max(0, self.size - 4))
            fits = frame == self._frames.frame and self._file.read(4) == ((self.at - start) & 0xFFFFFFFF).to_bytes(4, "little")
            if not fits:
                self.rewind(self.at)
                return False
        self.ended = True
        return True


__all__ = ["Broken", "Cursor", "Mark"]
