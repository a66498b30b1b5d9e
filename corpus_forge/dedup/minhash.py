"""MinHash signatures of texts (Broder 1997): the share of equal entries of two estimates how similar their shingles are.

Permutations are those of datasketch 2 ("affine32"): h → a·h + b modulo 2^32 with odd a, drawn by RandomState(seed), whose
stream numpy has frozen. By default a shingle's own hash is a fast rolling one; with `compatible` it is SHA-1 of the shingle's
bytes, and signatures equal datasketch's bit for bit, at a fifth of the speed. The family of datasketch 1 (modulo 2^61 - 1)
was measured too: it is slower by another factor of two and no more accurate.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

import numpy as np

from corpus_forge.dedup.folding import Folding, checked_foldings, folding_table
from corpus_forge.errors import RequestError, nearest
from corpus_forge.text.columns import Texts, text_column

VERSION = 2
"""Raise it when a signature changes for the same text and parameters: it is part of the fingerprint."""
Unit = Literal["words", "characters"]
FOLDINGS: tuple[Folding, ...] = ("lower", "punctuation")
EMPTY = 0xFFFFFFFF
"""Every entry of the signature of a text without a unit."""
COMPATIBLE = (None, "datasketch", "datasketch1")
MAX_NGRAM, MAX_PERMUTATIONS = 1000, 100_000


def minhash_signatures(
    texts: Texts,
    ngram: int = 5,
    num_perm: int = 112,
    *,
    unit: Unit = "words",
    normalize: str | Iterable[str] = FOLDINGS,
    seed: int = 1,
    compatible: str | None = None,
) -> np.ndarray:
    """uint32[n, num_perm], one row per text.

    A text is folded as `normalize` says (lower, punctuation, digits, accents; see `folding_table`) and cut into words at what
    separates them; characters of scripts without spaces are words by themselves. A shingle is `ngram` words in a row, joined
    by one space, or as many characters of the words so joined. A text with fewer has one shingle, all of it; a text with none
    at all has the signature EMPTY, and is similar to nothing.
    `compatible="datasketch"` gives `datasketch.MinHash(num_perm, seed, hashvalues=row)` of the shingles' UTF-8 bytes (scheme
    affine32, the default since 2.0), `"datasketch1"` its older scheme (legacy).
    RequestError for a parameter that cannot be.
    """
    _check(ngram, num_perm, unit, seed, compatible)
    column = text_column(texts)
    out = np.full((len(column.offsets) - 1, num_perm), EMPTY, np.uint32)
    from corpus_forge.dedup import kernels

    rules = folding_table(checked_foldings(normalize)), unit == "characters"
    affine = permutations(num_perm, seed)
    if compatible is None:
        kernels.sign(column.data, column.offsets, rules, ngram, affine, out)
    else:
        legacy = legacy_permutations(num_perm if compatible == "datasketch1" else 0, seed)
        kernels.sign_bytes(column.data, column.offsets, rules, ngram, affine, legacy, out)
    return out


@cache
def permutations(num_perm: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """uint32[num_perm] odd factors and uint32[num_perm] addends."""
    draw = np.random.RandomState(seed)
    a = draw.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, draw.randint(0, 1 << 32, num_perm, dtype=np.uint32)


@cache
def legacy_permutations(num_perm: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """uint64[num_perm] factors and uint64[num_perm] addends below 2^61 - 1, drawn in turn."""
    draw, prime = np.random.RandomState(seed), (1 << 61) - 1
    pairs = [(draw.randint(1, prime, dtype=np.uint64), draw.randint(0, prime, dtype=np.uint64)) for _ in range(num_perm)]
    a, b = np.array(pairs, np.uint64).reshape(-1, 2).T.copy()
    return a, b


def _check(ngram: int, num_perm: int, unit: str, seed: int, compatible: str | None) -> None:
    if not 1 <= ngram <= MAX_NGRAM:
        raise RequestError(f"ngram: {ngram} is not between 1 and {MAX_NGRAM}.")
    if not 1 <= num_perm <= MAX_PERMUTATIONS:
        raise RequestError(f"num_perm: {num_perm} is not between 1 and {MAX_PERMUTATIONS}.")
    if unit not in ("words", "characters"):
        raise RequestError(f"unit: '{unit}' is not known. {nearest(unit, ('words', 'characters'))}")
    if not 0 <= seed < 1 << 32:
        raise RequestError(f"seed: {seed} is not between 0 and 2^32 - 1.")
    if compatible not in COMPATIBLE:
        raise RequestError(f"compatible: '{compatible}' is not known. Use 'datasketch' or 'datasketch1', or leave it out.")
