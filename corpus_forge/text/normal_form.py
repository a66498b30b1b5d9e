"""Texts as RedPajama-V2 normalizes them before it counts words: no ASCII punctuation, lower case, Unicode's NFD.

Arrow does it (RE2 and utf8proc), a column at a time; texts of ASCII alone, most of the web, skip the two slow passes. What
it does otherwise than Python's `str.lower`: a capital sigma at the end of a word becomes σ, not ς. White space is left as it
is, since words are what it parts.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.text.columns import TextColumn, text_column

PUNCTUATION = r"[!-/:-@\[-`{-~]+"
DOTTED_CAPITAL_I = "\u0130"


def normal_column(column: TextColumn) -> TextColumn:
    """The same number of texts, in normal form."""
    texts = pc.replace_substring_regex(_array_of(column), PUNCTUATION, "")
    plain = pc.string_is_ascii(texts)
    if pc.all(plain, min_count=0).as_py():
        return text_column(pc.ascii_lower(texts))
    others = _decomposed(texts.filter(pc.invert(plain)))
    return text_column(pc.replace_with_mask(pc.ascii_lower(texts), pc.invert(plain), others))


def _decomposed(texts: pa.Array) -> pa.Array:
    """In lower case and NFD."""
    # Python writes it as two characters; a mapping of one character to one cannot.
    try:
        return pc.utf8_normalize(pc.utf8_lower(pc.replace_substring(texts, DOTTED_CAPITAL_I, "i\u0307")), form="NFD")
    except pa.ArrowInvalid:
        # Bytes that are no UTF-8, which Arrow promises: they read as U+FFFD, as kernels read them.
        rows = [row.decode("utf-8", "replace") for row in texts.cast(pa.large_binary()).to_pylist()]
        return _decomposed(pa.array(rows, pa.large_string()))


def _array_of(column: TextColumn) -> pa.Array:
    """The texts as an Arrow array over the same bytes."""
    buffers = [None, pa.py_buffer(column.offsets), pa.py_buffer(column.data)]
    return pa.LargeStringArray.from_buffers(len(column.offsets) - 1, buffers[1], buffers[2])
