"""Where rule sets are found, and how a name becomes one.

A name is `family@reading`, or a family alone for its default reading: `@datatrove` where there is one, else `@paper`, else the
only one. Anything with a slash or a .yaml ending is the path of the user's own file. Names are looked up in the shipped
folder only: what a name means does not depend on the directory that a run is started in.
"""

from __future__ import annotations

from functools import cache
from os import PathLike
from pathlib import Path

import yaml
from pydantic import ValidationError

from corpus_forge.errors import ConfigError, InputError, RequestError, nearest
from corpus_forge.rules.rule_set import RuleSet

DEFAULT_READINGS = ("datatrove", "paper")
LARGEST_FILE = 1 << 20
"""Bytes; rule sets are a few kilobytes."""


def folders() -> list[Path]:
    """Folders with shipped rule sets: beside the package in a checkout, inside it where it is installed."""
    package = Path(__file__).resolve().parents[1]
    return [folder for folder in (package.parent / "filters", package / "_data" / "filters") if folder.is_dir()]


@cache
def shipped() -> dict[str, Path]:
    """Full name and file of each shipped rule set, sorted by name; the first folder wins."""
    files = [path for folder in reversed(folders()) for path in sorted(folder.glob("*@*.yaml"))]
    return dict(sorted((path.stem, path) for path in files))


def default_reading(family: str) -> str:
    """Full name of the reading that a family's name alone means. RequestError with the nearest name."""
    readings = [name for name in shipped() if name.split("@")[0] == family]
    for reading in DEFAULT_READINGS:
        if f"{family}@{reading}" in readings:
            return f"{family}@{reading}"
    if len(readings) == 1:
        return readings[0]
    if readings:
        raise RequestError(f"'{family}' has several readings and no default: {', '.join(readings)}. Name one.")
    raise RequestError(f"no rule set is named '{family}'. {nearest(family, _known())}")


def is_path(name: str) -> bool:
    """Is this the path of a file, rather than a name?"""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def load_rules(name: str | PathLike[str]) -> RuleSet:
    """The rule set of that name or in that file.

    RequestError for an unknown name, InputError for an unreadable file, ConfigError for what stands in it.
    """
    if not isinstance(name, str | PathLike):
        raise RequestError(f"rules are a {type(name).__name__}, where the name of a rule set or a path is needed.")
    return _shipped_rules(name) if isinstance(name, str) and not is_path(name) else read_file(Path(name))


@cache
def _shipped_rules(name: str) -> RuleSet:
    full = name if "@" in name else default_reading(name)
    if full not in shipped():
        raise RequestError(f"no rule set is named '{name}'. {nearest(name, _known())}")
    return read_file(shipped()[full])


def _known() -> list[str]:
    return sorted({*shipped(), *(name.split("@")[0] for name in shipped())})


def read_file(path: Path) -> RuleSet:
    """The rule set in a YAML file; a message names the file, the place in it, the value and the nearest right name."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path}: more than {LARGEST_FILE} bytes; this is no rule set.")
        values = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read: {error.strerror}. Name a shipped rule set: {', '.join(shipped())}."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ConfigError(str(path), "must be a mapping with family, title, source and rules.", "See filters/README.md.")
    try:
        return RuleSet.model_validate(values)
    except ValidationError as error:
        raise _in_words(path, error) from error


def _in_words(path: Path, error: ValidationError) -> ConfigError:
    """The first problem, with its place in the file."""
    first = error.errors(include_url=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    where = f"{path}: {place}" if place else str(path)
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        fields = {**RuleSet.model_fields, **RuleSet.model_fields["rules"].annotation.__args__[0].model_fields}  # type: ignore[union-attr]
        return ConfigError(where, f"no key is named '{key}' here.", nearest(key, fields))
    problem = str(first["msg"]).removeprefix("Value error, ")
    more = len(error.errors()) - 1
    rest = f" ({more} more problems in this file)" if more else ""
    value = "" if first["type"] in ("missing", "value_error") else f" Value: {str(first['input'])[:60]!r}."
    return ConfigError(where, f"{problem}.{value}{rest}".replace("..", "."), "See filters/README.md.")
