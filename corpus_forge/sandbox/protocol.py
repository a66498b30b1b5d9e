r"""What travels between the three processes: fixed structs and UTF-8, no pickle. Standard library only, for a light helper.

| from → to | what |
|---|---|
| parent → helper | COMMAND(FORK, 0) with one file descriptor; COMMAND(REAP, grace in ms) |
| helper → parent | COMMAND(READY, 0) once, or COMMAND(FAILED, length) with reason \0 detail |
| | COMMAND(FORK, pid), or COMMAND(FAILED, errno); COMMAND(REAP, wait status or HAD_TO_KILL) |
| parent → child | BATCH(arena size, rows, first, stop) |
| child → parent | per row, in order: ANSWER(TEXT, length) with the text, or ANSWER(FAULT, length) with reason \0 detail |

The arena holds int64[rows, 4] (where html and url of each row start and stop; a missing url starts at -1), all pages, all URLs.
"""

from __future__ import annotations

import socket
import struct

COMMAND = struct.Struct("<cq")
FORK, REAP, READY, FAILED = b"F", b"R", b"+", b"-"

HAD_TO_KILL = -1
"""In place of a wait status: the child did not end by itself."""

BATCH = struct.Struct("<qqqq")
ANSWER = struct.Struct("<cq")
TEXT, FAULT = b"T", b"X"

ROW_NUMBERS = 4
MAX_TEXT_BYTES = 256 << 20
"""Longer answers are refused on both sides: a child that lies about a length cannot make the parent allocate."""
MAX_DETAIL_CHARS = 500


def receive(sock: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes; EOFError when the other side has gone."""
    data = bytearray()
    while len(data) < size:
        chunk = sock.recv(size - len(data))
        if not chunk:
            raise EOFError("the other side has gone")
        data += chunk
    return bytes(data)


def pack_fault(reason: str, detail: str) -> bytes:
    """The payload of a fault."""
    return f"{reason}\0{detail}".encode("utf-8", "replace")


def unpack_fault(payload: bytes) -> tuple[str, str]:
    """(reason, detail) of the payload of a fault."""
    reason, _, detail = payload.decode("utf-8", "replace").partition("\0")
    return reason, detail
