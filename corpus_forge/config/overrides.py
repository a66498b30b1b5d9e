"""`--set a.b=c`: change a value of a pipeline file from the command line.

A path starts with a key of the file (`tokenize.seq_len`, `sources[0].paths`, `steps[1].filter.rules`), with the name of a step
(`filter.set.word_count`) or with the name of a source (`web.paths`). Values are YAML. A name that stands for more than one
place is refused with the places it could mean. Whether the changed value is allowed is for the typed models to say.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any

from corpus_forge.config.build import expand_shorthands
from corpus_forge.config.loader import parse_yaml
from corpus_forge.config.messages import shown
from corpus_forge.config.models import PipelineConfig
from corpus_forge.errors import ConfigError, nearest

_SEGMENT = re.compile(r"([^.\[\]=\s]+)((?:\[[0-9]{1,6}\])*)")
_INDEX = re.compile(r"\[([0-9]+)\]")
Path = list[str | int]


def apply_overrides(data: dict[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """A copy of the pipeline's plain values with each `path=value` set, in order; shorthands are written out."""
    changed = expand_shorthands(copy.deepcopy(data))
    for text in overrides:
        path, equals, value = text.partition("=")
        where = f"--set {path.strip()}"
        if not equals or not path.strip():
            raise ConfigError(f"--set {text}", "has no 'path=value'.", "For example --set tokenize.seq_len=1024.")
        keys = _located(changed, _parsed(path.strip(), where), where)
        _assign(changed, keys, parse_yaml(value, where), where)
        changed = expand_shorthands(changed)
    return changed


def _parsed(path: str, where: str) -> Path:
    keys: Path = []
    for part in path.split("."):
        match = _SEGMENT.fullmatch(part)
        if match is None:
            raise ConfigError(where, f"'{part}' is not a name with optional [indices].", "For example steps[1].filter.rules.")
        keys.append(match[1])
        keys.extend(int(index) for index in _INDEX.findall(match[2]))
    return keys


def _located(data: dict[str, Any], keys: Path, where: str) -> Path:
    """The path from the top of the file: names of steps and sources replaced by their places."""
    head = str(keys[0])
    if head in PipelineConfig.model_fields:
        return keys
    named = _named(data)
    places = named.get(head, [])
    if not places:
        raise ConfigError(
            where, f"no key, step or source is named '{head}'.", nearest(head, [*PipelineConfig.model_fields, *named])
        )
    if len(places) > 1:
        shown_places = ", ".join(_written(place) for place in places)
        raise ConfigError(where, f"'{head}' stands for more than one place.", f"Say which: {shown_places}.")
    return [*places[0], *keys[1:]]


def _named(data: dict[str, Any]) -> dict[str, list[Path]]:
    """Where each step and each source of the file is."""
    places: dict[str, list[Path]] = {}
    for index, step in enumerate(data.get("steps") or []):
        if isinstance(step, dict) and len(step) == 1:
            [name] = step
            places.setdefault(str(name), []).append(["steps", index, name])
    for index, source in enumerate(data.get("sources") or []):
        if isinstance(source, dict) and isinstance(source.get("name"), str):
            places.setdefault(source["name"], []).append(["sources", index])
    return places


def _assign(data: dict[str, Any], keys: Path, value: Any, where: str) -> None:
    """Walk to the last key and set it; a mapping on the way that is not there yet is made."""
    here: Any = data
    for depth, key in enumerate(keys):
        _check_key(here, keys, depth, where)
        if depth == len(keys) - 1:
            here[key] = value
        elif isinstance(key, str) and here.get(key) is None:
            here[key] = [] if isinstance(keys[depth + 1], int) else {}
        here = here[key]


def _check_key(here: Any, keys: Path, depth: int, where: str) -> None:
    """Refuse a key that cannot be in the value `here`, which is what `keys[:depth]` leads to."""
    key, before = keys[depth], _written(keys[:depth])
    if isinstance(key, int):
        if not isinstance(here, list):
            raise ConfigError(where, f"{before} is {shown(here)}, not a list.")
        if key >= len(here):
            raise ConfigError(where, f"{before} has {len(here)} entries, counted from [0]; there is no [{key}].")
    elif not isinstance(here, dict):
        raise ConfigError(where, f"{before} is {shown(here)}, which has no '{key}'.")
    elif depth == 2 and keys[0] == "steps" and key not in here:
        raise ConfigError(where, f"{before} is the step '{next(iter(here), '')}', not '{key}'.")


def _written(keys: Path) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")
