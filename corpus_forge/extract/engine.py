"""What an extraction engine is, and the one way to call it.

An engine turns a decoded page into text and nothing else: no files, no network, no memory of the pages before, so that the
text depends on the page alone. Engines are classes registered by name:

    from corpus_forge.registry import extractors

    @extractors.add("my_engine")
    class MyEngine:
        version = "1"
        def extract(self, html: str, url: str | None) -> str: ...

They are made without arguments, or with those that their `option_names` lists, and must be cheap to make: the library behind
one is imported at the first page, so that asking for a version costs nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, Protocol

from corpus_forge.errors import RequestError, nearest
from corpus_forge.plugins import plugin_digests
from corpus_forge.registry import extractors

_SURROGATES = re.compile("[\ud800-\udfff]")


class Engine(Protocol):
    """Page in, text out. `version` is that of the library: another version may give other text."""

    @property
    def version(self) -> str: ...  # noqa: D102 - the class says it

    def extract(self, html: str, url: str | None) -> str: ...  # noqa: D102 - the class says it


def make_engine(name: str, options: Mapping[str, Any] | None = None) -> Engine:
    """A new engine of that name; RequestError with the nearest name when there is none, and for options that it does not
    have.
    """
    kind = extractors.get(name)
    unknown = sorted(set(options or {}) - set(getattr(kind, "option_names", ())))
    if unknown:
        raise RequestError(
            f"the engine '{name}' has no option `{unknown[0]}`. {nearest(unknown[0], getattr(kind, 'option_names', ()))}"
        )
    return kind(**(options or {}))


def extract_text(engine: Engine, html: str, url: str | None) -> str:
    """The text of a page as the engine gives it, made plain by `normalise`. Raises what the engine raises."""
    text = engine.extract(html, url)
    if not isinstance(text, str):
        raise TypeError(f"the extraction engine answered with {type(text).__name__}, not with a str")
    return normalise(text)


def normalise(text: str) -> str:
    """The least that every later step relies on: encodable as UTF-8, no NUL, lines end in LF. Nothing else is changed."""
    if "\0" in text:
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return without_surrogates(text)


def without_surrogates(text: str) -> str:
    """Lone surrogates, which UTF-8 cannot hold, as U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def engine_identity(name: str, options: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What besides its name makes the engine's texts: `engine_version`, and `engine_plugin`, the digest of a plugin's file."""
    kind = extractors.get(name)
    identity = {"engine_version": str(make_engine(name, options).version)}
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    digest = plugin_digests().get(str(file))
    return {**identity, "engine_plugin": digest} if digest else identity
