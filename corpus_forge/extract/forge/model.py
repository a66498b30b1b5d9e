"""Models of the engine `forge`: arrays of numbers in one .npz file, read without pickle and looked over before kernels see
them.

Kernels do not check bounds, so that a file with numbers out of place is refused here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.catalog import digest, path_of

WORD_BUCKETS, NAME_BUCKETS, STEPS, LEAVES = 1 << 15, 1 << 14, 1024, 32


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
    features: np.ndarray
    """int32[nodes]: row of the chunk that each inner node asks about; numbers first, then bits"""
    thresholds: np.ndarray
    """float32[nodes]"""
    masks: np.ndarray
    """uint32[nodes]: leaves that stay where the feature is greater"""
    starts: np.ndarray
    """int32[trees + 1]: the nodes of each tree"""
    values: np.ndarray
    """float32[trees, LEAVES], placed by trees.leaf_slot"""


_FORM = {
    "words": (np.int8, (WORD_BUCKETS,)),
    "names": (np.int8, (NAME_BUCKETS,)),
    "bits": (np.int32, (-1, 2)),
    "chances": (np.float32, (STEPS,)),
    "features": (np.int32, (-1,)),
    "thresholds": (np.float32, (-1,)),
    "masks": (np.uint32, (-1,)),
    "starts": (np.int32, (-1,)),
    "values": (np.float32, (-1, LEAVES)),
}


def save(model: Model, path: Path) -> None:
    """Write the file; the same model gives the same bytes under one version of numpy and zlib."""
    with path.open("wb") as file:
        np.savez_compressed(file, features_version=np.array(columns.VERSION), **model._asdict())


def load(name: str) -> Model:
    """The model of that name, or of the file where it ends in `.npz`. RequestError for none and for a damaged one."""
    return _load(name, digest(name))


@lru_cache(maxsize=8)
def _load(name: str, _digest: str) -> Model:
    path = path_of(name)
    try:
        with np.load(path, allow_pickle=False) as file:
            version = int(file["features_version"])
            arrays = {key: np.ascontiguousarray(file[key]) for key in _FORM}
    except (OSError, ValueError, KeyError, EOFError, TypeError) as error:
        raise RequestError(f"model '{name}': {path} is no model of the engine forge ({error!r}).") from error
    if version != columns.VERSION:
        raise RequestError(
            f"model '{name}' was trained for version {version} of the features; this release computes version"
            f" {columns.VERSION}. Train it again: python -m corpus_forge.extract.training --help"
        )
    problem = _problem(arrays)
    if problem:
        raise RequestError(f"model '{name}': {path} is damaged: {problem}.")
    for array in arrays.values():
        array.setflags(write=False)
    return Model(**arrays)


def _problem(arrays: dict[str, np.ndarray]) -> str:
    for name, (kind, shape) in _FORM.items():
        array = arrays[name]
        fits = len(array.shape) == len(shape) and all(want in (-1, have) for want, have in zip(shape, array.shape, strict=True))
        if array.dtype != kind or not fits:
            return f"'{name}' is {array.dtype}{list(array.shape)}"
    model = Model(**arrays)
    known = {(word, bit) for word, bit, _ in columns.BITS}
    nodes = len(model.features)
    if not set(map(tuple, model.bits.tolist())) <= known:
        return "'bits' names bits that no block has"
    if nodes and not (model.features.min() >= 0 and model.features.max() < len(columns.NUMBERS) + len(model.bits)):
        return "'features' names columns that no block has"
    if not len(model.thresholds) == len(model.masks) == nodes or len(model.starts) != len(model.values) + 1:
        return "its arrays differ in length"
    if model.starts[0] != 0 or model.starts[-1] != nodes or (np.diff(model.starts) < 0).any():
        return "'starts' does not share out the nodes"
    finite = all(np.isfinite(array).all() for array in (model.thresholds, model.values, model.chances))
    return "" if finite else "a number is not finite"
