"""Names that YAML may use, and what they stand for.

One generic registry serves steps, source formats, extraction engines and signals. Names come from an explicit import
(`corpus_forge.steps`), from an entry point or from a `--plugin` file; never from a dotted path in YAML.
A name is registered once: a second registration of something else is a mistake and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from corpus_forge.errors import RequestError, nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """A dictionary of names that refuses duplicates and, on a miss, suggests the nearest name."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str) -> Callable[[T], T]:
        """Decorator: `@steps.add("extract")`. Loading the same file twice replaces its own entry."""

        def register(entry: T) -> T:
            known = self._entries.get(name)
            if known is not None and _origin(known) != _origin(entry):
                raise RequestError(f"two {self.kind}s are named '{name}': {_origin(known)} and {_origin(entry)}.")
            self._entries[name] = entry
            return entry

        return register

    def get(self, name: str) -> T:
        """The entry of that name; RequestError with the nearest name when there is none."""
        if name not in self._entries:
            raise RequestError(f"no {self.kind} is named '{name}'. {nearest(name, self._entries)}")
        return self._entries[name]

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())


def _origin(entry: object) -> str:
    """Module and qualified name: what makes two registrations the same thing."""
    return f"{getattr(entry, '__module__', '?')}.{getattr(entry, '__qualname__', repr(entry))}"


steps: Registry = Registry("step")
formats: Registry = Registry("source format")
extractors: Registry = Registry("extraction engine")
