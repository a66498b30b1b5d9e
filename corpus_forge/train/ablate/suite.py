"""The held-out suite: documents that no candidate may contain, and what a model makes of each.

A held-out document counts for nobody when it is in any candidate: by its id, where both come from the same run, or by 13 tokens
in a row (the length that GPT-3 used for words; arXiv:2005.14165, appendix C). Such documents are left out and counted; a suite
of which too much would go is refused. Hashes are 64 bits: at 10⁹ n-grams a false alarm costs a held-out document with a chance
of 10⁻¹⁰ each, and never lets one in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from corpus_forge.errors import RequestError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.tokens.source_rows import SourceRows
from corpus_forge.train.data import to_device
from corpus_forge.train.evaluate import first_rows
from corpus_forge.train.model import Transformer
from corpus_forge.train.objectives.causal import causal
from corpus_forge.train.objectives.example import IGNORED, Pieces

ROWS = 256
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Suite:
    """Held-out sources, and of each the documents that are scored: sorted uint64 ids."""

    sources: Mapping[str, SourceRows]
    kept: Mapping[str, np.ndarray]
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class DocumentScores:
    """Of each scored document of a source, in the order of their ids: nats, and bytes of text that they are spread over."""

    nats: np.ndarray
    bytes: np.ndarray

    @property
    def bits_per_byte(self) -> float:
        """Of all documents together."""
        return float(self.nats.sum() / math.log(2) / max(1, self.bytes.sum()))


def make_suite(
    held_out: Mapping[str, SourceRows], candidates: Sequence[SourceRows], max_overlap: float, ngram: int = 13
) -> Suite:
    """The suite without what candidates contain; RequestError when more than `max_overlap` of a source would go."""
    grams = {name: _grams_of(rows, ngram) for name, rows in held_out.items()}
    wanted = np.unique(np.concatenate([hashes for hashes, _ in grams.values()]))
    runs = {name: rows.dataset.index.get("run") for name, rows in held_out.items()}
    found = np.zeros(len(wanted), bool)
    ids: dict[Any, list[np.ndarray]] = {}
    for rows in candidates:
        for hashes, uids in _batches(rows, ngram):
            found[np.isin(wanted, hashes)] = True
            ids.setdefault(rows.dataset.index.get("run"), []).append(np.unique(uids))
    seen = {run: np.unique(np.concatenate(parts)) for run, parts in ids.items()}
    bad = wanted[found]
    kept, left = {}, {}
    for name, (hashes, uids) in grams.items():
        documents = np.unique(_all_uids(held_out[name]))
        hit = np.unique(uids[np.isin(hashes, bad)])
        out = np.isin(documents, hit) | np.isin(documents, seen.get(runs[name], np.zeros(0, np.uint64)))
        kept[name], left[name] = documents[~out], int(out.sum())
        if out.mean() > max_overlap:
            raise RequestError(
                f"held_out '{name}': {out.sum()} of {len(out)} documents are in a candidate; max_overlap is {max_overlap}."
                " Hold documents out before making candidates (`tokenize: {holdout: …}`), or raise max_overlap."
            )
    return Suite(held_out, kept, left)


@torch.no_grad()
def score(
    model: Transformer, suite: Suite, table: np.ndarray, device: torch.device, attention: str
) -> dict[str, DocumentScores]:
    """What a causal model gives each document of the suite. `table` is int64[vocabulary]: bytes of text of each token."""
    model.eval()
    return {name: _score(model, rows, suite.kept[name], table, device, attention) for name, rows in suite.sources.items()}


def _score(
    model: Transformer, rows: SourceRows, kept: np.ndarray, table: np.ndarray, device: torch.device, attention: str
) -> DocumentScores:
    nats, size = np.zeros(len(kept)), np.zeros(len(kept), np.int64)
    for start in range(0, len(rows), 8):
        batch = first_rows(rows, 0, start, min(len(rows), start + 8))
        example = causal(batch)
        losses = model.token_nll(to_device(example, device, attention)).double().cpu().numpy()
        number = _numbers(batch)
        scored = (example.labels != IGNORED) & (number >= 0)
        uid = batch.doc_uid[number[scored]]
        place = np.searchsorted(kept, uid).clip(max=max(0, len(kept) - 1))
        mine = kept[place] == uid if len(kept) else np.zeros(len(uid), bool)
        np.add.at(nats, place[mine], losses[scored][mine])
        np.add.at(size, place[mine], table[example.labels[scored]][mine])
    return DocumentScores(nats, size)


def open_rows(path: str, name: str, split: str | None = None) -> SourceRows:
    """All rows of a tokens folder, or those of one split."""
    dataset = TokenDataset(path)
    return SourceRows(name, dataset, dataset.shard_numbers(split=split))


def ngram_hashes(tokens: np.ndarray, piece: np.ndarray, ngram: int) -> np.ndarray:
    """uint64[n - ngram + 1]: of `ngram` tokens from each place of a flat array; 0 where they are not all of one piece."""
    if len(tokens) < ngram:
        return np.zeros(0, np.uint64)
    count = len(tokens) - ngram + 1
    wide, made = tokens.astype(np.uint64) + np.uint64(1), np.zeros(count, np.uint64)
    for offset in range(ngram):
        made = (made ^ wide[offset : offset + count]) * _MULTIPLIER
        made ^= made >> np.uint64(29)
    return np.where(piece[:count] == piece[ngram - 1 :], np.maximum(made, np.uint64(1)), np.uint64(0))


def _numbers(batch: TokenBatch) -> np.ndarray:
    """int32[b, n]: the number of the piece that each token lies in; -1 on padding."""
    pieces = Pieces.of(batch)
    return pieces.spread(pieces.number, batch.tokens.shape, np.array(-1))


def _batches(rows: SourceRows, ngram: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(hashes of n-grams, uid of the document of each) of some rows after another."""
    for start in range(0, len(rows), ROWS):
        batch = first_rows(rows, 0, start, min(len(rows), start + ROWS))
        number = _numbers(batch).ravel()
        hashes = ngram_hashes(batch.tokens.ravel(), number + (np.arange(number.size) // batch.tokens.shape[1] << 32), ngram)
        inside = (hashes != 0) & (number[: len(hashes)] >= 0)
        yield hashes[inside], batch.doc_uid[number[: len(hashes)][inside]]


def _grams_of(rows: SourceRows, ngram: int) -> tuple[np.ndarray, np.ndarray]:
    parts = list(_batches(rows, ngram))
    return np.concatenate([hashes for hashes, _ in parts]), np.concatenate([uids for _, uids in parts])


def _all_uids(rows: SourceRows) -> np.ndarray:
    return np.concatenate([uids for _, uids in rows.pieces(np.arange(len(rows)))])
