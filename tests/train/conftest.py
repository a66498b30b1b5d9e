"""Tokens to train on and to evaluate on."""

from __future__ import annotations

from pathlib import Path

import pytest
from markov_tokens import markov, write_tokens


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tokens(tmp_path_factory.mktemp("train") / "tokens", markov(200))


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tokens(tmp_path_factory.mktemp("held") / "tokens", markov(20, seed=1))
