"""Names that YAML may use, and what they stand for.

One generic registry serves steps, source formats, extraction engines and signals. Names come from an explicit import
(`corpus_forge.steps`), from an entry point or from a `--plugin` file; never from a dotted path in YAML.
A name is registered once: a second registration of something else is a mistake and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from corpus_forge.errors import RequestError, nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """A dictionary of names that refuses duplicates and, on a miss, suggests the nearest name."""

    def __init__(self, kind: str, kinds: str = "") -> None:
        self.kind, self.kinds = kind, kinds or f"{kind}s"
        self._entries: dict[str, T] = {}

    def add(self, name: str) -> Callable[[T], T]:
        """Decorator: `@steps.add("extract")`. Loading the same file twice replaces its own entry."""

        def register(entry: T) -> T:
            known = self._entries.get(name)
            if known is not None and _origin(known) != _origin(entry):
                raise RequestError(f"two {self.kinds} are named '{name}': {_origin(known)} and {_origin(entry)}.")
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


class Family:
    """One name for several models: the value of one key says which, as `dedup: {method: minhash}` does.

    Each member has its own parameters, so that unknown keys, the JSON Schema and `list steps` speak of that member alone.
    `words` is the sentence that lists show. A member is registered by `@family.members.add(VALUE)`, by plugins too.
    """

    def __init__(self, name: str, key: str, default: str, words: str) -> None:
        self.name, self.key, self.default, self.__doc__ = name, key, default, words
        self.shorthand = key
        self.members: Registry = Registry(f"{key} of {name}", f"{key}s of {name}")

    def choose(self, given: Any) -> Any:
        """The member that the parameters ask for; RequestError for one that does not exist, or for a key of another one.

        Without the key a member whose `implied_by` names a parameter that is given is meant, else the default.
        """
        written = {key: value for key, value in given.items() if value is not None} if isinstance(given, Mapping) else {}
        value = written.get(self.key) or self._implied(written)
        member = self.members.get(str(value))
        for key in written:
            owners = [name for name in self.members if key in self.members.get(name).model_fields]
            if owners and key not in member.model_fields:
                raise RequestError(f"`{key}` belongs to {self.key}: {' or '.join(owners)}, and the {self.key} is {value}.")
        return member

    def make(self, given: Mapping[str, Any] | None = None) -> Any:
        """The model of the chosen member."""
        return self.choose(given or {}).model_validate(given or {})

    def _implied(self, written: Mapping[str, Any]) -> str:
        implied = (name for name in self.members if set(getattr(self.members.get(name), "implied_by", ())) & set(written))
        return next(implied, self.default)


def models_of(registry: Registry, name: str) -> list[tuple[str, Any]]:
    """(label, model) of a name: one, or of a family each member as `dedup: minhash`."""
    entry = registry.get(name)
    if not isinstance(entry, Family):
        return [(name, entry)]
    return [(f"{name}: {value}", entry.members.get(value)) for value in sorted(entry.members)]


def _origin(entry: object) -> str:
    """Module and qualified name: what makes two registrations the same thing."""
    return f"{getattr(entry, '__module__', '?')}.{getattr(entry, '__qualname__', repr(entry))}"


steps: Registry = Registry("step")
formats: Registry = Registry("source format")
extractors: Registry = Registry("extraction engine")
