"""The constant arrays that kernels look things up in, made once a process.

Special words and units sit in one open-addressing hash table over a blob of bytes, so that a kernel finds them without a
Python object. At most MAX_SPECIAL bytes of a word are ever hashed: that bound is what keeps word segmentation linear.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from corpus_forge.text.classes import character_classes
from corpus_forge.text.english import STOP_WORDS, special_words, units

SLOTS = 1 << 15
"""Twenty times the number of entries, so that a miss is one look at an empty slot."""
SCATTER = 0x9E3779B97F4A7C15
"""Odd, near 2^64 over the golden ratio: eight bytes times this, folded, spread over the slots."""
MAX_SPECIAL = 32
"""Bytes of the longest special word, rounded up."""

IS_SPECIAL = 1
IS_UNIT = 2
IS_JOINED = 4
"""A special word with a mark in it: joined again where the general rules cut it, as in `foo:)`."""


class Tables(NamedTuple):
    """What every word kernel takes.

    classes: uint16[0x110000] flags of classes.py. slots: int16[SLOTS] entry or -1. starts: int64[m + 1] of entries in
    blob, uint8[...]. kinds: uint8[m] of IS_SPECIAL, IS_UNIT and IS_JOINED. cuts: int64[m, 2] byte offsets at which a special
    word is cut, 0 for none. stop_words: int64[k], each word's bytes packed little-endian (at most 7).
    """

    classes: np.ndarray
    slots: np.ndarray
    starts: np.ndarray
    blob: np.ndarray
    kinds: np.ndarray
    cuts: np.ndarray
    stop_words: np.ndarray


@cache
def english_tables() -> Tables:
    """Tables of the English reading, the only one so far."""
    special = special_words()
    kinds = {word: IS_SPECIAL | (0 if word.isalnum() else IS_JOINED) for word in special}
    for unit in units():
        kinds[unit] = kinds.get(unit, 0) | IS_UNIT
    words = sorted(kinds)
    encoded = [word.encode() for word in words]
    if max(map(len, encoded)) > MAX_SPECIAL:
        raise ValueError(f"a special word is longer than {MAX_SPECIAL} bytes")
    return _frozen(
        Tables(
            classes=character_classes(),
            slots=_slots(encoded),
            starts=np.cumsum([0, *map(len, encoded)], dtype=np.int64),
            blob=np.frombuffer(b"".join(encoded), np.uint8),
            kinds=np.array([kinds[word] for word in words], np.uint8),
            cuts=np.array([_cuts(special.get(word, [word])) for word in words], np.int64),
            stop_words=np.array([packed(word) for word in STOP_WORDS], np.int64),
        )
    )


def slot_of(word: bytes) -> int:
    """First slot to look at; kernels compute the same (affixes.slot_number)."""
    value = 0
    for i in range(0, len(word), 8):
        value = ((value ^ int.from_bytes(word[i : i + 8], "little")) * SCATTER) % (1 << 64)
        value ^= value >> 32
    return value & (SLOTS - 1)


def packed(word: str) -> int:
    """Bytes of a word of at most 7 bytes as one integer, first byte lowest."""
    encoded = word.encode()
    if not 0 < len(encoded) <= 7:
        raise ValueError(f"'{word}' cannot be packed: 1 to 7 bytes")
    return int.from_bytes(encoded, "little")


def _slots(words: list[bytes]) -> np.ndarray:
    slots = np.full(SLOTS, -1, np.int16)
    for entry, word in enumerate(words):
        slot = slot_of(word)
        while slots[slot] >= 0:
            slot = (slot + 1) & (SLOTS - 1)
        slots[slot] = entry
    return slots


def _cuts(pieces: list[str]) -> tuple[int, int]:
    """Byte offsets of the first and second cut, 0 for none."""
    ends = np.cumsum([len(piece.encode()) for piece in pieces[:-1]]).tolist()
    return (*ends, 0, 0)[0], (*ends, 0, 0)[1]


def _frozen(tables: Tables) -> Tables:
    for array in tables:
        array.setflags(write=False)
    return tables
