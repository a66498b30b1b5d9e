"""Where each document's tokens go: packing as a plan over lengths, before a token is moved.

| packing | rows | documents cut | dropped |
|---|---|---|---|
| `concat` | full, all but the last | any that a row's end falls into: about a third of a web corpus at 2,048 tokens | nothing |
| `best_fit` | nearly full | only those longer than a row | nothing |
| `pad` | a document has its rows for itself | only those longer than a row | nothing |
| `one_per_row` | row i is document i | none | what does not fit into the row |

`best_fit` cuts documents longer than a row into whole rows and a rest, then packs rests and short documents by best fit,
the longest first (arXiv:2404.10830, which measures what not cutting is worth). The cost: all lengths of a shard must be known
at once, and where lengths leave no room to combine (every document a little longer than half a row) rows stay half empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.tokens.schema import check_seq_len


@dataclass(frozen=True)
class Layout:
    """Pieces in the order of documents and of the text: int64[m] each. Lengths count the EOS that closes a document.

    Piece p is tokens start[p] to start[p] + length[p] of document doc[p], at place column[p] of row[p].
    """

    seq_len: int
    rows: int
    truncated: int
    doc: np.ndarray
    start: np.ndarray
    length: np.ndarray
    row: np.ndarray
    column: np.ndarray


def lay_out(packing: str, lengths: np.ndarray, seq_len: int) -> Layout:
    """The plan for documents of int64[n] tokens, EOS included, so each at least 1. RequestError for an unknown packing."""
    check_seq_len(seq_len)
    if packing not in PACKINGS:
        raise RequestError(f"packing: '{packing}' is none of {', '.join(PACKINGS)}.")
    lengths = np.asarray(lengths, np.int64)
    if len(lengths) and lengths.min() < 1:
        raise ValueError("a document has at least its EOS")
    return PACKINGS[packing](lengths, seq_len)


def _concat(lengths: np.ndarray, seq_len: int) -> Layout:
    ends = np.cumsum(lengths)
    begins = ends - lengths
    first = begins // seq_len
    doc, turn = _repeated((ends - 1) // seq_len - first + 1)
    row = first[doc] + turn
    start = np.maximum(begins[doc], row * seq_len)
    length = np.minimum(ends[doc], (row + 1) * seq_len) - start
    rows = -(-int(lengths.sum()) // seq_len)
    return Layout(seq_len, rows, 0, doc, start - begins[doc], length, row, start - row * seq_len)


def _pad(lengths: np.ndarray, seq_len: int) -> Layout:
    doc, turn = _repeated(-(-lengths // seq_len))
    start = turn * seq_len
    length = np.minimum(lengths[doc] - start, seq_len)
    return Layout(seq_len, len(doc), 0, doc, start, length, np.arange(len(doc)), np.zeros(len(doc), np.int64))


def _one_per_row(lengths: np.ndarray, seq_len: int) -> Layout:
    kept, every, zero = np.minimum(lengths, seq_len), np.arange(len(lengths)), np.zeros(len(lengths), np.int64)
    return Layout(seq_len, len(lengths), int((lengths - kept).sum()), every, zero, kept, every, zero)


def _best_fit(lengths: np.ndarray, seq_len: int) -> Layout:
    """Whole rows of long documents, and rows of rests and short ones; in the order of the last document of each row.

    So a piece that continues a document always stands in a later row than the one before it.
    """
    full, rest = np.divmod(lengths, seq_len)
    long, turn = _repeated(full)
    short = np.flatnonzero(rest)
    bins, last = _filled_bins(rest[short], short, seq_len)
    ends = np.concatenate([long, last])
    starts = np.concatenate([turn * seq_len, full[last] * seq_len])
    rank = np.empty(len(ends), np.int64)
    rank[np.lexsort((starts, ends))] = np.arange(len(ends))
    rows = np.concatenate([rank[: len(long)], rank[len(long) :][bins]])
    doc = np.concatenate([long, short])
    start = np.concatenate([turn * seq_len, full[short] * seq_len])
    length = np.concatenate([np.full(len(long), seq_len), rest[short]])
    by_text = np.lexsort((start, doc))
    doc, start, length, rows = doc[by_text], start[by_text], length[by_text], rows[by_text]
    return Layout(seq_len, len(ends), 0, doc, start, length, rows, _columns(rows, length))


def _filled_bins(sizes: np.ndarray, docs: np.ndarray, seq_len: int) -> tuple[np.ndarray, np.ndarray]:
    """Number of the bin of each size, and the last document of each bin."""
    from corpus_forge.tokens.best_fit import best_fit

    order = np.argsort(-sizes, kind="stable")
    bins = np.empty(len(sizes), np.int64)
    bins[order], count = best_fit(sizes[order], seq_len)
    last = np.zeros(count, np.int64)
    np.maximum.at(last, bins, docs)
    return bins, last


def _columns(rows: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Where each piece begins in its row, when pieces of a row stand in the order given."""
    order = np.argsort(rows, kind="stable")
    ends = np.cumsum(length[order])
    begins = ends - length[order]
    first = np.flatnonzero(np.diff(rows[order], prepend=-1))
    columns = np.empty(len(rows), np.int64)
    columns[order] = begins - np.repeat(begins[first], np.diff(np.append(first, len(rows))))
    return columns


def _repeated(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each index as often as `counts` says, and its turn: [2, 0, 1] gives [0, 0, 2] and [0, 1, 0]."""
    index = np.repeat(np.arange(len(counts)), counts)
    return index, np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)


PACKINGS: dict[str, Callable[[np.ndarray, int], Layout]] = {
    "concat": _concat,
    "best_fit": _best_fit,
    "pad": _pad,
    "one_per_row": _one_per_row,
}
