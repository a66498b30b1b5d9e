"""Shipped pipelines are found by name, copied with their comments, and find their data from any folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpus_forge.config import load_pipeline
from corpus_forge.config import recipes as module
from corpus_forge.config.recipes import bundled, copy_recipe, find_pipeline, recipe_summary, recipes
from corpus_forge.errors import ConfigError, InputError, RequestError

TINY = """# What it makes.
# More.
name: tiny
sources:
  - {name: web, format: texts, paths: [examples/data/a.txt, other/b.txt]}
"""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with one recipe and one example file; the working folder is another one."""
    root, here = tmp_path / "root", tmp_path / "here"
    for folder in (root / "pipelines", root / "examples/data", here):
        folder.mkdir(parents=True)
    (root / "pipelines/tiny.yaml").write_text(TINY)
    (root / "examples/data/a.txt").write_text("text")
    monkeypatch.setattr(module, "ROOTS", (root, tmp_path / "absent"))
    monkeypatch.chdir(here)
    return root


def test_recipes_are_found_by_name(shipped: Path) -> None:
    assert recipes() == {"tiny": shipped / "pipelines/tiny.yaml"}
    assert find_pipeline("tiny") == shipped / "pipelines/tiny.yaml"
    assert recipe_summary(find_pipeline("tiny")) == "What it makes."


def test_a_file_comes_before_a_recipe_of_its_name(shipped: Path) -> None:
    Path("tiny").write_text("name: mine")
    assert find_pipeline("tiny") == Path("tiny")


def test_what_is_not_there(shipped: Path) -> None:
    Path("mine.yaml").write_text("name: mine")
    with pytest.raises(
        InputError, match=r"^mine.yml: no such pipeline file.* Did you mean 'mine.yaml'\? Known: mine.yaml, tiny."
    ):
        find_pipeline("mine.yml")
    with pytest.raises(InputError, match="is a folder, not a pipeline file"):
        find_pipeline(shipped)


def test_copy_keeps_comments_and_never_overwrites(shipped: Path) -> None:
    assert copy_recipe("tiny", Path("my.yaml")).read_text() == TINY
    Path("my.yaml").write_text("changed")
    with pytest.raises(RequestError, match=r"my.yaml exists already; nothing was written."):
        copy_recipe("tiny", Path("my.yaml"))
    assert Path("my.yaml").read_text() == "changed"
    with pytest.raises(RequestError, match=r"no shipped pipeline is named 'tini'. Did you mean 'tiny'\?"):
        copy_recipe("tini", Path("x.yaml"))
    with pytest.raises(InputError, match="cannot be written"):
        copy_recipe("tiny", Path("no/such/folder/x.yaml"))


def test_example_data_is_found_from_any_folder(shipped: Path) -> None:
    paths = load_pipeline("tiny").sources[0].model_dump()["paths"]
    assert paths == [str(shipped / "examples/data/a.txt"), "other/b.txt"]
    assert bundled("examples/data/*.txt") == str(shipped / "examples/data/*.txt")
    Path("examples/data").mkdir(parents=True)
    Path("examples/data/a.txt").write_text("mine")
    assert bundled("examples/data/a.txt") == "examples/data/a.txt", "the working folder comes first"


def test_files_that_are_no_pipeline(shipped: Path) -> None:
    cases = {"": "is empty", "- a": 'is \\["a"\\]', "5": "is 5"}
    for text, words in cases.items():
        Path("my.yaml").write_text(text)
        with pytest.raises(ConfigError, match=f"^my.yaml: {words}; a pipeline is a mapping with 'name' and 'sources'"):
            load_pipeline("my.yaml")


def test_overrides_apply_to_a_file(shipped: Path) -> None:
    config: Any = load_pipeline("tiny", ["web.paths=[c]", "web.chunk=2KiB", "seed=3"])
    assert (config.sources[0].paths, config.sources[0].chunk, config.seed) == (["c"], 2048, 3)
    with pytest.raises(ConfigError, match=r"^tiny: sources\[0\].pats: unknown key"):
        load_pipeline("tiny", ["web.pats=[c]"])
