"""docs/models.md: steps that are shown can be read, models that `check` knows are named, columns are those that are given."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from typer.testing import CliRunner

from corpus_forge.cli.app import app
from corpus_forge.language.published import PUBLISHED
from corpus_forge.registry import steps
from corpus_forge.steps import load_steps

PAGE = (Path(__file__).parent.parent / "docs" / "models.md").read_text("utf-8")
BLOCKS = re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)
DIGEST = "a" * 64


def shown_steps() -> list[tuple[str, dict]]:
    found = [yaml.safe_load(block.replace("…", DIGEST)) for block in BLOCKS if block.lstrip().startswith("- ")]
    return [item for block in found for step in block for item in step.items()]


def test_steps_that_are_shown_can_be_read():
    load_steps()
    names = [name for name, parameters in shown_steps() if steps.get(name).model_validate(parameters)]
    assert set(names) == {"classify", "select", "language", "perplexity", "importance", "sample"}


def test_columns_are_those_of_the_steps():
    load_steps()
    given = {name: steps.get(name).model_validate(parameters).gives for name, parameters in shown_steps()}
    for name in ("perplexity", "importance", "language"):
        assert all(f"`{column}`" in PAGE for column in given[name]), name
    assert given["classify"] == ("quality", "quality_score", "quality_hq")


def test_commands_that_are_shown_exist():
    commands = [line.split() for block in BLOCKS for line in block.splitlines() if line.startswith("    corpus-forge ")]
    assert len(commands) == 3
    for words in commands:
        result = CliRunner().invoke(app, [*words[1:3], "--help"])
        assert result.exit_code == 0
        assert all(word in result.output for word in words if word.startswith("--"))


def test_published_models_are_named_with_their_home():
    homes = {re.sub(r"https://(huggingface\.co/[^/]+/[^/]+|dolma-artifacts\.org).*", r"\1", url) for url in PUBLISHED.values()}
    assert [home for home in homes if "fbaipublicfiles" not in home and home not in PAGE] == []
    assert [name for name in PUBLISHED if name not in PAGE and not name.startswith(("lid.176", "jigsaw"))] == []
