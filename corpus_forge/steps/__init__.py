"""Steps of a pipeline file, one a module. `load_steps` is the explicit list of those that come with corpus-forge.

Nothing is found by walking a folder: a step that is not in the list does not exist. The price is one line per new step.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module

from corpus_forge.io import load_formats
from corpus_forge.plugins import load_entry_points, load_plugins

BUILT_IN = (
    *("cc_license", "classify", "datatrove", "decontaminate", "dedup", "extract", "filter", "importance", "language"),
    *("normalize", "page_metadata", "perplexity", "python", "redact", "sample", "select", "url_filter"),
)
"""Modules of this package, each of which registers one step."""


@cache
def load_steps() -> None:
    """Register the built-in steps, then those of installed packages (entry points). Once a process; cheap imports only."""
    for module in BUILT_IN:
        import_module(f"corpus_forge.steps.{module}")
    load_entry_points()


def load_names(plugins: Iterable[str] = ()) -> None:
    """Fill all registries: formats and steps that come along, installed plugins, then plugin files in the order given."""
    load_formats()
    load_steps()
    load_plugins(plugins)
