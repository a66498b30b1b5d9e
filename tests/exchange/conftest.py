"""Corpora and a tokenizer for the tests beside this file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from exchange_corpus import write_corpus

from corpus_forge.tokens.tokenizer import TextTokenizer, load_tokenizer
from corpus_forge.tokens.train import train_bpe


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Callable[..., Path]:
    return lambda packing="concat", **changes: write_corpus(tmp_path / f"tokens-{packing}", packing, **changes)


@pytest.fixture(scope="session")
def trained() -> bytes:
    return train_bpe(["the quick brown fox jumps over the lazy dog " * 20, "é ü 漢字 🙂"], 600)


@pytest.fixture(scope="session")
def tokenizer(trained: bytes) -> TextTokenizer:
    return load_tokenizer(trained)
