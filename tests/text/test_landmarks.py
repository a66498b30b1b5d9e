"""Bitmaps of where lines break, white space is and characters begin, against Python's own answers; and hashes of long lines."""

from __future__ import annotations

from functools import cache

import numpy as np
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st

from corpus_forge.text.classes import BREAKS, SPACES

EVERY_SPACE = [*SPACES, *map(chr, range(0x2000, 0x200B))]
NEARLY = ["\xa1", "\u1681", "\u200b", "\u202a", "\u202e", "\u2060", "\u3001", "\x1b", "\x08", "\x0e", "é", "…", "。", "𝒳"]
PARTS = st.one_of(
    st.sampled_from(EVERY_SPACE), st.sampled_from(NEARLY), st.integers(1, 66).map(lambda size: "x" * size), st.text(max_size=3)
)
TEXTS = st.lists(PARTS, max_size=14).map("".join)


@cache
def kernels():
    """What Python cannot call, made callable."""
    from numba import njit

    from corpus_forge.text.bitmaps import BYTES
    from corpus_forge.text.hashing import hash_bytes, hash_long
    from corpus_forge.text.landmarks import breaks, count_chars, ellipses, is_ascii, spaces
    from corpus_forge.text.line_kernel import longest_word, number_of_words

    @njit
    def masks(data):
        out = np.zeros((3, len(data) // BYTES + 1), np.uint64)
        spilled = np.uint64(0)
        for block in range(out.shape[1]):
            out[0, block], spilled = spaces(data, block * BYTES, spilled)
            out[1, block], out[2, block] = breaks(data, block * BYTES), ellipses(data, block * BYTES)
        return out

    @njit
    def numbers(data, start, end):
        words, longest = number_of_words(data, start, end), longest_word(data, start, end)
        return words, longest, count_chars(data, start, end), is_ascii(data, start, end)

    @njit
    def hashes(data, start, end):
        return hash_bytes(data, start, end), hash_long(data, start, end)

    return masks, numbers, hashes


def bits(mask: np.ndarray, size: int) -> list[int]:
    """Places of the bits that are set; none may lie behind the text."""
    places = np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little")).tolist()
    assert all(place < size for place in places)
    return places


def places_of(text: str, wanted: str, whole: bool) -> list[int]:
    """Bytes at which one of the wanted characters begins, or, `whole`, all its bytes."""
    found, at = [], 0
    for character in text:
        size = len(character.encode())
        if character in wanted:
            found.extend(range(at, at + (size if whole else 1)))
        at += size
    return found


@cases(200)
@given(TEXTS)
@example("x" * 63 + "\u3000" + "y" * 61 + "\u2028" + "z")
@example("x" * 62 + "\u3000\u3000" + "\x85" * 40)
def test_masks_are_those_of_the_characters(text):
    text = text.encode("utf-8", "replace").decode()
    data = np.frombuffer(text.encode(), np.uint8)
    masks = kernels()[0](data)
    for mask, wanted, whole in zip(masks, ("".join(EVERY_SPACE), BREAKS, "…"), (True, False, False), strict=True):
        assert bits(mask, len(data)) == places_of(text, wanted, whole)


@cases(200)
@given(TEXTS, TEXTS)
@example("é" * 40 + " " + "x" * 64, " ")
@example("x" * 64 + "\u2003" + "x" * 65, "y")
def test_words_and_characters_of_a_part_are_pythons(text, behind):
    text, behind = (part.encode("utf-8", "replace").decode() for part in (text, behind))
    data, end = np.frombuffer((text + behind).encode(), np.uint8), len(text.encode())
    words = text.split()
    expected = len(words), max(map(len, words), default=0), len(text), text.isascii()
    assert kernels()[1](data, 0, end) == expected


@cases(200)
@given(st.binary(max_size=120), st.integers(0, 9))
def test_hashes_of_lines_are_those_of_words(content, start):
    data = np.frombuffer(content, np.uint8)
    short, long = kernels()[2](data, min(start, len(data)), len(data))
    assert short[0] == long[0]
