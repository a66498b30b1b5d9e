"""datasketch objects in and out."""

from __future__ import annotations

import numpy as np
import pytest

import corpus_forge as cf
from corpus_forge.errors import RequestError

TEXTS = ["one two three four five six", "one two three four five seven", "quite another text it is indeed"]


@pytest.mark.parametrize("compatible", ["datasketch", "datasketch1"])
def test_objects_go_both_ways_and_go_on_where_we_stopped(compatible):
    datasketch = pytest.importorskip("datasketch")
    signatures = cf.minhash_signatures(TEXTS, 3, 64, seed=7, compatible=compatible)
    objects = cf.to_datasketch(signatures, seed=7, compatible=compatible)
    np.testing.assert_array_equal(cf.from_datasketch(objects), signatures)
    assert objects[0].jaccard(objects[1]) == np.mean(signatures[0] == signatures[1])
    scheme = {"datasketch": "affine32", "datasketch1": "legacy"}[compatible]
    fresh = datasketch.MinHash(num_perm=64, seed=7, scheme=scheme)
    for shingle in ("one two three", "two three four", "three four five", "four five six"):
        fresh.update(shingle.encode())
    assert objects[0] == fresh
    objects[0].update(b"five six more")
    fresh.update(b"five six more")
    assert objects[0] == fresh


def test_objects_of_different_kinds_are_refused():
    datasketch = pytest.importorskip("datasketch")
    with pytest.raises(RequestError, match="num_perm 16, seed 1"):
        cf.from_datasketch([datasketch.MinHash(16), datasketch.MinHash(32)])
    assert cf.from_datasketch([]).shape == (0, 0)
    with pytest.raises(RequestError, match="compatible"):
        cf.to_datasketch(np.zeros((1, 4), np.uint32), compatible="rensa")
