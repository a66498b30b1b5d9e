"""Copies of texts that are edited until they are about as similar as asked: a span of one gives way to a span of another text.

How similar they came out is measured afterwards: an edit of f of a text leaves it with a Jaccard similarity of about
(1 - f) / (1 + f). Where the span lies and what takes its place is drawn by Philox, keyed by the text's own hash and the seed,
so that it depends neither on the order of the texts nor on how they are cut into shards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def planted_copies(texts: Sequence[str], keys: np.ndarray, similarities: Sequence[float], seed: int) -> list[tuple[int, str]]:
    """(index of the original, copy) for each text and similarity. keys: uint64[n] hashes of the texts."""
    found = []
    for number, (text, key) in enumerate(zip(texts, keys.tolist(), strict=True)):
        draws = np.random.Generator(np.random.Philox(key=[key, seed])).random((len(similarities), 3))
        for similarity, (at, who, whence) in zip(similarities, draws.tolist(), strict=True):
            span = min(len(text), round(len(text) * (1 - similarity) / (1 + similarity)))
            start = int(at * (len(text) - span + 1))
            # Another text of the list: never this one, unless it is the only one.
            donor = texts[(number + 1 + int(who * (len(texts) - 1))) % len(texts)] if len(texts) > 1 else text[::-1]
            found.append((number, text[:start] + _span(donor, span, whence) + text[start + span :]))
    return found


def _span(donor: str, length: int, whence: float) -> str:
    """So many characters of the donor, from somewhere on and around its end."""
    start = int(whence * len(donor))
    return (donor[start:] + donor * (length // max(len(donor), 1) + 1))[:length]
