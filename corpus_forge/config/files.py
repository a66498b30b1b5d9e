"""A pipeline file from disk: read, overridden, resolved.

Relative paths in it are relative to the working folder, as on any command line, and not to the file: a recipe copied
elsewhere goes on meaning the same data. The one exception is the example data that comes with corpus-forge (`recipes.bundled`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corpus_forge.config.build import pipeline_from_dict
from corpus_forge.config.loader import decode_yaml, parse_yaml
from corpus_forge.config.messages import shown
from corpus_forge.config.models import PipelineConfig
from corpus_forge.config.overrides import apply_overrides
from corpus_forge.config.recipes import bundled, find_pipeline
from corpus_forge.errors import ConfigError, InputError


def load_pipeline(path: Path | str, overrides: Iterable[str] = ()) -> PipelineConfig:
    """The pipeline of a file or of a shipped recipe's name, `path=value` overrides applied; ConfigError lists all problems."""
    file = find_pipeline(path)
    data = read_pipeline(file)
    return pipeline_from_dict(_with_bundled_data(apply_overrides(data, overrides)), where=str(path))


def read_pipeline(file: Path) -> dict[str, Any]:
    """The plain values of a pipeline file, not yet checked against anything but YAML."""
    try:
        text = decode_yaml(file.read_bytes(), str(file))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}.") from error
    data = parse_yaml(text, str(file))
    if not isinstance(data, dict):
        what = "is empty" if data is None else f"is {shown(data)}"
        raise ConfigError(str(file), f"{what}; a pipeline is a mapping with 'name' and 'sources'.", "See `corpus-forge init`.")
    return data


def _with_bundled_data(data: dict[str, Any]) -> dict[str, Any]:
    sources = data.get("sources")
    return {**data, "sources": [_found(each) for each in sources]} if isinstance(sources, list) else data


def _found(source: Any) -> Any:
    paths = source.get("paths") if isinstance(source, dict) else None
    if isinstance(paths, str):
        return {**source, "paths": bundled(paths)}
    if isinstance(paths, list):
        return {**source, "paths": [bundled(each) if isinstance(each, str) else each for each in paths]}
    return source
