"""From plain values to a `PipelineConfig`: every name looked up, every problem collected before any is told.

A step is written `name`, `name: value` (the value goes to the step's shorthand field) or `name: {parameters}`; here all three
become the last form first, so that overrides and messages know a single shape. Names come from the registries; whoever
calls has filled them (`corpus_forge.steps.load_names`).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from corpus_forge import registry
from corpus_forge.config import named_sources
from corpus_forge.config.messages import PipelineError, in_words, shown
from corpus_forge.config.mix import MixConfig, with_parts
from corpus_forge.config.models import PipelineConfig
from corpus_forge.config.tokenize import TokenizeConfig
from corpus_forge.errors import ConfigError, RequestError, nearest

LOOK = {"steps": " See `corpus-forge list steps`.", "sources": " See `corpus-forge list sources`."}


def pipeline_from_dict(data: dict[str, Any], where: str = "pipeline") -> PipelineConfig:
    """The typed pipeline of plain values; PipelineError lists all that is wrong, `where` names the document."""
    if not isinstance(data, dict):
        raise PipelineError(where, [ConfigError("(top)", f"must be a mapping with 'name' and 'sources', not {shown(data)}.")])
    data = expand_shorthands(data)
    errors: list[ConfigError] = []
    fields = {key: value for key, value in data.items() if key not in ("sources", "steps", "tokenize", "mix")}
    fields["sources"] = _entries(data, "sources", _source, errors)
    fields["steps"] = _entries(data, "steps", _step, errors)
    if data.get("tokenize") is not None:
        fields["tokenize"] = _validated(TokenizeConfig, data["tokenize"], "tokenize", "", errors)
    if data.get("mix") is not None:
        fields["mix"] = _validated(MixConfig, data["mix"], "mix", " See docs/mixture.md.", errors)
    config = _top(fields, data, errors)
    if errors or config is None:
        raise PipelineError(where, errors)
    return config


def expand_shorthands(data: dict[str, Any]) -> dict[str, Any]:
    """The same values with each step and each part of `mix` as `{name: {parameters}}`.

    What has no such shape is left for the check to name.
    """
    steps, mix = data.get("steps"), data.get("mix")
    data = {**data, "steps": [_expanded(item) for item in steps]} if isinstance(steps, list) else data
    return {**data, "mix": with_parts(mix)} if isinstance(mix, dict) else data


def _expanded(item: Any) -> Any:
    if isinstance(item, str):
        return {item: {}}
    if not isinstance(item, dict) or len(item) != 1:
        return item
    [(name, value)] = item.items()
    if value is None:
        return {name: {}}
    field = getattr(registry.steps.get(name), "shorthand", None) if name in registry.steps else None
    return item if isinstance(value, dict) or field is None else {name: {field: value}}


def _top(fields: dict[str, Any], data: dict[str, Any], errors: list[ConfigError]) -> PipelineConfig | None:
    """The outer model. Sources and steps were checked one by one, so that findings about their entries are not repeated."""
    broken = {error.where.split("[")[0].split(".")[0] for error in errors}
    try:
        return PipelineConfig.model_validate(fields)
    except ValidationError as error:
        given = {key: value for key, value in fields.items() if key in data or key not in ("sources", "steps")}
        found = in_words(error, {**given, **data}, PipelineConfig, "", " See `corpus-forge schema`.")
        kept = [_placed(each) for each in found]
        errors.extend(each for each in kept if each.where.split("[")[0] not in broken)
    return None


def _placed(error: ConfigError) -> ConfigError:
    """The error with its path: that of the finding, or the one that a check over several keys begins with."""
    where, problem = error.where.lstrip("."), error.problem
    head, colon, rest = problem.partition(": ")
    if not where and colon and head.split(".")[0] in PipelineConfig.model_fields:
        where, problem = head, rest
    return ConfigError(where, problem, error.fix)


def _entries(data: dict[str, Any], key: str, make: Any, errors: list[ConfigError]) -> tuple[Any, ...]:
    items = data.get(key)
    if items is None:
        if key == "sources":
            problem = "is required, but missing." if key not in data else "must have at least one entry."
            errors.append(
                ConfigError(key, problem, "Say where documents come from, such as {name: web, format: warc, paths: [...]}.")
            )
        return ()
    if not isinstance(items, list | tuple):
        errors.append(ConfigError(key, f"must be a list (lines that start with '- '), not {shown(items)}."))
        return ()
    if key == "sources" and not items:
        errors.append(ConfigError(key, "must have at least one entry."))
    made = [make(item, f"{key}[{index}]", errors) for index, item in enumerate(items)]
    if key == "sources":
        _unique_names(made, errors)
    return tuple(entry for entry in made if entry is not None)


def _unique_names(sources: list[Any], errors: list[ConfigError]) -> None:
    first: dict[str, int] = {}
    for index, source in enumerate(sources):
        if source is not None and first.setdefault(source.name, index) != index:
            problem = f"'{source.name}' is also the name of sources[{first[source.name]}]; names of sources differ."
            errors.append(ConfigError(f"sources[{index}].name", problem))


def _source(item: Any, where: str, errors: list[ConfigError]) -> BaseModel | None:
    if not isinstance(item, dict):
        errors.append(
            ConfigError(where, f"must be a mapping such as {{name: web, format: warc, paths: [...]}}, not {shown(item)}.")
        )
        return None
    kind = item.get("format")
    if kind not in registry.formats and named_sources.known(kind):
        try:
            item = named_sources.resolved(item, where)
        except ConfigError as error:
            errors.append(error)
            return None
        except RequestError as error:
            errors.append(ConfigError(f"{where}.format", str(error)))
            return None
        kind = item["format"]
    if not isinstance(kind, str) or kind not in registry.formats:
        problem = "is required, but missing." if "format" not in item else f"no source format is named {shown(kind)}."
        errors.append(
            ConfigError(
                f"{where}.format",
                problem,
                nearest(str(kind), [*registry.formats, *named_sources.shipped_of(registry.formats)]) + LOOK["sources"],
            )
        )
        return None
    values = {key: value for key, value in item.items() if key != "format"}
    return _validated(registry.formats.get(kind), values, where, LOOK["sources"], errors)


def _step(item: Any, where: str, errors: list[ConfigError]) -> BaseModel | None:
    if not isinstance(item, dict) or len(item) != 1:
        problem = f"must be one step, `name` or `name: parameters`, not {shown(item)}."
        fix = "Each step takes its own line that starts with '- '." if isinstance(item, dict) and item else ""
        errors.append(ConfigError(where, problem, fix))
        return None
    [(name, params)] = item.items()
    if name not in registry.steps:
        known = nearest(str(name), registry.steps)
        errors.append(ConfigError(where, f"no step is named '{name}', value {shown(params)}.", known + LOOK["steps"]))
        return None
    return _validated(registry.steps.get(name), params, f"{where}.{name}", LOOK["steps"], errors)


def _validated(model: Any, values: Any, where: str, look: str, errors: list[ConfigError]) -> Any:
    """The model, or None and its problems added to `errors`. A step may refuse with a RequestError of its own."""
    try:
        model = model.choose(values) if isinstance(model, registry.Family) else model
        return model.model_validate(values)
    except ValidationError as error:
        errors.extend(in_words(error, values, model, where, look))
    except RequestError as error:
        errors.append(ConfigError(where, str(error), look.strip()))
    return None
