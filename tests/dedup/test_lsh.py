"""Bands: which signatures share a key, and how often."""

from __future__ import annotations

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup.lsh import PRESETS, band_keys, catch_probability, choose_preset, describe_curve, middle
from corpus_forge.errors import RequestError

PUBLISHED = {
    "fineweb": (0.685, 0.565, 0.924),
    "finepdfs": (0.681, 0.600, 0.974),
    "refinedweb": (0.723, 0.302, 0.995),
    "dclm": (0.721, 0.358, 0.964),
    "olmo3": (0.718, 0.405, 0.903),
    "nemo": (0.771, 0.177, 0.677),
    "slimpajama": (0.819, 0.084, 0.399),
    "redpajama_v2@0.7": (0.714, 0.438, None),
    "redpajama_v2@0.8": (0.819, 0.084, 0.399),
    "redpajama_v2@0.9": (0.921, 0.001, None),
}
"""Where half is caught, what at 0.7, what at 0.8."""


def test_every_preset_has_its_curve():
    assert set(PUBLISHED) == set(PRESETS)
    for name, (half, at_7, at_8) in PUBLISHED.items():
        preset = PRESETS[name]
        assert middle(preset.bands, preset.rows) == pytest.approx(half, abs=6e-4)
        assert catch_probability(0.7, preset.bands, preset.rows) == pytest.approx(at_7, abs=6e-4)
        if at_8:
            assert catch_probability(0.8, preset.bands, preset.rows) == pytest.approx(at_8, abs=6e-4)


def test_the_curve_in_words():
    assert describe_curve(14, 8, (0.5, 0.8)) == "pairs caught by similarity: 0.5: 5.3%, 0.8: 92.4%; half of them at 0.685"


def test_presets_by_name():
    assert choose_preset("nemo")[:4] == ("characters", 24, 20, 13)
    assert choose_preset()[:4] == ("words", 5, 14, 8)
    with pytest.raises(RequestError, match="no preset of dedup is named 'finweb'"):
        choose_preset("finweb")


@cases(100)
@given(
    signatures=st.lists(st.lists(st.integers(0, 1), min_size=7, max_size=7), max_size=8),
    shape=st.sampled_from([(1, 7), (7, 1), (3, 2), (2, 3)]),
)
def test_keys_are_equal_where_bands_are(signatures, shape):
    bands, rows = shape
    hi, lo = band_keys(np.array(signatures, np.uint32).reshape(-1, 7), bands, rows)
    content = {}
    for i, signature in enumerate(signatures):
        for band in range(bands):
            key = band, tuple(signature[band * rows : (band + 1) * rows])
            assert content.setdefault(int(hi[i, band]), key) == key
            assert content.setdefault(-1 - int(lo[i, band]), key) == key
    assert len(content) == 2 * len(set(content.values()))


def test_too_few_permutations_are_refused():
    with pytest.raises(ValueError, match="6 permutations are too few for 3 bands of 3 rows"):
        band_keys(np.zeros((1, 6), np.uint32), 3, 3)


@pytest.mark.parametrize("similarity", [0.5, 0.7, 0.8])
def test_random_pairs_are_caught_at_the_rate_of_the_curve(similarity):
    rng = np.random.Generator(np.random.Philox(7))
    pairs = 20_000
    one = rng.integers(0, 1 << 32, (pairs, 112), dtype=np.uint32)
    two = np.where(rng.random((pairs, 112)) < similarity, one, rng.integers(0, 1 << 32, (pairs, 112), dtype=np.uint32))
    (left, _), (right, _) = band_keys(one, 14, 8), band_keys(two, 14, 8)
    caught = (left == right).any(axis=1).mean()
    expected = catch_probability(similarity, 14, 8)
    assert abs(caught - expected) < 4 * (expected * (1 - expected) / pairs) ** 0.5
