"""Packing by concatenation: documents, each closed by EOS, are written one after another and cut into rows.

No token is dropped and only the last row is padded; the cost is that about a third of the documents of a web corpus are cut at
2,048 tokens. Pure numpy on whole blocks; what does not fill a row is carried to the next block, so memory is some 30 bytes a
token of what is added at once, however long the stream.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import check_seq_len


class ConcatPacker:
    """Cuts a stream of tokenized documents into rows of exactly `seq_len` tokens.

    `token_bytes` (int[vocab], UTF-8 bytes an id stands for) makes `n_bytes` exact per row wherever its sum over a document
    is the document's size; else a document's bytes are spread evenly over its tokens, and only the total is exact. EOS stands
    for no bytes, except that of a document without tokens.
    """

    def __init__(self, seq_len: int, eos_id: int, pad_id: int, dtype: np.dtype, token_bytes: np.ndarray | None = None) -> None:
        self.seq_len = check_seq_len(seq_len)
        self.eos_id, self.pad_id, self.dtype = eos_id, pad_id, np.dtype(dtype)
        self._token_bytes = token_bytes
        self._done: list[PackedRows] = []
        self._tokens = np.zeros(0, self.dtype)
        self._weights = np.zeros(0, np.uint32)
        self._starts = np.zeros(0, np.int64)
        self._uids = np.zeros(0, np.uint64)
        self._conts = np.zeros(0, bool)

    def add(self, ids: np.ndarray, offsets: np.ndarray, uids: np.ndarray, nbytes: np.ndarray) -> None:
        """Add m documents: ids uint32[n], offsets int64[m+1] into ids, uids uint64[m], nbytes int64[m] of UTF-8 text."""
        if not len(offsets) - 1 == len(uids) == len(nbytes):
            raise ValueError(f"{len(offsets) - 1} documents, {len(uids)} uids, {len(nbytes)} sizes")
        ids, offsets = ids[offsets[0] : offsets[-1]], offsets - offsets[0]
        carried = len(self._tokens)
        closed = np.insert(ids.astype(self.dtype), offsets[1:], self.eos_id)
        weights = self._weigh(ids, offsets, np.asarray(nbytes, np.int64))
        starts = carried + offsets[:-1] + np.arange(len(uids))
        self._tokens = np.concatenate([self._tokens, closed])
        self._weights = np.concatenate([self._weights, weights])
        self._starts = np.concatenate([self._starts, starts])
        self._uids = np.concatenate([self._uids, np.asarray(uids, np.uint64)])
        self._conts = np.concatenate([self._conts, np.zeros(len(uids), bool)])
        self._cut(len(self._tokens) // self.seq_len)

    def rows(self) -> PackedRows:
        """The rows completed since the last call."""
        done, self._done = self._done, []
        return PackedRows.join(done) if done else PackedRows.empty(self.seq_len, self.dtype)

    def finish(self) -> PackedRows:
        """The rows completed since the last call of `rows`, and the last one, padded; the packer starts anew."""
        valid = len(self._tokens)
        padding = -valid % self.seq_len
        if valid:
            self._tokens = np.concatenate([self._tokens, np.full(padding, self.pad_id, self.dtype)])
            self._weights = np.concatenate([self._weights, np.zeros(padding, np.uint32)])
            self._cut(1)
            self._done[-1].n_tokens[-1] = valid
        return self.rows()

    def _weigh(self, ids: np.ndarray, offsets: np.ndarray, nbytes: np.ndarray) -> np.ndarray:
        """uint32[n + m]: bytes that each token of the closed documents stands for; sums to `nbytes` in each document."""
        lengths = np.diff(offsets)
        known = np.zeros(len(ids), np.uint32) if self._token_bytes is None else self._token_bytes[ids].astype(np.uint32)
        total = np.concatenate([[0], np.cumsum(known, dtype=np.int64)])
        inexact = np.flatnonzero((np.diff(total[offsets]) != nbytes) & (lengths > 0))
        for doc in inexact:
            share = np.arange(lengths[doc] + 1) * nbytes[doc] // lengths[doc]
            known[offsets[doc] : offsets[doc + 1]] = np.diff(share)
        return np.insert(known, offsets[1:], np.where(lengths == 0, nbytes, 0))

    def _cut(self, count: int) -> None:
        """Turn the first `count` rows of the stream into a block; what is left is carried."""
        if not count:
            return
        end = count * self.seq_len
        self._begin_rows_with_pieces(np.arange(self.seq_len, min(end, len(self._tokens) - 1) + 1, self.seq_len))
        pieces = np.searchsorted(self._starts, np.arange(count + 1) * self.seq_len)
        self._done.append(
            PackedRows(
                self._tokens[:end].reshape(count, self.seq_len),
                np.full(count, self.seq_len, np.int32),
                self._weights[:end].reshape(count, self.seq_len).sum(1, dtype=np.uint32),
                pieces,
                self._starts[: pieces[-1]] % self.seq_len,
                self._uids[: pieces[-1]],
                self._conts[: pieces[-1]],
            )
        )
        self._carry(end, int(pieces[-1]))

    def _begin_rows_with_pieces(self, cuts: np.ndarray) -> None:
        """Where a cut falls inside a document, a piece begins that continues it."""
        covering = np.searchsorted(self._starts, cuts, "right") - 1
        inside = self._starts[covering] != cuts
        cuts, covering = cuts[inside], covering[inside]
        self._starts = np.insert(self._starts, covering + 1, cuts)
        self._conts = np.insert(self._conts, covering + 1, True)
        self._uids = np.insert(self._uids, covering + 1, self._uids[covering])

    def _carry(self, end: int, pieces: int) -> None:
        self._tokens, self._weights = self._tokens[end:].copy(), self._weights[end:].copy()
        self._starts = self._starts[pieces:] - end
        self._uids, self._conts = self._uids[pieces:].copy(), self._conts[pieces:].copy()
