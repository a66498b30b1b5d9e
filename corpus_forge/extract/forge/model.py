"""Models of the engine `forge`: arrays of numbers in one .npz file, read without pickle and looked over before kernels see
them.

Kernels do not check bounds, so that a file with numbers out of place is refused here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.catalog import digest, path_of

WORD_BUCKETS, NAME_BUCKETS, STEPS, LEAVES = 1 << 15, 1 << 14, 1024, 32


class Trees(NamedTuple):
    """An ensemble, whose sum is a block's score."""

    features: np.ndarray
    """int32[nodes]: row of the chunk that each inner node asks about, see columns.py"""
    thresholds: np.ndarray
    """float32[nodes]"""
    masks: np.ndarray
    """uint32[nodes]: leaves that stay where the feature is greater"""
    starts: np.ndarray
    """int32[trees + 1]: the nodes of each tree"""
    values: np.ndarray
    """float32[trees, LEAVES], placed by trees.leaf_slot"""


class Model(NamedTuple):
    """What the kernels need of a model."""

    words: np.ndarray
    """int8[2^15]: learned weight of each bucket of words, 1/32 each"""
    names: np.ndarray
    """int8[2^14]: the same of class words"""
    bits: np.ndarray
    """int32[m, 2]: the bits that the trees ask about, (word, bit) of columns.BITS"""
    chances: np.ndarray
    """float32[STEPS]: how often a block is text whose score falls into each step, see select.py"""
    first: Trees
    """The first look, at each block by itself"""
    second: Trees
    """The second look, which also sees what the first made of the page"""


def each(model: Model, change: Callable[[np.ndarray], np.ndarray]) -> Model:
    """The model with every array changed."""
    first, second = Trees(*map(change, model.first)), Trees(*map(change, model.second))
    return Model(change(model.words), change(model.names), change(model.bits), change(model.chances), first, second)


_TREES = {
    "features": (np.int32, (-1,)),
    "thresholds": (np.float32, (-1,)),
    "masks": (np.uint32, (-1,)),
    "starts": (np.int32, (-1,)),
    "values": (np.float32, (-1, LEAVES)),
}
_LOOKS = ("first", "second")
_FORM = {
    "words": (np.int8, (WORD_BUCKETS,)),
    "names": (np.int8, (NAME_BUCKETS,)),
    "bits": (np.int32, (-1, 2)),
    "chances": (np.float32, (STEPS,)),
    **{f"{look}_{name}": form for look in _LOOKS for name, form in _TREES.items()},
}
"""Arrays of a file, by name."""


def save(model: Model, path: Path) -> None:
    """Write the file; the same model gives the same bytes under one version of numpy and zlib."""
    arrays = {name: array for name, array in model._asdict().items() if name not in _LOOKS}
    for look in _LOOKS:
        arrays.update({f"{look}_{name}": array for name, array in getattr(model, look)._asdict().items()})
    with path.open("wb") as file:
        np.savez_compressed(file, features_version=np.array(columns.VERSION), **arrays)


def load(name: str) -> Model:
    """The model of that name, or of the file where it ends in `.npz`. RequestError for none and for a damaged one."""
    return _load(name, digest(name))


@lru_cache(maxsize=8)
def _load(name: str, _digest: str) -> Model:
    arrays = _read(name, path_of(name))
    problem = _problem(arrays)
    if problem:
        raise RequestError(f"model '{name}': {path_of(name)} is damaged: {problem}.")
    for array in arrays.values():
        array.setflags(write=False)
    return _model(arrays)


def _read(name: str, path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            version = int(file["features_version"])
            if version == columns.VERSION:
                return {key: np.ascontiguousarray(file[key]) for key in _FORM}
    except (OSError, ValueError, KeyError, EOFError, TypeError) as error:
        raise RequestError(f"model '{name}': {path} is no model of the engine forge ({error!r}).") from error
    raise RequestError(
        f"model '{name}' was trained for version {version} of the features; this release computes version"
        f" {columns.VERSION}. Train it again: python -m corpus_forge.extract.training --help"
    )


def _model(arrays: dict[str, np.ndarray]) -> Model:
    looks = {look: Trees(*(arrays[f"{look}_{name}"] for name in _TREES)) for look in _LOOKS}
    return Model(arrays["words"], arrays["names"], arrays["bits"], arrays["chances"], **looks)


def _problem(arrays: dict[str, np.ndarray]) -> str:
    for name, (kind, shape) in _FORM.items():
        array = arrays[name]
        fits = len(array.shape) == len(shape) and all(want in (-1, have) for want, have in zip(shape, array.shape, strict=True))
        if array.dtype != kind or not fits:
            return f"'{name}' is {array.dtype}{list(array.shape)}"
    model = _model(arrays)
    if not set(map(tuple, model.bits.tolist())) <= {(word, bit) for word, bit, _ in columns.BITS}:
        return "'bits' names bits that no block has"
    rows = np.arange(len(columns.NUMBERS) + len(columns.LOOK) + len(model.bits))
    is_look = (rows >= len(columns.NUMBERS)) & (rows < len(columns.NUMBERS) + len(columns.LOOK))
    if not np.isfinite(model.chances).all():
        return "a number is not finite"
    return _problem_of(model.first, rows[~is_look]) or _problem_of(model.second, rows)


def _problem_of(trees: Trees, rows: np.ndarray) -> str:
    """rows: of the chunk, that these trees may ask about."""
    nodes = len(trees.features)
    if not np.isin(trees.features, rows).all():
        return "'features' names columns that no block has"
    if not len(trees.thresholds) == len(trees.masks) == nodes or len(trees.starts) != len(trees.values) + 1:
        return "its arrays differ in length"
    if trees.starts[0] != 0 or trees.starts[-1] != nodes or (np.diff(trees.starts) < 0).any():
        return "'starts' does not share out the nodes"
    return "" if np.isfinite(trees.thresholds).all() and np.isfinite(trees.values).all() else "a number is not finite"
