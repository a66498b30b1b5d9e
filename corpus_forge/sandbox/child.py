"""The loop of a child: a batch comes, each page is answered in order, until the parent hangs up."""

from __future__ import annotations

import mmap
import socket

from corpus_forge.extract.engine import Engine, extract_text
from corpus_forge.sandbox import verdict
from corpus_forge.sandbox.protocol import ANSWER, BATCH, FAULT, MAX_TEXT_BYTES, ROW_NUMBERS, TEXT, pack_fault, receive


def serve(data: socket.socket, arena: int, engine: Engine) -> None:
    """Answer batches from the shared file `arena` until the parent closes the socket `data`."""
    pages, size = None, -1
    while True:
        try:
            wanted, rows, first, stop = BATCH.unpack(receive(data, BATCH.size))
        except (EOFError, OSError):
            return
        if pages is None or wanted != size:
            pages, size = mmap.mmap(arena, wanted, access=mmap.ACCESS_READ), wanted
        with memoryview(pages) as view, view[: rows * ROW_NUMBERS * 8].cast("q") as table:
            for row in range(first, stop):
                data.sendall(_answer(engine, view, table[row * ROW_NUMBERS : (row + 1) * ROW_NUMBERS].tolist()))


def _fault(reason: str, detail: str) -> bytes:
    payload = pack_fault(reason, detail)
    return ANSWER.pack(FAULT, len(payload)) + payload


# Made in advance: when memory has run out, nothing more may be needed to say so.
_OUT_OF_MEMORY = _fault(*verdict.of_exception(MemoryError()))


def _answer(engine: Engine, view: memoryview, row: list[int]) -> bytes:
    html_start, html_stop, url_start, url_stop = row
    try:
        html = str(view[html_start:html_stop], "utf-8")
        url = str(view[url_start:url_stop], "utf-8") if url_start >= 0 else None
        text = extract_text(engine, html, url).encode()
        if len(text) > MAX_TEXT_BYTES:
            return _fault("limit:text_bytes", f"the text has {len(text):,} bytes; at most {MAX_TEXT_BYTES:,} are taken")
        return ANSWER.pack(TEXT, len(text)) + text
    except MemoryError:
        return _OUT_OF_MEMORY
    except Exception as error:  # noqa: BLE001 (an engine may raise anything; it becomes a reason and a message)
        return _fault(*verdict.of_exception(error))
