"""Files of the xz tool (https://tukaani.org/xz/xz-file-format.txt): streams one after the other, with zeros between and after
them.

A stream says how much memory its dictionary needs. More than the highest preset of the tool (`xz -9`: 65 MiB) is refused, so
that a few bytes cannot ask for 4 GiB.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator

from corpus_forge.io.compressed_input import CUT, INPUT_BYTES, CompressedInput, Damage

XZ_MAGIC = b"\xfd7zXZ\0"
MEMORY_BYTES = 96 << 20


def xz_blocks(source: CompressedInput) -> Iterator[bytes]:
    """Decoded blocks of all streams."""
    while data := source.some():
        rest = data.lstrip(b"\0")
        source.give_back(len(rest))
        if rest:
            yield from _stream(source)


def _stream(source: CompressedInput) -> Iterator[bytes]:
    decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_BYTES)
    while not decoder.eof:
        data = source.some() if decoder.needs_input else b""
        if decoder.needs_input and not data:
            raise Damage(CUT, truncated=True)
        try:
            block = decoder.decompress(data, INPUT_BYTES)
        except lzma.LZMAError as error:
            raise Damage(str(error)) from None
        if block:
            yield block
    source.give_back(len(decoder.unused_data))
