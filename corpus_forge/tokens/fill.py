"""The kernel that moves tokens: from documents as they were encoded to their places in rows.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.kernel import inner, kernel


@kernel
def fill(ids, offsets, nbytes, chosen, doc, start, length, row, column, eos, token_bytes, rows, row_bytes):  # noqa: PLR0913, PLR0917
    """Write the pieces of some documents into rows[n, seq_len], and add what they stand for to row_bytes[n].

    ids: uint[k] of a batch, offsets: int64[b + 1] into it, nbytes: int64[b]. chosen: int64[c], documents of the batch that are
    packed; doc: int64[m] counts them from 0. token_bytes: uint[vocab] or empty. A piece's bytes are those of its tokens where
    they sum to the document's size, else its even share; EOS stands for none, except that of a document without tokens.
    """
    exact, known = False, -1
    for piece in range(len(doc)):
        which = chosen[doc[piece]]
        first, size, begin = offsets[which], offsets[which + 1] - offsets[which], start[piece]
        if which != known:
            exact, known = _stands_for(ids, first, size, token_bytes) == nbytes[which], which
        count = min(length[piece], size - begin)
        for place in range(count):
            rows[row[piece], column[piece] + place] = ids[first + begin + place]
        if begin + length[piece] == size + 1:
            rows[row[piece], column[piece] + count] = eos
        if size == 0:
            row_bytes[row[piece]] += nbytes[which]
        elif exact:
            row_bytes[row[piece]] += _stands_for(ids, first + begin, count, token_bytes)
        else:
            row_bytes[row[piece]] += (begin + count) * nbytes[which] // size - begin * nbytes[which] // size


@inner
def _stands_for(ids, first, count, token_bytes):
    """Bytes of text of some ids by the table; -1 without one."""
    if len(token_bytes) == 0:
        return -1
    total = 0
    for place in range(first, first + count):
        total += token_bytes[ids[place]]
    return total
