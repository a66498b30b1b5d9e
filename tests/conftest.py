"""Fixtures that every part of the suite may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA_VARIABLE = "CORPUS_FORGE_TEST_DATA"


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data that is too large for the project; CONTRIBUTING says what lies in it."""
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        pytest.skip(f"{DATA_VARIABLE} is not set: CONTRIBUTING.md says what it points to")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"{DATA_VARIABLE}={folder} is not a folder")
    return path
