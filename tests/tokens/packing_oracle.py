"""Packing as one would explain it: token by token, bin by bin, slowly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus_forge.tokens.rows import PackedRows

EOS, PAD, LENGTH = 7, 9, 128
TOKEN_BYTES = np.arange(300, dtype=np.uint16) % 5
Document = tuple[int, list[int], int]
"""uid, ids, bytes of text"""
Piece = tuple[int, int, int]
"""number of the document, first token, one past the last token; EOS counts"""


def places_slowly(packing: str, lengths: Sequence[int], room: int = LENGTH) -> list[list[Piece]]:
    """The pieces of each row; lengths count the EOS."""
    chunks = [[(doc, at, min(at + room, size)) for at in range(0, size, room)] for doc, size in enumerate(lengths)]
    if packing == "pad":
        return [[piece] for pieces in chunks for piece in pieces]
    if packing == "one_per_row":
        return [pieces[:1] for pieces in chunks]
    if packing == "best_fit":
        return _best_fit(chunks, room)
    stream = [(doc, place) for doc, size in enumerate(lengths) for place in range(size)]
    rows = []
    for first in range(0, len(stream), room):
        part = stream[first : first + room]
        docs = sorted({doc for doc, _ in part})
        spans = [[place for other, place in part if other == doc] for doc in docs]
        rows.append([(doc, span[0], span[-1] + 1) for doc, span in zip(docs, spans, strict=True)])
    return rows


def _best_fit(chunks: list[list[Piece]], room: int) -> list[list[Piece]]:
    """Every row with room is looked at for every piece; among equally full ones the one added to last is taken."""
    rows = [[piece] for pieces in chunks for piece in pieces if piece[2] - piece[1] == room]
    rests = [piece for pieces in chunks for piece in pieces if piece[2] - piece[1] < room]
    open_rows: list[dict] = []
    for time, piece in enumerate(sorted(rests, key=lambda piece: -(piece[2] - piece[1]))):
        size = piece[2] - piece[1]
        fitting = [row for row in open_rows if row["left"] >= size]
        chosen = min(fitting, key=lambda row: (row["left"], -row["time"]), default=None)
        if chosen is None:
            chosen = {"left": room, "pieces": []}
            open_rows.append(chosen)
        chosen["pieces"].append(piece)
        chosen["left"] -= size
        chosen["time"] = time
    rows += [sorted(row["pieces"]) for row in open_rows]
    return sorted(rows, key=lambda pieces: pieces[-1][:2])


def document_bytes(ids: list[int], size: int) -> list[int]:
    """Bytes of each token and of the EOS of one document."""
    exact = [int(TOKEN_BYTES[token]) for token in ids]
    if not ids:
        return [size]
    if sum(exact) != size:
        exact = [size * (k + 1) // len(ids) - size * k // len(ids) for k in range(len(ids))]
    return [*exact, 0]


def pack_slowly(packing: str, documents: list[Document]) -> list[dict]:
    """One dict a row."""
    closed = [[*ids, EOS] for _, ids, _ in documents]
    weights = [document_bytes(ids, size) for _, ids, size in documents]
    rows = []
    for pieces in places_slowly(packing, [len(ids) for ids in closed]):
        tokens, found, size = [], [], 0
        for doc, first, stop in pieces:
            found.append((len(tokens), documents[doc][0], first > 0))
            tokens += closed[doc][first:stop]
            size += sum(weights[doc][first:stop])
        padded = tokens + [PAD] * (LENGTH - len(tokens))
        rows.append({"tokens": padded, "n_tokens": len(tokens), "n_bytes": size, "pieces": found})
    return rows


def as_dicts(rows: PackedRows) -> list[dict]:
    """The same of what was packed."""
    found = []
    for index in range(len(rows)):
        span = slice(rows.piece_offsets[index], rows.piece_offsets[index + 1])
        pieces = zip(rows.doc_starts[span].tolist(), rows.doc_uid[span].tolist(), rows.doc_cont[span].tolist(), strict=True)
        values = {"tokens": rows.tokens[index].tolist(), "n_tokens": int(rows.n_tokens[index])}
        found.append({**values, "n_bytes": int(rows.n_bytes[index]), "pieces": list(pieces)})
    return found
