"""How much sources have in common: documents of one whose group holds a document of another.

The matrix is not symmetric: a hundred pages of a crawl may be copies of one article of an encyclopedia, so that the crawl
has a hundred documents in common with it, and it has one with the crawl.
"""

from __future__ import annotations

import numpy as np

PIECE = 1 << 20


def overlap_matrix(groups: np.ndarray, sources: np.ndarray, count: int) -> np.ndarray:
    """int64[count, count] of uint64[n] groups and int64[n] sources, a row for each document.

    Entry [i, j] counts documents of source i whose group holds one of source j; [i, i] those whose group holds another
    document of source i itself.
    """
    matrix = np.zeros((count, count), np.int64)
    order = np.lexsort((sources, groups))
    groups, sources = groups[order], sources[order]
    begins = np.flatnonzero(_changes(groups) | _changes(sources))
    of_source, held = sources[begins], np.diff(np.append(begins, len(groups)))
    matrix[np.arange(count), np.arange(count)] = np.bincount(of_source[held > 1], held[held > 1], count)
    firsts = np.flatnonzero(_changes(groups[begins]))
    widths = np.diff(np.append(firsts, len(begins)))
    for width in np.unique(widths[widths > 1]).tolist():
        _add_pairs(matrix, firsts[widths == width][:, None] + np.arange(width), of_source, held)
    return matrix


def _add_pairs(matrix: np.ndarray, places: np.ndarray, of_source: np.ndarray, held: np.ndarray) -> None:
    """Groups of documents of as many sources each: places, int64[g, s], says where in `of_source` and `held` they are."""
    count, width = len(matrix), places.shape[1]
    at_once = max(1, PIECE // width)
    for first in range(0, len(places), at_once):
        piece = places[first : first + at_once]
        own, documents = of_source[piece], held[piece]
        for turn in range(1, width):
            other = np.roll(own, turn, axis=1)
            summed = np.bincount((own * count + other).reshape(-1), documents.reshape(-1), count * count)
            matrix += summed.astype(np.int64).reshape(count, count)


def _changes(values: np.ndarray) -> np.ndarray:
    """bool[n]: where a value differs from the one before it, the first included."""
    new = np.ones(len(values), bool)
    new[1:] = values[1:] != values[:-1]
    return new
