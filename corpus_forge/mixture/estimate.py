"""Tokens of a source before anything is read: bytes, times the text in a byte of such a file, over the bytes of a token.

The figures are what examples of each format hold, before any filter: a table printed from them says which part will be
short, not by how much. Counts take their place as soon as a run has them.
"""

from __future__ import annotations

BYTES_PER_TOKEN = 4.3
"""Of English web text under byte-level BPE with some 50,000 ids; other scripts and vocabularies have 2.5 to 5."""
TEXT_PER_BYTE = {"warc": 0.04, "arc": 0.04, "commoncrawl": 0.04, "mediawiki": 0.5, "parquet": 1.9, "hf_dataset": 1.0}
"""Bytes of text in a byte of the file, or of what a compressed one unpacks to. Parquet is compressed inside. Of web archives it
is what main-content extraction leaves of a crawl: the figure that varies most."""
TEXT_PER_RECORD_BYTE = 0.85
"""The same for records and plain text."""
UNPACKED = {".gz": 3.1, ".zst": 3.5, ".xz": 3.5, ".bz2": 3.3}


def tokens_of_text(size: float) -> float:
    """Tokens of so many bytes of text."""
    return size / BYTES_PER_TOKEN


def tokens_of_bytes(size: float, source_format: str, name: str) -> float:
    """Tokens of an input file of so many bytes; `name` tells by its end how it is compressed."""
    unpacked = next((factor for end, factor in UNPACKED.items() if name.endswith(end)), 1.0)
    return tokens_of_text(size * unpacked * TEXT_PER_BYTE.get(source_format, TEXT_PER_RECORD_BYTE))
