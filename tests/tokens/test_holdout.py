"""Who is held out: Philox's own test vectors, the share, and that nothing but seed and key matters."""

from __future__ import annotations

import numpy as np
import pytest

from corpus_forge.tokens.holdout import held_out, philox

KEYS = np.arange(200_000, dtype=np.uint64)


def test_blocks_are_those_of_the_reference_implementation() -> None:
    """Random123, kat_vectors: philox4x32 10 with counter and key 0."""
    (block,) = philox(np.zeros(1, np.uint64), 0)
    assert int(block) == 0x6627E8D5 | 0xE169C58D << 32


@pytest.mark.parametrize("share", [0.0, 0.005, 0.5, 1.0])
def test_the_share_is_met_within_four_standard_deviations(share) -> None:
    assert abs(held_out(KEYS, share, 3).mean() - share) <= 4 * np.sqrt(share * (1 - share) / len(KEYS))


def test_the_answer_is_each_key_s_own_and_grows_with_the_share() -> None:
    some = held_out(KEYS, 0.1, 3)
    order = np.random.Generator(np.random.Philox(1)).permutation(len(KEYS))
    assert np.array_equal(held_out(KEYS[order], 0.1, 3), some[order])
    assert held_out(KEYS, 0.2, 3)[some].all()
    assert (held_out(KEYS, 0.1, 4) != some).any()
