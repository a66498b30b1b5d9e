"""Predict spans that were cut out, with an encoder and a decoder: T5's span corruption, and UL2's mixture of denoisers.

A document is cut into windows (512 tokens, T5's length), and each window is an example of its own: spans are replaced by
sentinels in the inputs, and the targets are the sentinels with what they hide, then the end of text. How many tokens and
spans is fixed by the length; only where is random (`random_spans_noise_mask` in
google-research/text-to-text-transfer-transformer, t5/data/preprocessors.py; Raffel et al., arXiv:1910.10683, section 3.3).
The examples of a row stay in one row on both sides, so no second packing is needed; the cost is padding where inputs shrank.
Inputs end with the end of text only where the document ends: nothing claims that a text is over which goes on. UL2's mode
tokens are left out: tokenizers have no such ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives.example import (
    IGNORED,
    Example,
    Interval,
    Pieces,
    RowRandom,
    Sequences,
    TokenFacts,
)

MULTIPLE = 128
"""Targets are padded to a multiple of this, so that few shapes occur."""


class Denoiser(NamedTuple):
    """Share of the tokens that is hidden, and the mean length of a span; None: one span, the end of the window."""

    rate: float
    mean_span: float | None

    def counts(self, length: int) -> tuple[int, int]:
        """Hidden tokens and spans in a window of `length` ≥ 2 tokens."""
        hidden = min(max(round(length * self.rate), 1), length - 1)
        spans = 1 if self.mean_span is None else max(round(hidden / self.mean_span), 1)
        return hidden, min(spans, hidden, length - hidden)


class Pair(NamedTuple):
    """One example: ids of the encoder and of the targets."""

    inputs: np.ndarray
    targets: np.ndarray


def needed_sentinels(denoisers: Sequence[Denoiser], window: int) -> int:
    """Most spans that a window can have."""
    return max(denoiser.counts(length)[1] for denoiser in denoisers for length in (window, window - 1))


def corrupted(batch: TokenBatch, random: RowRandom, facts: TokenFacts, denoisers: Sequence[Denoiser], window: int) -> Example:
    """The encoder sees each window whole, the decoder its own targets so far and its own window's inputs."""
    pieces, rows = Pieces.of(batch), []
    for row in range(len(batch)):
        generator = random(batch, row)
        spans = [
            (start, stop) for start, stop in zip(pieces.start[pieces.row == row], pieces.stop[pieces.row == row], strict=True)
        ]
        windows = [batch.tokens[row, a:b].astype(np.int32) for start, stop in spans for a, b in _windows(start, stop, window)]
        rows.append([_pair(tokens, generator, facts, denoisers) for tokens in windows])
    longest = max(sum(len(pair.targets) for pair in pairs) for pairs in rows)
    return _packed(rows, batch.tokens.shape[1], max(1, -(-longest // MULTIPLE)) * MULTIPLE, facts)


def noise_mask(length: int, denoiser: Denoiser, generator: np.random.Generator) -> np.ndarray:
    """bool[length]: what is hidden. It begins with what is not; every span, hidden or not, has at least one token."""
    hidden, spans = denoiser.counts(length)
    mask = np.zeros(length, bool)
    if denoiser.mean_span is None:
        mask[length - hidden :] = True
        return mask
    lengths = np.stack([_parts(length - hidden, spans, generator), _parts(hidden, spans, generator)], 1).reshape(-1)
    return np.repeat(np.arange(2 * spans) % 2 == 1, lengths)


def split_spans(tokens: np.ndarray, mask: np.ndarray, sentinels: Sequence[int]) -> Pair:
    """Inputs with a sentinel in place of each span, targets with each sentinel and what it hides."""
    first = mask & ~np.concatenate([[False], mask[:-1]])
    number = np.cumsum(first) - 1
    names = np.asarray(sentinels, np.int32)
    inputs = np.where(first, names[np.maximum(number, 0)], tokens)[~mask | first]
    starts = np.flatnonzero(first)
    inside = tokens[mask]
    targets = np.insert(inside, (np.cumsum(mask) - mask)[starts], names[: len(starts)])
    return Pair(inputs.astype(np.int32), targets.astype(np.int32))


def joined(pair: Pair, sentinels: Sequence[int]) -> list[int]:
    """The tokens again: the inverse of `split_spans`."""
    names, current = set(sentinels), -1
    hidden: dict[int, list[int]] = {}
    for token in pair.targets.tolist():
        if token in names:
            current = token
            hidden[current] = []
        else:
            hidden[current].append(token)
    return [each for token in pair.inputs.tolist() for each in (hidden[token] if token in names else [token])]


def _parts(total: int, parts: int, generator: np.random.Generator) -> np.ndarray:
    """`total` cut into `parts` lengths of at least 1, every way equally likely."""
    cuts = np.sort(generator.permutation(total - 1)[: parts - 1]) + 1
    return np.diff(np.concatenate([[0], cuts, [total]]))


def _windows(start: int, stop: int, window: int) -> list[tuple[int, int]]:
    """Windows of equal length, none longer than `window`."""
    parts = max(1, -(-(stop - start) // window))
    edges = np.linspace(start, stop, parts + 1).astype(np.int64)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _pair(tokens: np.ndarray, generator: np.random.Generator, facts: TokenFacts, denoisers: Sequence[Denoiser]) -> Pair:
    """The example of a window. One of fewer than two tokens of text has no targets; two numbers are drawn all the same."""
    denoiser = denoisers[int(generator.integers(0, len(denoisers)))]
    ends = bool(len(tokens)) and tokens[-1] == facts.eos_id
    text = tokens[:-1] if ends else tokens
    if len(text) < 2:
        return Pair(tokens, np.zeros(0, np.int32))
    pair = split_spans(text, noise_mask(len(text), denoiser, generator), facts.sentinels)
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
