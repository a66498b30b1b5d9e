"""How often pairs are found, by theory: the S-curve of bands, and what verification by signature takes away from it."""

from __future__ import annotations

from math import ceil, comb

import numpy as np

GRID = np.linspace(0.0, 1.0, 101)


def found_probability(
    similarities: np.ndarray, bands: int, rows: int, verify: float | None = None, by_sets: bool = False
) -> np.ndarray:
    """float64[n]: probability that pairs of these Jaccard similarities share a band and, with `verify`, pass it.

    By sets of shingles a pair passes or not; by signature both are events of the same entries, so that the probability is that
    of all signatures with `verify` of their entries equal, less those of them without a whole band. That is computed for a
    hundred similarities and drawn as lines between them.
    """
    if verify is None or by_sets:
        return (1.0 - (1.0 - similarities**rows) ** bands) * (similarities >= (verify or 0.0))
    least = ceil(verify * bands * rows - 1e-9)
    return np.interp(similarities, GRID, [_verified(s, bands, rows, least) for s in GRID.tolist()])


def _verified(similarity: float, bands: int, rows: int, least: int) -> float:
    """Probability of `least` equal entries or more of bands × rows, one band of which at least is whole."""
    band = np.array([comb(rows, equal) * similarity**equal * (1 - similarity) ** (rows - equal) for equal in range(rows + 1)])
    broken = band.copy()
    broken[rows] = 0.0
    return float(_power(band, bands)[least:].sum() - _power(broken, bands)[least:].sum())


def _power(distribution: np.ndarray, times: int) -> np.ndarray:
    """The distribution of the sum of so many draws."""
    result, square = np.ones(1), distribution
    while times:
        result = np.convolve(result, square) if times & 1 else result
        square = np.convolve(square, square) if times > 1 else square
        times >>= 1
    return result


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """(low, high) of a share with 95% confidence (Wilson 1927); all of [0, 1] without a trial."""
    if not trials:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * ((share * (1 - share) + spread / 4) / trials) ** 0.5 / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
