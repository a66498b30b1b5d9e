"""A small tokenizer trained on a few sentences in many scripts."""

from __future__ import annotations

import pytest

from corpus_forge.tokens.probe import SENTENCES
from corpus_forge.tokens.tokenizer import TextTokenizer, load_tokenizer
from corpus_forge.tokens.train import train_bpe

WORDS = "the quick brown fox jumps over the lazy dog and then it isn't there any more, is it? No: 12 dogs bark.\n"


@pytest.fixture(scope="session")
def trained() -> bytes:
    return train_bpe([*SENTENCES, WORDS * 20], 600)


@pytest.fixture(scope="session")
def tokenizer(trained: bytes) -> TextTokenizer:
    return load_tokenizer(trained)
