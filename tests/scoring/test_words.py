"""Tokens as fastText reads them, against a slow reading of its source."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st

from corpus_forge.scoring.words import encoded_words

PIECES = st.sampled_from(
    ["a", "b", "über", "</s>", "</s>x", "__label__hq", "__label", "\0", " ", "\t", "\n", "\x1c", "\u2003", "。"]
)


def slow_tokens(text: str) -> list[bytes]:
    """What readWord and getLine of fastText do with the text as one line."""
    tokens: list[bytes] = []
    for word in text.strip().replace("\n", " ").encode().translate(bytes.maketrans(b"\t\n\v\f\r\0", b" " * 6)).split(b" "):
        if word == b"</s>":
            break
        if word and not word.startswith(b"__label__"):
            tokens.append(word)
    return [*tokens, b"</s>"]


def slow_hash(word: bytes) -> int:
    """FNV-1a of 32 bits, each byte sign-extended, as a signed number."""
    value = 2166136261
    for byte in word:
        value = ((value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


@given(st.lists(st.lists(PIECES, max_size=12).map("".join), min_size=1, max_size=5))
@cases(200)
@example(["", "a"])
def test_words_hashes_and_numbers_are_those_of_a_slow_reader(texts):
    encoded, words = encoded_words(pa.array(["cut", *texts], pa.large_string()).slice(1), min_count=2)
    expected = [slow_tokens(text) for text in texts]
    counts = Counter(word for tokens in expected for word in tokens)
    frequent = sorted((word for word in counts if counts[word] >= 2), key=lambda word: -counts[word])
    assert words.words == frequent
    assert words.counts.tolist() == [counts[word] for word in frequent]
    number = {word: place for place, word in enumerate(frequent)}
    assert encoded.ids.tolist() == [number.get(word, -1) for tokens in expected for word in tokens]
    assert encoded.hashes.tolist() == [slow_hash(word) for tokens in expected for word in tokens]
    assert np.diff(encoded.ends).tolist() == [len(tokens) for tokens in expected]


def test_the_hash_is_fnv_1a():
    """From the reference vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c."""
    encoded, _ = encoded_words(["foobar a"])
    assert encoded.hashes.view(np.uint32)[:2].tolist() == [0xBF9CF968, 0xE40C292C]
