"""Fixtures that every part of the suite may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from plugin_names import forgotten_afterwards
from small_corpus import write_shard

DATA_VARIABLE = "CORPUS_FORGE_TEST_DATA"

# Tests run side by side: libraries that would start a thread for each core only wait for one another.
for threads in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

# No verdict hangs on a busy machine's clock; where everybody's work waits for it, the examples are always the same.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
# `make fuzz`: many more examples of every kernel, and reading past the end of an array is an error, which numba asks at import.
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=1000, database=None, print_blob=True)
FUZZING = bool(os.environ.get("CORPUS_FORGE_FUZZ"))
if FUZZING:
    os.environ["NUMBA_BOUNDSCHECK"] = "1"
hypothesis.settings.load_profile("fuzz" if FUZZING else "ci" if os.environ.get("CI") else "here")


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


@pytest.fixture(autouse=True)
def names_of_its_own() -> Iterator[None]:
    """What a test loads or registers ends with it."""
    with forgotten_afterwards():
        yield


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

    quiet = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
    ray.init(address="local", num_cpus=4, object_store_memory=128 << 20, **quiet)
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
