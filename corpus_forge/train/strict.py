"""Plain values from YAML into frozen dataclasses, strictly: unknown keys, wrong types and ranges are named with their path.

The pipeline's models use pydantic; the trainer must run where it is not installed, and its needs are small. Bounds stand in the
field's metadata: `field(default=3, metadata={"ge": 1})`; `check(self, where)` of a dataclass looks at values that depend on
one another.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from corpus_forge.errors import ConfigError, nearest

T = TypeVar("T")
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_BOUNDS = {
    "ge": (lambda value, bound: value >= bound, "must be at least"),
    "gt": (lambda value, bound: value > bound, "must be more than"),
    "le": (lambda value, bound: value <= bound, "must be at most"),
    "lt": (lambda value, bound: value < bound, "must be less than"),
}


def build(kind: type[T], data: Any, where: str) -> T:
    """A `kind` (a dataclass) from a mapping; ConfigError names the first thing that is wrong by its path."""
    if not isinstance(data, Mapping):
        raise ConfigError(where, f"must be a mapping such as {{key: value}}; it is {data!r}.")
    fields = {each.name: each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in data:
        if key not in fields:
            raise ConfigError(f"{where}.{key}", f"unknown key, value {data[key]!r}.", nearest(str(key), fields))
    hints = typing.get_type_hints(kind)
    values = {key: _value(hints[key], value, f"{where}.{key}", fields[key].metadata) for key, value in data.items()}
    for name, each in fields.items():
        if name not in values and each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}.{name}", "is required, but missing.")
    built = kind(**values)
    if hasattr(built, "check"):
        built.check(where)
    return built


def plain(config: Any) -> Any:
    """JSON values of a dataclass, from which `build` makes it again."""
    if dataclasses.is_dataclass(config):
        return {each.name: plain(getattr(config, each.name)) for each in dataclasses.fields(config)}
    if isinstance(config, tuple | list):
        return [plain(each) for each in config]
    return dict(config) if isinstance(config, Mapping) else config


def _value(kind: Any, value: Any, where: str, bounds: Mapping[str, Any]) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _optional(typing.get_args(kind), value, where, bounds)
    if origin is typing.Literal:
        return _one_of(typing.get_args(kind), value, where)
    if origin is tuple:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ConfigError(where, f"must be a list such as [a, b]; it is {value!r}.")
        item = typing.get_args(kind)[0]
        return tuple(_value(item, each, f"{where}[{number}]", bounds) for number, each in enumerate(value))
    if dataclasses.is_dataclass(kind):
        return value if isinstance(value, kind) else build(kind, value, where)  # type: ignore[arg-type]
    if origin in (dict, Mapping) or kind is dict:
        return _mapping(kind, value, where)
    return _bounded(_scalar(kind, value, where), where, bounds)


def _optional(kinds: tuple[Any, ...], value: Any, where: str, bounds: Mapping[str, Any]) -> Any:
    if value is None and type(None) in kinds:
        return None
    first: ConfigError | None = None
    for kind in kinds:
        try:
            if kind is not type(None):
                return _value(kind, value, where, bounds)
        except ConfigError as error:
            first = first or error
    assert first is not None
    raise first


def _one_of(choices: tuple[Any, ...], value: Any, where: str) -> Any:
    if value in choices and not isinstance(value, bool):
        return value
    raise ConfigError(where, f"must be one of {', '.join(map(str, choices))}; it is {value!r}.")


def _mapping(kind: Any, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(where, f"must be a mapping such as {{key: value}}; it is {value!r}.")
    arguments = typing.get_args(kind)
    inner = arguments[1] if arguments else Any
    return {str(key): each if inner is Any else _value(inner, each, f"{where}.{key}", {}) for key, each in value.items()}


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is int and isinstance(value, str) and value[-1:].upper() in _UNITS:
        value = _count(value, where)
    if kind is float and isinstance(value, str):
        value = _number(value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
        return value
    wanted = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}[kind]
    raise ConfigError(where, f"must be {wanted}; it is {value!r}.")


def _count(text: str, where: str) -> int:
    """`20M` as 20,000,000, in decimal arithmetic; what is no whole number is refused."""
    try:
        number = Decimal(text[:-1]) * _UNITS[text[-1].upper()]
        if number.is_finite() and number == int(number):
            return int(number)
    except InvalidOperation:
        pass
    raise ConfigError(where, f"must be a whole number; it is {text!r}.")


def _number(text: str, where: str) -> float:
    """YAML 1.1 reads 1e-4 as text, so numbers in text are numbers."""
    try:
        return float(text)
    except ValueError:
        raise ConfigError(where, f"must be a number; it is {text!r}.") from None


def _bounded(value: Any, where: str, bounds: Mapping[str, Any]) -> Any:
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - the test for NaN
        raise ConfigError(where, "must be a number; it is NaN.")
    for name, (holds, words) in _BOUNDS.items():
        if name in bounds and not isinstance(value, str) and not holds(value, bounds[name]):
            raise ConfigError(where, f"{words} {bounds[name]}; it is {value!r}.")
    return value
