"""The words of a classifier: numbered by how often they come, and texts as their numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.language.detect import as_lines
from corpus_forge.text.columns import Texts, text_column

END_OF_TEXT = b"</s>"
TOKENS_AT_MOST = 2**31 - 1


class Words(NamedTuple):
    """words: in order of their numbers, most frequent first. counts: int64[w]."""

    words: list[bytes]
    counts: np.ndarray


class Encoded(NamedTuple):
    """Texts as tokens: ids int32[t], -1 for a word that is too rare; hashes int32[t], fastText's; ends int64[n + 1]."""

    ids: np.ndarray
    hashes: np.ndarray
    ends: np.ndarray


def encoded_words(texts: Texts, min_count: int = 1) -> tuple[Encoded, Words]:
    """The texts as fastText reads them, and the words that come at least `min_count` times.

    Words of equal number keep the order in which they first come. Two words with one 64-bit hash are one: among ten million
    words the chance of such a pair is some 3e-6. Memory: 40 bytes a token.
    """
    from corpus_forge.scoring.token_kernel import count_tokens, read_tokens

    data, offsets = text_column(as_lines(texts, None).cast(pa.large_string()))
    most = count_tokens(data, offsets)
    keys, hashes = np.empty(most, np.uint64), np.empty(most, np.int32)
    starts, lengths = np.empty(most, np.int64), np.empty(most, np.int32)
    ends = np.empty(len(offsets), np.int64)
    found = read_tokens(data, offsets, (keys, hashes, starts, lengths), ends)
    numbers = pa.array(keys[:found]).dictionary_encode().indices.to_numpy()
    counts = np.bincount(numbers)
    by_count = np.argsort(-counts, kind="stable")
    kept = by_count[counts[by_count] >= min_count]
    new_number = np.full(len(counts), -1, np.int32)
    new_number[kept] = np.arange(len(kept), dtype=np.int32)
    first = _first_places(numbers)[kept]
    words = [_word(data, starts[place], lengths[place]) for place in first.tolist()]
    return Encoded(new_number[numbers], hashes[:found], ends), Words(words, counts[kept])


def _first_places(numbers: np.ndarray) -> np.ndarray:
    """int64[w]: where each number comes first; numbers are given in that order."""
    highest = np.maximum.accumulate(np.concatenate([[-1], numbers[:-1]])) if len(numbers) else numbers
    return np.flatnonzero(numbers > highest)


def _word(data: np.ndarray, start: int, length: int) -> bytes:
    return END_OF_TEXT if start < 0 else data[start : start + length].tobytes()
