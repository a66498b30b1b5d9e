"""Examples for an encoder and a decoder: windows of documents, and many examples packed into one row on both sides.

A document is cut into windows (512 tokens, T5's length), and each window is an example of its own. The examples of a row stay
in one row on both sides, so no second packing is needed; the cost is padding where inputs shrank. Inputs end with the end of
text only where the document ends: nothing claims that a text is over which goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import IGNORED, Example, Interval, Pieces, RowRandom, Sequences, TokenFacts

MULTIPLE = 128
"""Targets are padded to a multiple of this, so that few shapes occur."""


class Pair(NamedTuple):
    """One example: ids of the encoder and of the targets."""

    inputs: np.ndarray
    targets: np.ndarray


Corrupt = Callable[[np.ndarray, np.random.Generator], Pair]
"""int32[n ≥ 2] of text, without the end of text, to what the encoder sees and what the decoder is to write."""


def paired(batch: TokenBatch, random: RowRandom, facts: TokenFacts, window: int, corrupt: Corrupt) -> Example:
    """The encoder sees each window whole, the decoder its own targets so far and its own window's inputs."""
    pieces, rows = Pieces.of(batch), []
    for row in range(len(batch)):
        generator, mine = random(batch, row), pieces.row == row
        spans = zip(pieces.start[mine], pieces.stop[mine], strict=True)
        windows = [batch.tokens[row, a:b].astype(np.int32) for start, stop in spans for a, b in _windows(start, stop, window)]
        rows.append([_pair(tokens, generator, facts, corrupt) for tokens in windows])
    longest = max(sum(len(pair.targets) for pair in pairs) for pairs in rows)
    most = max(sum(len(pair.inputs) for pair in pairs) for pairs in rows)
    enc_len = max(batch.tokens.shape[1], -(-most // MULTIPLE) * MULTIPLE)
    return _packed(rows, enc_len, max(1, -(-longest // MULTIPLE)) * MULTIPLE, facts)


def _windows(start: int, stop: int, window: int) -> list[tuple[int, int]]:
    """Windows of equal length, none longer than `window`."""
    parts = max(1, -(-(stop - start) // window))
    edges = np.linspace(start, stop, parts + 1).astype(np.int64)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _pair(tokens: np.ndarray, generator: np.random.Generator, facts: TokenFacts, corrupt: Corrupt) -> Pair:
    """The example of a window. One of fewer than two tokens of text has no targets."""
    ends = bool(len(tokens)) and tokens[-1] == facts.eos_id
    text = tokens[:-1] if ends else tokens
    if len(text) < 2:
        return Pair(tokens, np.zeros(0, np.int32))
    pair = corrupt(text, generator)
    end = np.array([facts.filler if facts.eos_id is None else facts.eos_id], np.int32)
    return Pair(np.concatenate([pair.inputs, tokens[-1:]]) if ends else pair.inputs, np.concatenate([pair.targets, end]))


def _packed(rows: list[list[Pair]], enc_len: int, dec_len: int, facts: TokenFacts) -> Example:
    """All examples of a row one after another, on both sides."""
    encoder, decoder = _blank(len(rows), enc_len, facts.filler), _blank(len(rows), dec_len, facts.filler)
    labels = np.full((len(rows), dec_len), IGNORED, np.int32)
    cross = Interval(np.zeros((len(rows), dec_len), np.int32), np.zeros((len(rows), dec_len), np.int32))
    for row, pairs in enumerate(rows):
        at = to = 0
        for pair in pairs:
            end, stop = at + len(pair.inputs), to + len(pair.targets)
            _write(encoder, row, at, pair.inputs, np.full(end - at, end - 1))
            _write(decoder, row, to, np.concatenate([[facts.filler], pair.targets[:-1]])[: stop - to], np.arange(to, stop))
            labels[row, to:stop] = pair.targets
            cross.first[row, to:stop], cross.last[row, to:stop] = at, end - 1
            at, to = end, stop
    return Example(decoder, labels, encoder, cross)


def _blank(rows: int, length: int, filler: int) -> Sequences:
    """Padding, each place of which sees itself."""
    here = np.tile(np.arange(length, dtype=np.int32), (rows, 1))
    return Sequences(np.full((rows, length), filler, np.int32), np.zeros_like(here), Interval(here, here.copy()))


def _write(into: Sequences, row: int, start: int, tokens: np.ndarray, last: np.ndarray) -> None:
    stop = start + len(tokens)
    into.tokens[row, start:stop] = tokens
    into.positions[row, start:stop] = np.arange(len(tokens))
    into.sees.first[row, start:stop] = start
    into.sees.last[row, start:stop] = last
