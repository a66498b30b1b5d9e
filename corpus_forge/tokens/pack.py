"""Packing: documents, each closed by EOS, into rows of exactly `seq_len` tokens. layout.py says who goes where.

All lengths first, then the tokens block by block: rows are allocated once and every token is moved once, so memory is that of
the rows. `pack` is the same in one call.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.tokens.layout import Layout, lay_out
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import MAX_TOKENS


class Packer:
    """Fills the rows of a layout. Documents come by `add`, in the order of the lengths that the layout was made of.

    `token_bytes` (uint[vocab], UTF-8 bytes an id stands for) makes `n_bytes` exact per row wherever its sum over a document
    is the document's size; else a document's bytes are spread evenly over its tokens, and only the total is exact. RequestError
    when the rows do not fit into one shard.
    """

    def __init__(
        self, layout: Layout, eos_id: int, pad_id: int, dtype: np.dtype, token_bytes: np.ndarray | None = None
    ) -> None:
        self.layout, self.eos_id = layout, eos_id
        if layout.rows * layout.seq_len > MAX_TOKENS:
            raise RequestError(
                f"{layout.rows:,} rows of {layout.seq_len:,} tokens, padding included, are more than one shard holds"
                f" ({MAX_TOKENS:,} tokens). Pack by best_fit or concat, or give the source a smaller split_size."
            )
        self._token_bytes = np.zeros(0, np.uint16) if token_bytes is None else np.ascontiguousarray(token_bytes)
        self._rows = np.full((layout.rows, layout.seq_len), pad_id, np.dtype(dtype))
        self._bytes = np.zeros(layout.rows, np.uint32)
        self._uids: list[np.ndarray] = []
        self._docs = 0

    def add(
        self, ids: np.ndarray, offsets: np.ndarray, uids: np.ndarray, nbytes: np.ndarray, chosen: np.ndarray | None = None
    ) -> None:
        """Add b documents: ids uint[n], offsets int64[b + 1] into ids, uids uint64[b], nbytes int64[b] of UTF-8 text.

        `chosen` (int64[c], ascending) are the ones to add; all by default.
        """
        from corpus_forge.tokens.fill import fill

        if not len(offsets) - 1 == len(uids) == len(nbytes):
            raise ValueError(f"{len(offsets) - 1} documents, {len(uids)} uids, {len(nbytes)} sizes")
        chosen = np.arange(len(uids)) if chosen is None else chosen
        plan = self.layout
        first, last = np.searchsorted(plan.doc, [self._docs, self._docs + len(chosen)])
        some = slice(first, last)
        places = (plan.start[some], plan.length[some], plan.row[some], plan.column[some])
        documents = (ids, np.asarray(offsets, np.int64), np.asarray(nbytes, np.int64), chosen, plan.doc[some] - self._docs)
        fill(*documents, *places, self.eos_id, self._token_bytes, self._rows, self._bytes)
        self._uids.append(np.asarray(uids, np.uint64)[chosen])
        self._docs += len(chosen)

    def finish(self) -> PackedRows:
        """All rows; ValueError when documents are missing."""
        plan, uids = self.layout, np.concatenate([np.zeros(0, np.uint64), *self._uids])
        if len(uids) != (plan.doc[-1] + 1 if len(plan.doc) else 0):
            raise ValueError(f"{len(uids)} documents were added to a layout of {plan.doc[-1] + 1 if len(plan.doc) else 0}")
        order = np.lexsort((plan.column, plan.row))
        return PackedRows(
            self._rows,
            np.bincount(plan.row, plan.length, plan.rows).astype(np.int32),
            self._bytes,
            np.searchsorted(plan.row[order], np.arange(plan.rows + 1)),
            plan.column[order],
            uids[plan.doc[order]],
            plan.start[order] > 0,
            plan.truncated,
        )


def pack(  # noqa: PLR0913 - the columns of documents, and what rows are made with
    packing: str,
    ids: np.ndarray,
    offsets: np.ndarray,
    uids: np.ndarray,
    nbytes: np.ndarray,
    *,
    seq_len: int,
    eos_id: int,
    pad_id: int,
    dtype: np.dtype,
    token_bytes: np.ndarray | None = None,
) -> PackedRows:
    """Rows of documents in memory; columns as for `Packer.add`."""
    layout = lay_out(packing, np.diff(offsets) + 1, seq_len)
    packer = Packer(layout, eos_id, pad_id, dtype, token_bytes)
    packer.add(ids, offsets, uids, nbytes)
    return packer.finish()
