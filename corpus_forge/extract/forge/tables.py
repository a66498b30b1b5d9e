"""The constant arrays that the kernels look names and bytes up in. Imports numpy: inside functions only.

Names are found by their 64-bit FNV-1a hash alone in tables of open addressing. Two of some 400 names never share a hash (a test
checks); a foreign name is taken for one of them with a chance of 1e-16. The arrays are module globals, so that the compiler
takes them for constants.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from corpus_forge.extract.forge.lexicon import LEXICON
from corpus_forge.extract.forge.tags import ATTRIBUTES, FORMATS, KINDS, MARK_OF, MARKS, ROLES, TAGS, Kind

FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3

OTHER, LOWER, UPPER, DIGIT, HIGH, SPACE, STOP, COMMA, OPEN, REFERENCE, SEPARATOR, NUL = range(12)
"""Classes of bytes. HIGH: part of a character outside ASCII. OPEN: `<`. REFERENCE: `&`."""


def hash_name(name: str) -> int:
    """FNV-1a of a name in lower case; kernels compute the same."""
    value = FNV_OFFSET
    for byte in name.lower().encode():
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value


def byte_classes() -> np.ndarray:
    """uint8[256]."""
    classes = np.full(256, OTHER, np.uint8)
    members: dict[int, Iterable[int]] = {
        LOWER: [*range(97, 123), 95],
        UPPER: range(65, 91),
        DIGIT: range(48, 58),
        HIGH: range(128, 256),
        SPACE: b" \t\n\r\f",
        STOP: b".!?",
        COMMA: b",;:",
        SEPARATOR: b"|/\\>*",
    }
    for kind, values in members.items():
        classes[list(values)] = kind
    classes[[0, 38, 60]] = NUL, REFERENCE, OPEN
    return classes


def name_table(values: Iterable[tuple[str, int]], slots: int) -> tuple[np.ndarray, np.ndarray]:
    """(keys uint64[slots], values int64[slots]); a name that comes twice has the bits of both. Empty slots: key 0."""
    keys, found = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
    for name, value in values:
        key = hash_name(name)
        slot = key & (slots - 1)
        while keys[slot] not in (0, key):
            slot = (slot + 1) & (slots - 1)
        keys[slot] = key
        found[slot] |= value
    return keys, found


def _bit(mark: str) -> int:
    return 1 << MARKS.index(mark)


def _per_tag(value: dict[str, int], otherwise: int, dtype: type) -> np.ndarray:
    array: np.ndarray = np.full(len(TAGS) + 1, otherwise, dtype)
    for name, each in value.items():
        array[TAGS[name]] = each
    return array


CLASSES = byte_classes()
TAG_KEYS, TAG_NUMBERS = name_table(TAGS.items(), 1024)
ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS = name_table(((name, i + 1) for i, name in enumerate(ATTRIBUTES)), 128)
ROLE_KEYS, ROLE_MARKS = name_table(((role, _bit(mark)) for role, mark in ROLES.items()), 128)
WORD_KEYS, WORD_GROUPS = name_table(
    ((word, 1 << number) for number, words in enumerate(LEXICON.values()) for word in words.split()), 2048
)
KIND_OF = _per_tag({name: int(kind) for name, kind in KINDS.items()}, int(Kind.INLINE), np.uint8)
MARK_BITS = _per_tag({name: _bit(MARK_OF.get(name, name)) for name in TAGS if MARK_OF.get(name, name) in MARKS}, 0, np.int64)
IS_FORMAT = _per_tag(dict.fromkeys(FORMATS.split(), 1), 0, np.uint8)
HIDDEN = 1 << 40
"""Bit beside those of MARKS: an ancestor is hidden by an attribute."""
