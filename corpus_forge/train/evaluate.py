"""Nats a token and bits a byte on held-out rows, for each source.

Bits a byte compare models with different tokenizers: nats of all scored tokens, over ln 2 and the bytes of text that those
tokens stand for. The first token of a piece has nothing before it and is not scored, so its bytes do not count either; the
end of text stands for no byte, and predicting it counts. Rows are the first of the source, always the same. Objectives that
see both sides have no bits a byte: what they give is no probability of the text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.tokens.source_rows import SourceRows
from corpus_forge.train.data import to_device
from corpus_forge.train.objectives.example import IGNORED, Example
from corpus_forge.train.ranks import Ranks
from corpus_forge.train.replaced import Model


@dataclass(frozen=True)
class Score:
    """Of one source: tokens and bytes scored, nats a token, bits a byte (None without a table of bytes)."""

    tokens: int
    bytes: int
    nats_per_token: float
    bits_per_byte: float | None


class Evaluator:
    """Evaluates a model on held-out sources, the rows split over the ranks."""

    def __init__(
        self,
        sources: Mapping[str, SourceRows],
        objective: Callable[[TokenBatch], Example],
        table: np.ndarray | None,
        ranks: Ranks,
        attention: str,
    ) -> None:
        self.sources, self.objective, self.table, self.ranks, self.attention = sources, objective, table, ranks, attention

    def score(self, model: Model, tokens: int, rows: int) -> dict[str, Score]:
        """Scores over the first `tokens` tokens of each source, `rows` rows at a time."""
        was, _ = model.training, model.eval()
        try:
            with torch.no_grad():
                return {name: self._source(model, number, tokens, rows) for number, name in enumerate(self.sources)}
        finally:
            model.train(was)

    def _source(self, model: Model, number: int, tokens: int, rows: int) -> Score:
        source = list(self.sources.values())[number]
        count = min(len(source), max(1, tokens // source.seq_len))
        nats, scored, size = 0.0, 0, 0
        for batch, start in enumerate(range(0, count, rows)):
            if batch % self.ranks.world == self.ranks.rank:
                example = self.objective(first_rows(source, number, start, min(count, start + rows)))
                losses, _ = model(to_device(example, self.ranks.device, self.attention))
                nats, scored = nats + float(losses), scored + example.scored
                size += self._bytes(example)
        nats, total, size_all = self.ranks.total(nats, scored, size)
        causal = self.table is not None and model.form == "decoder" and size_all > 0
        bits = nats / math.log(2) / size_all if causal else None
        return Score(int(total), int(size_all), nats / max(1.0, total), bits)

    def _bytes(self, example: Example) -> int:
        labels = example.labels[example.labels != IGNORED]
        return 0 if self.table is None else int(self.table[labels].sum())


def first_rows(source: SourceRows, number: int, start: int, stop: int) -> TokenBatch:
    """Rows start to stop of a source as a batch, in their own order."""
    rows = np.arange(start, stop)
    tokens = np.empty((len(rows), source.seq_len), source.token_dtype)
    n_tokens, n_bytes = np.empty(len(rows), np.int32), np.empty(len(rows), np.uint32)
    pieces = source.gather(rows, rows - start, tokens, n_tokens, n_bytes)
    return TokenBatch(
        tokens=tokens,
        n_tokens=n_tokens,
        n_bytes=n_bytes,
        piece_offsets=np.cumsum([0] + [len(starts) for starts, _ in pieces]),
        doc_starts=np.concatenate([starts for starts, _ in pieces]).astype(np.int64),
        doc_uid=np.concatenate([uids for _, uids in pieces]),
        place=rows,
        source=np.full(len(rows), number),
        row=rows,
        epoch=np.zeros(len(rows), np.int64),
    )
