"""Choosing by chance: a draw for each text, and what published rules make of it.

The draw belongs to the text: Philox, keyed by the seed and counted by a digest of the bytes. Files may be split, sorted or
added to, and the same texts are chosen; exact copies share their fate.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.dedup.exact import text_keys
from corpus_forge.text.columns import Texts
from corpus_forge.tokens.holdout import philox
from corpus_forge.tokens.order import stream_key

RESOLUTION = 2.0**-53


def uniform_draws(texts: Texts, seed: int) -> np.ndarray:
    """float64[n] in (0, 1): a draw for each text, by nothing but its bytes and the seed."""
    blocks = philox(text_keys(texts)[0], stream_key("sample", seed))
    return ((blocks >> np.uint64(11)).astype(np.float64) + 0.5) * RESOLUTION


def pareto_chance(scores: np.ndarray, alpha: float) -> np.ndarray:
    """The chance that numpy's pareto(alpha), which is Lomax', exceeds 1 - score: (2 - score) ** -alpha, scores cut to [0, 1].

    Source: Brown et al. 2020, appendix A, https://arxiv.org/abs/2005.14165: alpha 9 keeps mostly high scores, and some others.
    """
    return (2 - np.clip(scores, 0, 1)) ** -alpha


def gumbel_noise(draws: np.ndarray) -> np.ndarray:
    """Standard Gumbel noise: the k largest of logarithm of weight plus noise are k draws without replacement by weight.

    Source: Xie et al. 2023 (DSIR), https://arxiv.org/abs/2302.03169, after Kool et al. 2019, https://arxiv.org/abs/1903.06059.
    """
    return -np.log(-np.log(draws))
