"""Fixtures that every part of the suite may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_corpus import write_shard

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


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six JSONL files of forty documents with known duplicates."""
    for n in range(6):
        write_shard(tmp_path / "in" / f"{n}.jsonl", n)
    return tmp_path / "in"


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """One local Ray cluster of 4 slots for all tests that run on Ray in this process."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    ray.init(num_cpus=4, include_dashboard=False, object_store_memory=128 << 20, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All Ray tests go to one xdist worker, so that there is one cluster."""
    for item in items:
        if item.get_closest_marker("ray"):
            item.add_marker(pytest.mark.xdist_group("ray"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named after their argument: a gzip holds the time, and xdist's processes must collect the same names."""
    return argname if isinstance(val, bytes) else None
