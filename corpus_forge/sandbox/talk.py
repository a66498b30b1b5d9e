"""The parent's side of the conversation with one child: a batch goes out, answers come back in order, silence is timed.

The clock is the parent's and counts the time since the last answer, in pieces of at most a second: when this process itself was
stopped (Ctrl-Z, a sleeping laptop), the child is not blamed for the time.
"""

from __future__ import annotations

import socket
import time
import weakref

from corpus_forge.sandbox.protocol import ANSWER, BATCH, FAULT, MAX_TEXT_BYTES, TEXT

POLL_S = 0.05
LONGEST_TICK_S = 1.0
CHUNK = 1 << 18


class Talk:
    """Connection to a child that lives as long as the child does."""

    def __init__(self, data: socket.socket) -> None:
        self._data = data
        self._data.settimeout(POLL_S)
        self._received = bytearray()
        self.close = weakref.finalize(self, data.close)

    def ask(self, arena_size: int, rows: int, first: int, stop: int) -> None:
        """Have the rows [first, stop) of the arena answered; OSError when the child has gone."""
        self._data.sendall(BATCH.pack(arena_size, rows, first, stop))

    def answer(self, timeout: float) -> tuple[bytes, bytes]:
        """(kind, payload) of the next row.

        TimeoutError after so many seconds without one, EOFError when the child has gone, ValueError when it talks nonsense.
        """
        waited, last = 0.0, time.monotonic()
        while True:
            frame = self._take()
            if frame:
                return frame
            if waited > timeout:
                raise TimeoutError
            self._receive_some()
            now = time.monotonic()
            waited, last = waited + min(now - last, LONGEST_TICK_S), now

    def _receive_some(self) -> None:
        try:
            chunk = self._data.recv(CHUNK)
        except TimeoutError:
            return
        except OSError as error:
            raise EOFError from error
        if not chunk:
            raise EOFError
        self._received += chunk

    def _take(self) -> tuple[bytes, bytes] | None:
        if len(self._received) < ANSWER.size:
            return None
        kind, length = ANSWER.unpack_from(self._received)
        if kind not in (TEXT, FAULT) or not 0 <= length <= MAX_TEXT_BYTES:
            # No child of ours speaks so: its memory was overwritten.
            raise ValueError(f"answer {kind!r} of {length} bytes")
        end = ANSWER.size + length
        if len(self._received) < end:
            return None
        payload = bytes(memoryview(self._received)[ANSWER.size : end])
        del self._received[:end]
        return kind, payload
