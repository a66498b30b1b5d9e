"""A loaded plugin stays in its process, and its digest is in every fingerprint: tests must not meet there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from corpus_forge import plugins
from corpus_forge.registry import extractors, formats, steps


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """At the end, only those names and plugin files are known that were before, and what comes with corpus-forge."""
    known = {each: dict(each._entries) for each in (steps, formats, extractors)}
    files = dict(plugins._loaded)
    yield
    for each, before in known.items():
        own = {name: entry for name, entry in each._entries.items() if entry.__module__.startswith("corpus_forge.")}
        each._entries = {**before, **own}
    plugins._loaded = files
