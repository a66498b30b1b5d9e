"""A wheel carries the rule sets and recipes, and pins and sources agree with each other."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOT_NEEDED = shutil.ignore_patterns("__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> set[str]:
    """Built from a copy: setuptools leaves its build folder beside the sources."""
    copy = tmp_path_factory.mktemp("checkout")
    for folder in ("corpus_forge", "filters", "sources", "pipelines", "examples/data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=NOT_NEEDED)
    for file in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(copy / "dist"),
        ".",
    ]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    (wheel,) = (copy / "dist").glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("folder", ["filters", "sources", "pipelines", "examples/data"])
def test_the_wheel_holds_every_data_file(wheel_names, folder):
    files = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".py"
    }
    assert files
    assert {f"corpus_forge/_data/{name}" for name in files if "__pycache__" not in name} <= wheel_names


def test_the_wheel_holds_every_module_and_the_licence(wheel_names):
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "corpus_forge").rglob("*.py")}
    assert modules <= wheel_names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel_names)
    assert not any(name.startswith(("tests/", "examples/", "benchmarks/")) for name in wheel_names)


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_every_dependency_is_pinned_to_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]
    names = {re.split(r"[\[<>=~! ]", entry)[0].lower().replace("_", "-") for entry in [*project["dependencies"], *extras]}
    assert names - {"corpus-forge"} <= pins().keys()
