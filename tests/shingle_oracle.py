"""Shingles and signatures the slow and obvious way."""

from __future__ import annotations

import hashlib
import re

import numpy as np

from corpus_forge.dedup.folding import ALONE, DROPPED, SEPARATES, folding_table
from corpus_forge.dedup.minhash import EMPTY, legacy_permutations, permutations

MASK = (1 << 64) - 1


def words_of(text: str, how: tuple[str, ...]) -> list[str]:
    """The folded words."""
    table, words, current = folding_table(how), [], ""
    for character in text:
        target = int(table[ord(character)])
        if target == DROPPED:
            continue
        if (target == SEPARATES or target & ALONE) and current:
            words.append(current)
            current = ""
        if target & ALONE:
            words.append(chr(target & 0x1FFFFF))
        elif target != SEPARATES:
            current += chr(target)
    return [*words, current] if current else words


def characters_of(text: str, how: tuple[str, ...]) -> str:
    """The folded characters: runs of what separates are one space, none at the ends."""
    table = folding_table(how)
    targets = (int(table[ord(character)]) for character in text)
    return " ".join("".join(" " if t == SEPARATES else chr(t & 0x1FFFFF) for t in targets if t != DROPPED).split(" ")).strip(
        " "
    )


def units_of(text: str, unit: str, how: tuple[str, ...]) -> list[str]:
    if unit == "words":
        return words_of(text, how)
    folded = characters_of(text, how)
    while "  " in folded:
        folded = folded.replace("  ", " ")
    return list(folded)


def shingles_of(text: str, ngram: int, unit: str, how: tuple[str, ...]) -> list[tuple[str, ...]]:
    units = units_of(text, unit, how)
    if len(units) < ngram:
        return [tuple(units)] if units else []
    return [tuple(units[i : i + ngram]) for i in range(len(units) - ngram + 1)]


def jaccard(
    left: str, right: str, ngram: int = 5, unit: str = "words", how: tuple[str, ...] = ("lower", "punctuation")
) -> float:
    one, two = (set(shingles_of(text, ngram, unit, how)) for text in (left, right))
    return len(one & two) / len(one | two) if one | two else 0.0


def mix(value: int) -> int:
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & MASK
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & MASK
    return value ^ (value >> 33)


def mix32(value: int) -> int:
    value ^= value >> 16
    value = value * 0x85EBCA6B & 0xFFFFFFFF
    value ^= value >> 13
    value = value * 0xC2B2AE35 & 0xFFFFFFFF
    return value ^ (value >> 16)


def unit_hash(unit: str, kind: str) -> int:
    if kind == "characters":
        return mix(ord(unit))
    value = 0xCBF29CE484222325
    for chunk in re.findall(r"[\x00-\x7f]{1,8}|[^\x00-\x7f]", unit):
        number = int.from_bytes(chunk.encode(), "little") if chunk.isascii() else ord(chunk) | 1 << 63
        value = (value ^ number) * 0xFF51AFD7ED558CCD & MASK
        value ^= value >> 32
    return mix(value)


def shingle_hash(shingle: tuple[str, ...], kind: str, compatible: str | None) -> int:
    if compatible:
        joined = ("" if kind == "characters" else " ").join(shingle).encode()
        first = int.from_bytes(hashlib.sha1(joined, usedforsecurity=False).digest()[:4], "little")
        return mix32(first) if compatible == "datasketch" else first
    value = 0
    for unit in shingle:
        value = (value * 0x9E3779B97F4A7C15 + unit_hash(unit, kind)) & MASK
    return mix(value) >> 32


def signature_of(text, ngram, num_perm, unit, how, seed, compatible) -> list[int]:
    hashes = [shingle_hash(shingle, unit, compatible) for shingle in shingles_of(text, ngram, unit, how)]
    if not hashes:
        return [EMPTY] * num_perm
    if compatible == "datasketch1":
        pairs = zip(*(column.tolist() for column in legacy_permutations(num_perm, seed)), strict=True)
        return [min((a * h + b & MASK) % ((1 << 61) - 1) & 0xFFFFFFFF for h in hashes) for a, b in pairs]
    pairs = zip(*(column.tolist() for column in permutations(num_perm, seed)), strict=True)
    return [min(a * h + b & 0xFFFFFFFF for h in hashes) for a, b in pairs]


def signatures_of(texts, *parameters) -> np.ndarray:
    return np.array([signature_of(text, *parameters) for text in texts], np.uint32).reshape(len(texts), parameters[1])
