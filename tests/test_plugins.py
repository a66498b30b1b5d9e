"""Plugins that cannot be loaded are a wrong request, told with their name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import corpus_forge.plugins
from corpus_forge.errors import InputError
from corpus_forge.plugins import load_entry_points, load_plugins


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("raise SystemExit(4)", "SystemExit while loading it: 4"),
        ("import nope_nope", "ModuleNotFoundError"),
        ("x = (", "SyntaxError"),
    ],
)
def test_a_file_that_fails_or_wants_to_exit(tmp_path, content, said):
    file = tmp_path / "broken.py"
    file.write_text(content)
    with pytest.raises(InputError, match=f"broken.py: {said}"):
        load_plugins([str(file)])


def test_an_installed_plugin_that_fails_is_named(monkeypatch):
    def load():
        raise ImportError("no module of that name")

    point = SimpleNamespace(name="theirs", value="their_package.steps", load=load)
    monkeypatch.setattr(corpus_forge.plugins, "entry_points", lambda group: [point])
    with pytest.raises(InputError, match=r"installed plugin theirs = their_package\.steps: ImportError"):
        load_entry_points()
