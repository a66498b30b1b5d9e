"""Which source a row of the training order comes from, in closed form: no generator, no index, any row by itself.

The order is cut into blocks. How many rows of source k lie before block b is a rounded multiple of its share, so shares are
met to half a row at every block border; inside a block the sources are shuffled. Shares are exact fractions of the weights as
given, so that no floating point decides a row. A phase table lets weights change: `[(0, …), (1_000_000, …)]`, each phase going
on with every source where the one before left it. The cost: a block is drawn whole (0.1 ms for 1,024 rows), and a prefix of it
meets the shares only as well as a shuffle does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

import numpy as np

from corpus_forge.errors import RequestError, nearest
from corpus_forge.tokens.order import Shuffle, stream_key

BLOCK = 1024
"""Rows in a block, or the next power of two that gives the rarest source two rows in each."""
LARGEST_BLOCK = 1 << 16
Phases = Sequence[tuple[int, Mapping[str, float]]]


@dataclass(frozen=True)
class _Phase:
    start: int
    upto: tuple[int, ...]
    """Cumulative shares as numerators; upto[0] is 0 and upto[-1] the denominator."""
    block: int
    before: np.ndarray
    """int64[sources]: rows of each source before this phase."""
    seed: int
    stream: int

    def before_block(self, number: int) -> np.ndarray:
        """int64[sources]: rows of each source in the first `number` blocks of this phase; they sum to number * block."""
        whole = self.upto[-1]
        edges = [(2 * number * self.block * share + whole) // (2 * whole) for share in self.upto]
        return np.diff(np.array(edges, np.int64))

    def draw(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(source, number inside the source counted over all phases) of each place of block `number`, int64[block] each."""
        first = self.before_block(number)
        counts = self.before_block(number + 1) - first
        source = np.repeat(np.arange(len(counts)), counts)
        source = source[Shuffle(self.block, self.seed, stream_key(self.stream, number))(np.arange(self.block))]
        inside = np.empty(self.block, np.int64)
        # Numbered in the order of the places, so that a source begins no epoch before the one before it is through.
        inside[np.argsort(source, kind="stable")] = np.arange(self.block)
        edges = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return source, inside + (self.before + first - edges)[source]


class MixtureOrder:
    """The order in which rows of several sources are drawn, without end. `names` fixes the numbers of the sources."""

    def __init__(self, names: Sequence[str], phases: Phases, seed: int) -> None:
        self.names = tuple(names)
        if not phases or phases[0][0] != 0:
            raise RequestError("mixture: the first phase must start at row 0.")
        self._phases: list[_Phase] = []
        self._block = lru_cache(maxsize=8)(lambda phase, block: self._phases[phase].draw(block))
        for number, (start, weights) in enumerate(phases):
            self._add(int(start), _shares(self.names, weights, f"mixture phase {number}"), seed)

    def locate(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Source number and number inside the source, int64[n] each, of places `rows` of the order (int64[n], each ≥ 0)."""
        rows = np.asarray(rows, np.int64)
        if len(self.names) == 1:
            return np.zeros(len(rows), np.int64), rows
        sources, inside = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
        starts = np.array([phase.start for phase in self._phases])
        which = np.searchsorted(starts, rows, "right") - 1
        for number in np.unique(which):
            phase, mine = self._phases[number], np.flatnonzero(which == number)
            block, slot = np.divmod(rows[mine] - phase.start, phase.block)
            for each in np.unique(block):
                chosen = mine[block == each]
                drawn, slots = self._block(int(number), int(each)), slot[block == each]
                sources[chosen], inside[chosen] = drawn[0][slots], drawn[1][slots]
        return sources, inside

    def counts(self, row: int) -> np.ndarray:
        """int64[sources]: rows of each source among the first `row` of the order."""
        phase = next(phase for phase in reversed(self._phases) if phase.start <= row)
        return phase.before + self._within(phase, row - phase.start)

    def _add(self, start: int, shares: list[Fraction], seed: int) -> None:
        before = np.zeros(len(self.names), np.int64)
        if self._phases:
            if start <= self._phases[-1].start:
                raise RequestError(f"mixture: phases must start one after the other; {start} follows {self._phases[-1].start}.")
            before = self.counts(start)
        denominator = math.lcm(*(share.denominator for share in shares))
        upto = (0, *accumulate(int(share * denominator) for share in shares))
        rarest = min(share for share in shares if share)
        block = max(BLOCK, 1 << math.ceil(2 / rarest - 1).bit_length())
        if block > LARGEST_BLOCK:
            raise RequestError(f"mixture: a share of {float(rarest):.2g} is too small; at least {2 / LARGEST_BLOCK:.2g}, or 0.")
        self._phases.append(_Phase(start, upto, block, before, seed, stream_key("mixture", start)))

    @staticmethod
    def _within(phase: _Phase, rows: int) -> np.ndarray:
        number, rest = divmod(rows, phase.block)
        source, _ = phase.draw(number)
        return phase.before_block(number) + np.bincount(source[:rest], minlength=len(phase.before))


def _shares(names: Sequence[str], weights: Mapping[str, float], where: str) -> list[Fraction]:
    """Weights as exact shares that sum to 1, in the order of `names`; a source that is not named has none."""
    for name in weights:
        if name not in names:
            raise RequestError(f"{where}: no source is called '{name}'. {nearest(name, names)}")
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
            raise RequestError(f"{where}: the weight of '{name}' is {weight!r}; it must be a number of at least 0.")
    given = [Fraction(weights.get(name, 0)) for name in names]
    if not sum(given):
        raise RequestError(f"{where}: no source has a weight above 0.")
    return [weight / sum(given) for weight in given]
