"""Pydantic's findings in words: the YAML path, what is wrong with which value, and the nearest thing that would be right.

Pydantic reports a union once per member and puts the member's name into the path; here a path has only what stands in the
file, and findings at one place become one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from corpus_forge.errors import ConfigError, nearest

_WANTED = {
    "bool": "true or false",
    "bytes": "text",
    "dict": "a mapping such as {key: value}",
    "dataclass": "a mapping such as {key: value}",
    "finite": "a finite number",
    "float": "a number",
    "frozen": "a list",
    "int": "a whole number",
    "list": "a list such as [a, b]",
    "mapping": "a mapping such as {key: value}",
    "model": "a mapping such as {key: value}",
    "set": "a list such as [a, b]",
    "string": "text",
    "tuple": "a list such as [a, b]",
}
_BOUNDS = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must match {pattern}",
}


class PipelineError(ConfigError):
    """Everything that is wrong with a pipeline, listed at once. `errors` has one ConfigError for each."""

    def __init__(self, document: str, errors: Sequence[ConfigError]) -> None:
        self.errors = list(errors)
        first = self.errors[0]
        super().__init__(first.where, first.problem, first.fix)
        lines = [str(error) for error in self.errors]
        text = lines[0] if len(lines) == 1 else f"{len(lines)} problems\n" + "\n".join(f"  {line}" for line in lines)
        self.args = (f"{document}: {text}",)


def in_words(error: ValidationError, data: Any, model: type[BaseModel], where: str, look: str = "") -> list[ConfigError]:
    """One ConfigError for each place in `data` that `model` refused. `look` says where its keys are explained."""
    places: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        places.setdefault(_path(where, detail, data), []).append(detail)
    return [_sentence(path, details, model, look) for path, details in places.items()]


def shown(value: Any, limit: int = 60) -> str:
    """The value as it would stand in the file, on one line, cut to `limit` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _path(where: str, detail: ErrorDetails, data: Any) -> str:
    """The part of pydantic's path that stands in the data; names of union members do not."""
    parts, here = [where], data
    for key in detail["loc"]:
        if isinstance(here, list | tuple) and isinstance(key, int):
            parts.append(f"[{key}]")
            here = here[key] if key < len(here) else None
        elif isinstance(here, dict) and (key in here or detail["type"] == "missing"):
            parts.append(f".{key}")
            here = here.get(key)
    return "".join(parts)


def _sentence(path: str, details: list[ErrorDetails], model: type[BaseModel], look: str) -> ConfigError:
    detail = details[0]
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        return ConfigError(
            path, f"unknown key, value {shown(value)}.", f"{nearest(key, _siblings(model, detail['loc']))}{look}"
        )
    if kind == "missing":
        return ConfigError(path, "is required, but missing.", look.strip())
    problem = " or ".join(dict.fromkeys(_requirement(each) for each in details)).replace(" or must be ", " or ")
    if isinstance(value, dict) and kind == "value_error":
        return ConfigError(path, f"{problem}.")
    return ConfigError(path, f"{problem}; it is {shown(value)}{_kind(value)}.", _hint(detail))


def _requirement(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", detail["msg"])).rstrip(".")
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    if kind == "int_from_float":
        return "must be a whole number"
    wanted = _WANTED.get(kind.split("_", 1)[0])
    return f"must be {wanted}" if wanted else detail["msg"][:1].lower() + detail["msg"][1:]


def _hint(detail: ErrorDetails) -> str:
    value = detail["input"]
    if isinstance(value, bool) and detail["type"].startswith("string"):
        return "YAML reads a bare yes, no, on and off as true or false: put it in quotes."
    if detail["type"] in ("literal_error", "enum") and isinstance(value, str):
        known = [part.strip(" '") for part in str(detail["ctx"]["expected"]).replace(" or ", ",").split(",")]
        guess, _, _ = nearest(value, known).partition("Known:")
        return guess.strip()
    return ""


def _kind(value: Any) -> str:
    """What a value is, where its spelling does not say so."""
    return {str: " (text)", dict: " (a mapping)", list: " (a list)", type(None): " (nothing)"}.get(type(value), "")


def _siblings(model: type[BaseModel], loc: Sequence[int | str]) -> Iterable[str]:
    """Names of the fields beside the unknown one, nested models followed."""
    here: Any = model
    for key in loc[:-1]:
        fields = getattr(here, "model_fields", {})
        if key in fields:
            here = next(iter(_models(fields[key].annotation)), here)
    return [field.alias or name for name, field in getattr(here, "model_fields", {}).items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]
