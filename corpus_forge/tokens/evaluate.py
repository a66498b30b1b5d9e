"""How well tokenizers fit texts: bytes a token, tokens a word, what they do not know and do not bring back.

| figure | meaning |
|---|---|
| `bytes_per_token` | UTF-8 bytes of text behind a token: the more, the shorter the same text (compression) |
| `fertility` | tokens a word (Rust et al., arXiv:2012.15613); words as the signal `word_count` has them, punctuation too |
| `unknown` | share of tokens that are the unknown token |
| `lossless` | share of documents whose tokens decode to the same text |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.tokens.tokenizer import TextTokenizer

WORDS = "word_count"


class Group(NamedTuple):
    """Texts of one source and language."""

    source: str
    language: str
    texts: Sequence[str]


def evaluate(tokenizers: Mapping[str, TextTokenizer], groups: Sequence[Group]) -> list[dict[str, Any]]:
    """One row for each group and tokenizer, then one over all groups, whose source and language are `*`."""
    rows = []
    sums: dict[str, np.ndarray] = {name: np.zeros(6, np.int64) for name in tokenizers}
    for group in groups:
        words = _words(group.texts)
        for name, tokenizer in tokenizers.items():
            counts = np.array([*_counts(tokenizer, group.texts), words], np.int64)
            sums[name] += counts
            rows.append(_row(group.source, group.language, name, counts))
    return rows + [_row("*", "*", name, counts) for name, counts in sums.items()]


def _counts(tokenizer: TextTokenizer, texts: Sequence[str]) -> tuple[int, ...]:
    """Documents, bytes, tokens, unknown tokens, documents that survive."""
    encoded = tokenizer.encode(texts)
    unknown = tokenizer.vocabulary.unknown_id
    ids = np.split(encoded.ids, encoded.offsets[1:-1])
    same = sum(tokenizer.decode(each) == text for each, text in zip(ids, texts, strict=True))
    missed = 0 if unknown is None else int((encoded.ids == unknown).sum())
    return len(texts), sum(len(text.encode()) for text in texts), len(encoded.ids), missed, same


def _row(source: str, language: str, name: str, counts: np.ndarray) -> dict[str, Any]:
    documents, size, tokens, unknown, same, words = (int(count) for count in counts)
    figures = {"bytes_per_token": _ratio(size, tokens), "fertility": _ratio(tokens, words)}
    shares = {"unknown": _ratio(unknown, tokens), "lossless": _ratio(same, documents)}
    place = {"source": source, "language": language, "tokenizer": name}
    return {**place, "documents": documents, "bytes": size, "words": words, "tokens": tokens, **figures, **shares}


def _words(texts: Sequence[str]) -> int:
    from corpus_forge.text.signals import signals

    return int(signals(pa.array(texts, pa.large_string()), [WORDS]).column(0).to_numpy().sum())


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
