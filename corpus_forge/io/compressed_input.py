"""What decoders read from, and how they say that they cannot go on."""

from __future__ import annotations

from typing import BinaryIO

INPUT_BYTES = 64 << 10
CUT = "the file ends in the middle of it"


class Damage(Exception):  # noqa: N818 - says what the data is; nothing went wrong here
    """What a decoder says; the stream adds how far it got."""

    def __init__(self, problem: str, truncated: bool = False) -> None:
        self.problem, self.truncated = problem, truncated
        super().__init__(problem)


class CompressedInput:
    """Bytes of the raw file, a block at a time; what was read too far can be given back."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._block, self._at = raw, b"", 0

    def some(self, size: int = INPUT_BYTES) -> bytes:
        """From 1 to `size` bytes, or none at the end."""
        if self._at == len(self._block):
            self._block, self._at = self._raw.read(INPUT_BYTES), 0
        return self._take(size)

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        while len(self._block) - self._at < size and (more := self._raw.read(INPUT_BYTES)):
            self._block, self._at = self._block[self._at :] + more, 0
        return self._take(size)

    def give_back(self, size: int) -> None:
        """Have the last `size` bytes of what was just taken come again."""
        self._at -= size

    def _take(self, size: int) -> bytes:
        start, self._at = self._at, min(self._at + size, len(self._block))
        return self._block[start : self._at]
