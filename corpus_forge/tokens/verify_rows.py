"""Whether the rows of a shard keep the rules of docs/token-shards.md: pieces, EOS, padding, sums, what its packing promises."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corpus_forge.tokens.shard import Shard
from corpus_forge.tokens.shuffled import MIXED


def row_findings(shard: Shard) -> Iterator[str]:
    """A sentence for each rule that is broken, with the first row that breaks it."""
    sound = list(_piece_findings(shard))
    yield from sound
    if sound:
        return
    pieces = Pieces(shard)
    yield from _sum_findings(shard, pieces)
    yield from _token_findings(shard, pieces)
    if shard.metadata.packing != MIXED:
        yield from _document_findings(shard, pieces)
    yield from _packing_findings(shard, pieces)


class Pieces:
    """All pieces of a shard whose offsets are sound: int64[m] row, start, stop; bool[m] continues; uint64[m] uid."""

    def __init__(self, shard: Shard) -> None:
        counts = np.diff(shard.piece_offsets)
        first, last = int(shard.piece_offsets[0]), int(shard.piece_offsets[-1])
        self.row = np.repeat(np.arange(len(shard)), counts)
        self.start = shard.doc_starts[first:last].astype(np.int64)
        ends = np.append(self.start[1:], 0)
        closing = shard.piece_offsets[1:] - first - 1
        ends[closing] = shard.n_tokens
        self.stop = ends
        self.uid, self.continues = shard.doc_uid[first:last], shard.doc_cont[first:last]
        self.last_token = shard.tokens[self.row, self.stop - 1]


def _piece_findings(shard: Shard) -> Iterator[str]:
    """Offsets that everything else stands on."""
    counts, starts = np.diff(shard.piece_offsets), shard.doc_starts
    seq_len = shard.metadata.seq_len
    yield from _first(shard.n_tokens < 1, "has no token")
    yield from _first(shard.n_tokens > seq_len, f"has more than {seq_len} tokens")
    yield from _first(counts < 1, "has no piece")
    if (counts < 1).any():
        return
    firsts = shard.piece_offsets[:-1]
    yield from _first(starts[firsts] != 0, "does not begin with a piece")
    within = np.ones(len(starts), bool)
    within[firsts] = False
    rows = np.repeat(np.arange(len(shard)), counts)
    ordered = np.diff(starts[firsts[0] : shard.piece_offsets[-1]].astype(np.int64), prepend=-1) > 0 if len(shard) else within
    yield from _first_row(rows, within[: len(rows)] & ~ordered, "has pieces that are empty or out of order")
    yield from _first(starts[shard.piece_offsets[1:] - 1] >= np.maximum(shard.n_tokens, 1), "has a piece in its padding")


def _sum_findings(shard: Shard, pieces: Pieces) -> Iterator[str]:
    counts = shard.counts
    sums = {
        "tokens": int(shard.n_tokens.sum(dtype=np.int64)),
        "bytes": int(shard.n_bytes.sum(dtype=np.int64)),
        "docs": int((~pieces.continues).sum()),
        "max_docs_per_row": int(np.diff(shard.piece_offsets).max(initial=0)),
    }
    for name, counted in sums.items():
        if counted != getattr(counts, name):
            yield f"its header says {name} {getattr(counts, name)}, its rows have {counted}"


def _token_findings(shard: Shard, pieces: Pieces) -> Iterator[str]:
    """Ids below the vocabulary's size, padding behind the tokens, EOS at the end of documents and nowhere else."""
    meta = shard.metadata
    yield from _first((shard.tokens >= meta.vocab_size).any(axis=1), f"has an id that is not below {meta.vocab_size}")
    behind = np.arange(meta.seq_len) >= shard.n_tokens[:, None]
    yield from _first((behind & (shard.tokens != meta.pad_id)).any(axis=1), f"has other ids than {meta.pad_id} in its padding")
    eos = (~behind & (shard.tokens == meta.eos_id)).sum(axis=1)
    closed = np.bincount(pieces.row[pieces.last_token == meta.eos_id], minlength=len(shard))
    yield from _first(eos != closed, f"has EOS ({meta.eos_id}) inside a piece")


def _document_findings(shard: Shard, pieces: Pieces) -> Iterator[str]:
    """A document's pieces: the first begins it, the others continue it, the last one alone ends with EOS."""
    order = np.argsort(pieces.uid, kind="stable")
    uid, continues, closed = (
        pieces.uid[order],
        pieces.continues[order],
        pieces.last_token[order] == shard.metadata.eos_id,
    )
    first = np.append(True, uid[1:] != uid[:-1])[: len(uid)]
    last = np.append(uid[1:] != uid[:-1], True)[-len(uid) :] if len(uid) else first
    rows = pieces.row[order]
    yield from _first_row(rows, first == continues, "has a piece that begins a document, or continues it, in the wrong place")
    yield from _first_row(rows, ~last & closed, "ends a document that goes on in a later row")
    if shard.metadata.packing != "one_per_row":
        yield from _first_row(rows, last & ~closed, "has a document that does not end with EOS")
        if shard.counts.truncated_tokens:
            yield f"{shard.counts.truncated_tokens} tokens were dropped, which {shard.metadata.packing} does not do"


def _packing_findings(shard: Shard, pieces: Pieces) -> Iterator[str]:
    """What the packing promises of rows."""
    seq_len, packing = shard.metadata.seq_len, shard.metadata.packing
    if packing == "concat":
        yield from _first(shard.n_tokens[:-1] != seq_len, "is not full, and not the last one, under `concat`")
    elif packing in ("pad", "one_per_row"):
        yield from _first(np.diff(shard.piece_offsets) != 1, f"has more than one piece under `{packing}`")
    if packing in ("best_fit", "pad"):
        _, document, parts = np.unique(pieces.uid, return_inverse=True, return_counts=True)
        length = np.bincount(document, pieces.stop - pieces.start).astype(np.int64)
        cut = parts > -(-length // seq_len)
        yield from _first_row(pieces.row, cut[document], f"has a document that is cut more than it must be under `{packing}`")


def _first(wrong: np.ndarray, what: str) -> Iterator[str]:
    """`row 7 …`, and how many there are."""
    yield from _first_row(np.arange(len(wrong)), wrong, what)


def _first_row(rows: np.ndarray, wrong: np.ndarray, what: str) -> Iterator[str]:
    found = rows[: len(wrong)][wrong]
    if len(found):
        more = f", and so do {len(found) - 1} more" if len(found) > 1 else ""
        yield f"row {found.min()} {what}{more}"
