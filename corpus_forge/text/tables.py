"""The constant arrays that kernels look things up in, made once a process.

Special words and units sit in one open-addressing hash table over a blob of bytes, so that a kernel finds them without a
Python object. At most MAX_SPECIAL bytes of a word are ever hashed: that bound is what keeps word segmentation linear.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from corpus_forge.text.classes import character_classes
from corpus_forge.text.english import STOP_WORDS, special_words, units
from corpus_forge.text.splitters import Words, splitter_number

SLOTS = 1 << 15
"""Twenty times the number of entries, so that a miss is one look at an empty slot."""
SCATTER = 0x9E3779B97F4A7C15
"""Odd, near 2^64 over the golden ratio: eight bytes times this, folded, spread over the slots."""
FILTER_BITS = 15
"""Of the filter: with 1,400 entries, one word in 24 that is none passes."""
STOP_SLOTS_BITS = 5
"""Of the table of stop words: the least that keeps their slots apart."""
PACKED_LENGTH = 58
"""The bit at which a packed word's length begins: above its seven bytes, and so that stop words keep their slots apart."""
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
    word is cut, 0 for none. filter: uint64[512], a bit for each entry, so that most words need no more than that. stop_words:
    int64[32], as `packed`, each at its own slot, else 0. breaks: uint8[0x110000], kinds of word_breaks.py.
    splitter: what a word is, by splitters.py.
    """

    classes: np.ndarray
    slots: np.ndarray
    starts: np.ndarray
    blob: np.ndarray
    kinds: np.ndarray
    cuts: np.ndarray
    filter: np.ndarray
    stop_words: np.ndarray
    breaks: np.ndarray
    splitter: int


@cache
def english_tables(words: Words = "default") -> Tables:
    """Tables of the English reading, the only one so far; RequestError for other `words` than splitters.py knows.

    The arrays are the same for all `words`.
    """
    if words != "default":
        return english_tables()._replace(splitter=splitter_number(words))
    from corpus_forge.text.word_breaks import break_classes

    special = special_words()
    kinds = {word: IS_SPECIAL | (0 if word.isalnum() else IS_JOINED) for word in special}
    for unit in units():
        kinds[unit] = kinds.get(unit, 0) | IS_UNIT
    entries = sorted(kinds)
    encoded = [word.encode() for word in entries]
    if max(map(len, encoded)) > MAX_SPECIAL:
        raise ValueError(f"a special word is longer than {MAX_SPECIAL} bytes")
    return _frozen(
        Tables(
            classes=character_classes(),
            slots=_slots(encoded),
            starts=np.cumsum([0, *map(len, encoded)], dtype=np.int64),
            blob=np.frombuffer(b"".join(encoded), np.uint8),
            kinds=np.array([kinds[word] for word in entries], np.uint8),
            cuts=np.array([_cuts(special.get(word, [word])) for word in entries], np.int64),
            filter=_filter(encoded),
            stop_words=_stop_slots([packed(word) for word in STOP_WORDS]),
            breaks=break_classes(),
            splitter=splitter_number(words),
        )
    )


def slot_of(word: bytes) -> int:
    """First slot to look at; kernels compute the same (affixes.slot_number)."""
    value = 0
    for i in range(0, len(word), 8):
        value = ((value ^ int.from_bytes(word[i : i + 8], "little")) * SCATTER) % (1 << 64)
        value ^= value >> 32
    return value & (SLOTS - 1)


def filter_bit(word: bytes) -> int:
    """Its bit in the filter, by its first eight bytes and its length; kernels compute the same (affixes.may_be_known)."""
    value = int.from_bytes(word[:8], "little") ^ (len(word) << 56)
    return (value * SCATTER % (1 << 64)) >> (64 - FILTER_BITS)


def stop_slot(value: int) -> int:
    """Slot of a packed word; kernels compute the same (split.stop_word_bit)."""
    return (value * SCATTER % (1 << 64)) >> (64 - STOP_SLOTS_BITS)


def packed(word: str) -> int:
    """Bytes of a word of at most 7 bytes as one integer, first byte lowest, their number on top: NULs behind a word are no part
    of it.
    """
    encoded = word.encode()
    if not 0 < len(encoded) <= 7:
        raise ValueError(f"'{word}' cannot be packed: 1 to 7 bytes")
    return int.from_bytes(encoded, "little") | len(encoded) << PACKED_LENGTH


def _slots(words: list[bytes]) -> np.ndarray:
    slots = np.full(SLOTS, -1, np.int16)
    for entry, word in enumerate(words):
        slot = slot_of(word)
        while slots[slot] >= 0:
            slot = (slot + 1) & (SLOTS - 1)
        slots[slot] = entry
    return slots


def _filter(words: list[bytes]) -> np.ndarray:
    bits = np.zeros(1 << FILTER_BITS, np.uint8)
    bits[[filter_bit(word) for word in words]] = 1
    return np.packbits(bits, bitorder="little").view(np.uint64)


def _stop_slots(values: list[int]) -> np.ndarray:
    """No two words may share a slot."""
    slots = np.zeros(1 << STOP_SLOTS_BITS, np.int64)
    slots[[stop_slot(value) for value in values]] = values
    if np.count_nonzero(slots) != len(values):
        raise ValueError("two stop words share a slot: there must be more")
    return slots


def _cuts(pieces: list[str]) -> tuple[int, int]:
    """Byte offsets of the first and second cut, 0 for none."""
    first, second, *_ = [*accumulate(len(piece.encode()) for piece in pieces[:-1]), 0, 0]
    return first, second


def _frozen(tables: Tables) -> Tables:
    for array in tables[:-1]:
        array.setflags(write=False)
    return tables
