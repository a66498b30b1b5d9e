"""What two texts may differ in and still be the same to fuzzy deduplication: one table over all code points.

`table[code_point]` is the character it counts as, SEPARATES where a word ends, or DROPPED. So a kernel pays one look-up a
character whatever was asked for, and no folded copy of a text is ever made. The cost is 4.4 MB a set of foldings.
Which character is what comes from pyarrow (RE2 and utf8proc), whose Unicode version does not change with Python's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.errors import RequestError, nearest
from corpus_forge.text.classes import CODE_POINTS, SPACE, character_classes

Folding = Literal["lower", "punctuation", "digits", "accents"]
SEPARATES = 0
DROPPED = 0xFFFFFFFF
ALONE = 1 << 31
"""Flag: a word by itself. Scripts that put no spaces between words: from space to space a Chinese word is a paragraph."""
ALONE_RANGES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x20000, 0x323AF),
)  # fmt: skip
"""Thai and Lao, Myanmar, Khmer, kana, Han."""
_SURROGATES = slice(0xD800, 0xE000)


def checked_foldings(how: str | Iterable[str]) -> tuple[Folding, ...]:
    """In the order of `Folding`, each once; RequestError with the nearest name for one that does not exist."""
    names = {how} if isinstance(how, str) else set(how)
    known: tuple[Folding, ...] = get_args(Folding)
    unknown = sorted(map(str, names - set(known)))
    if unknown:
        raise RequestError(f"normalize: '{unknown[0]}' is not known. {nearest(unknown[0], known)}")
    return tuple(name for name in known if name in names)


@cache
def folding_table(how: tuple[Folding, ...]) -> np.ndarray:
    """uint32[0x110000], read-only.

    `lower`: lower case, one code point for one. `punctuation`: whatever is no letter, mark or number separates words, as
    white space and NUL always do. `digits`: every decimal digit counts as 0. `accents`: marks are dropped, and a letter that
    is composed with marks counts as the bare letter (ü as u).
    """
    characters = _characters()
    folded = pc.utf8_lower(characters) if "lower" in how else characters
    if "accents" in how:
        folded = _bare(folded)
    table = np.zeros(CODE_POINTS, np.uint32)
    table[_places()] = _code_points(folded)
    if "digits" in how:
        table[_matching(r"\p{Nd}")] = ord("0")
    for first, last in ALONE_RANGES:
        table[first : last + 1] |= np.uint32(ALONE)
    if "accents" in how:
        table[_matching(r"\p{Mn}")] = DROPPED
    if "punctuation" in how:
        table[_matching(r"[^\p{L}\p{M}\p{N}]")] = SEPARATES
    table[(character_classes() & SPACE) != 0] = SEPARATES
    table.setflags(write=False)
    return table


@cache
def wordpunct_table() -> np.ndarray:
    """uint32[0x110000], read-only: lower case, and what is no letter, mark, number or `_` is a word by itself.

    As NLTK's WordPunctTokenizer cuts, but that there a run of marks is one token and a run of Han characters is one.
    """
    table = folding_table(("lower",)).copy()
    alone = _matching(r"[^\p{L}\p{M}\p{N}_]") & (table != SEPARATES)
    table[alone] |= np.uint32(ALONE)
    table.setflags(write=False)
    return table


@cache
def _places() -> np.ndarray:
    """int64[n]: all code points that text can hold."""
    return np.delete(np.arange(CODE_POINTS), _SURROGATES)


@cache
def _characters() -> pa.Array:
    """Each of them as a string."""
    text = _places().astype("<u4").tobytes().decode("utf-32-le").encode()
    data = np.frombuffer(text, np.uint8)
    starts = np.append(np.flatnonzero((data & 0xC0) != 0x80), len(data)).astype(np.int32)
    return pa.StringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(text))


def _code_points(characters: pa.Array) -> np.ndarray:
    """The first code point of each; a million strings of Python would take 100 MB."""
    first = pc.utf8_slice_codeunits(characters, 0, 1)
    _, ends, data = first.buffers()
    text = data[: int(np.frombuffer(ends, np.int32)[len(first)])].to_pybytes()
    return np.frombuffer(text.decode().encode("utf-32-le"), "<u4")


def _matching(characters: str) -> np.ndarray:
    """bool[0x110000]: the code points in this class of RE2."""
    found = np.zeros(CODE_POINTS, bool)
    found[_places()] = pc.match_substring_regex(_characters(), f"^(?s:{characters})$").to_numpy(zero_copy_only=False)
    return found


def _bare(characters: pa.Array) -> pa.Array:
    """Letters without the marks they are composed with; what does not fall into one character and marks stays (Hangul)."""
    apart = pc.utf8_normalize(characters, "NFD")
    composed = pc.match_substring_regex(apart, r"^(?s:.)\p{Mn}+$")
    return pc.if_else(composed, apart, characters)
