"""docs/steps.md knows every step, and what it shows are steps with parameters that exist."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from corpus_forge.registry import steps
from corpus_forge.steps import BUILT_IN, load_steps

PAGE = (Path(__file__).parent.parent / "docs" / "steps.md").read_text("utf-8")
OWN_PARAMETERS = {"datatrove", "shout"}
"""Steps whose parameters are those of a class or function that is named."""


def shown() -> list[tuple[str, object]]:
    """Name and value of each step in the blocks of the page that are lists of steps."""
    blocks = re.findall(r"```yaml\n(- .*?)```", PAGE, re.DOTALL)
    items = [item for block in blocks for item in yaml.safe_load(block)]
    return [(item, None) if isinstance(item, str) else next(iter(item.items())) for item in items]


def test_every_step_is_in_the_table():
    table = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    assert [name for name in BUILT_IN if f"`{name}`" not in table] == []


def test_steps_that_are_shown_have_these_parameters():
    load_steps()
    assert len(shown()) > 15
    for name, value in shown():
        if name in OWN_PARAMETERS:
            continue
        step = steps.get(name)
        if isinstance(value, dict):
            assert set(value) <= set(step.model_fields), name
        elif value is not None:
            assert step.shorthand in step.model_fields, name
