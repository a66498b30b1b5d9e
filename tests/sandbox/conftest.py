"""The test-only engine `poison`, whose pages crash, hang and eat memory on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plugin_names import forgotten_afterwards

from corpus_forge.plugins import load_plugins
from corpus_forge.sandbox.guard import Sandbox

POISON_PLUGIN = Path(__file__).parents[1] / "data" / "plugins" / "poison_engine.py"


@pytest.fixture(scope="module", autouse=True)
def _poison_engine() -> Iterator[None]:
    with forgotten_afterwards():
        load_plugins([str(POISON_PLUGIN)])
        yield


@pytest.fixture
def poison() -> Callable[..., str]:
    """A page that has the named fault: `poison("exit", 7)`."""
    return lambda fault, argument="": f"<!--poison:{fault} {argument}--><p>never seen</p>"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox over the engine `poison` for the tests of a file; any of them may kill its processes."""
    with Sandbox({"engine": "poison"}, timeout=1.0, memory=512 << 20) as box:
        yield box
