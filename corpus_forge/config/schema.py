"""JSON Schema (draft 2020-12) of a pipeline file, for editors: completion, hover texts and red lines while typing.

Made from the same models that check the file, with the steps and formats that are registered at the time, plugins included.
Refuses nothing that the models accept; the models refuse a little more (a file's existence, exactly one of two keys).
"""

from __future__ import annotations

import copy
import inspect
from typing import Any

from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from corpus_forge import registry
from corpus_forge.config import named_sources
from corpus_forge.config.mix import MixConfig
from corpus_forge.config.models import PipelineConfig
from corpus_forge.config.tokenize import TokenizeConfig

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of a pipeline file as JSON values; every registered step, format and shorthand is in it."""
    definitions: dict[str, Any] = {}
    fields = PipelineConfig.model_json_schema()["properties"]
    tokenize, mix = _defined(TokenizeConfig, "tokenize", definitions), _mix(definitions)
    return {
        "$schema": DIALECT,
        "title": "corpus-forge pipeline",
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "sources"],
        "properties": {
            "name": fields["name"],
            "seed": fields["seed"],
            "keep_signals": fields["keep_signals"],
            "ledger": fields["ledger"],
            "sources": _list("Where documents come from.", _sources(definitions), 1),
            "steps": _list("What happens to documents, in order.", _steps(definitions), 0),
            "tokenize": {"anyOf": [tokenize, {"type": "null"}], "description": fields["tokenize"]["description"]},
            "mix": {"anyOf": [mix, {"type": "null"}], "description": fields["mix"]["description"]},
            "training": fields["training"],
        },
        "$defs": definitions,
    }


def _mix(definitions: dict[str, Any]) -> dict[str, Any]:
    """The shape of `mix`, whose parts may be bare numbers or text, or names alone."""
    reference = _defined(MixConfig, "mix", definitions)
    parts = definitions["mix"]["properties"]["parts"]
    bare = [{"type": ["number", "string", "null"]}]
    named = {"type": "object", "additionalProperties": {"anyOf": [parts.pop("additionalProperties"), *bare]}}
    part = copy.deepcopy(definitions["mix.MixPart"])
    part["properties"]["name"], part["required"] = {"type": "string"}, ["name"]
    parts["anyOf"] = [named, {"type": "array", "items": {"anyOf": [{"type": "string"}, part]}}]
    del parts["type"]
    return reference


def summary(entry: Any) -> str:
    """The first sentence of a docstring: what lists and hover texts say of a step or a format."""
    text = inspect.getdoc(entry) or ""
    first = " ".join(text.split("\n\n", 1)[0].split())
    return first if first.endswith(".") or not first else first + "."


def _list(words: str, choices: list[dict[str, Any]], least: int) -> dict[str, Any]:
    entry = {"anyOf": choices} if choices else {}
    shape: dict[str, Any] = {"type": "array", "description": words, "items": entry}
    if least:
        return {**shape, "minItems": least}
    return {"anyOf": [shape, {"type": "null"}], "description": words}


def _sources(definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Formats, named corpora of these formats, and any file of one's own, whose parameters an editor cannot know."""
    shapes = [_source(name, definitions) for name in registry.formats]
    shapes += [_corpus(name, definitions) for name in named_sources.shipped_of(registry.formats)]
    path = {"type": "string", "pattern": r"/|\.ya?ml$", "description": "A file that describes a corpus, see docs/sources.md."}
    own = {"type": "object", "properties": {"name": {"type": "string"}, "format": path}, "required": ["format", "name"]}
    return [*shapes, own]


def _source(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    model = registry.formats.get(name)
    reference = _defined(model, f"format-{name}", definitions)
    shape = definitions[f"format-{name}"]
    shape["properties"]["format"] = {"const": name, "description": summary(model)}
    shape["required"] = sorted({*shape.get("required", ()), "format"})
    return reference


def _corpus(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The shape of its format; what the corpus fills in need not be given, and of columns null takes one away."""
    corpus = named_sources.load_source(name)
    shape = copy.deepcopy(definitions[f"format-{corpus.format}"])
    shape["properties"]["format"] = {"const": name, "description": f"{corpus.title}. {corpus.notes}".strip()}
    shape["required"] = [key for key in shape["required"] if key not in corpus.read]
    if "columns" in shape["properties"]:
        columns = shape["properties"]["columns"]
        columns["additionalProperties"] = {"anyOf": [columns["additionalProperties"], {"type": "null"}]}
    definitions[f"corpus-{name}"] = shape
    return {"$ref": f"#/$defs/corpus-{name}"}


def _steps(definitions: dict[str, Any]) -> list[dict[str, Any]]:
    choices: list[dict[str, Any]] = []
    for name in registry.steps:
        entry = registry.steps.get(name)
        choices.append({"const": name, "description": summary(entry)})
        values = _family(name, entry, definitions) if isinstance(entry, registry.Family) else _one(name, entry, definitions)
        properties = {name: {"anyOf": [*values, {"type": "null"}], "description": summary(entry)}}
        choices.append({"type": "object", "properties": properties, "required": [name], "additionalProperties": False})
    return choices


def _one(name: str, model: Any, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """What may stand behind the name of a step: its parameters, and what a bare value may be."""
    reference = _defined(model, f"step-{name}", definitions)
    shorthand = [_shorthand(definitions[f"step-{name}"], model.shorthand)] if model.shorthand else []
    return [reference, *shorthand]


def _family(name: str, family: registry.Family, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of each member. Its key may be left out of the default's, and of those that a parameter implies."""
    references, bare = [], []
    for value in family.members:
        model, key = family.members.get(value), f"step-{name}-{value}"
        references.append(_defined(model, key, definitions))
        shape = definitions[key]
        shape["properties"][family.key] = {"const": value, "description": summary(model)}
        if value != family.default:
            implied = [{"required": [parameter]} for parameter in getattr(model, "implied_by", ())]
            shape["anyOf"] = [{"required": [family.key]}, *implied]
        bare.append({"const": value, "description": summary(model)})
    return [*references, *bare]


def _shorthand(shape: dict[str, Any], field: str) -> dict[str, Any]:
    """What a bare value may be: the field's own schema, except a mapping, which is always parameters."""
    return {"allOf": [shape["properties"].get(field, {}), {"not": {"type": "object"}}]}


def _prepared_fields(model: type[BaseModel]) -> set[str]:
    """Fields whose values a validator prepares before their type is looked at: `paths: a.warc` for `paths: [a.warc]`."""
    decorated = (each.info for each in model.__pydantic_decorators__.field_validators.values())
    names = {name for info in decorated if info.mode == "before" for name in info.fields}
    plain = {
        name
        for name, field in model.model_fields.items()
        if any(isinstance(each, BeforeValidator) for each in field.metadata)
        and not any(isinstance(each, WithJsonSchema) for each in field.metadata)
    }
    return names | plain


def _also_text(shape: dict[str, Any]) -> dict[str, Any]:
    """A list or a number that may be written as text too; what has a fixed set of values stays as it is."""
    kinds = {part.get("type") for part in (shape, *shape.get("anyOf", ()))}
    if not kinds & {"array", "integer"} or "string" in kinds:
        return shape
    about: dict[str, Any] = {key: shape[key] for key in ("title", "description", "default") if key in shape}
    return {"anyOf": [{key: value for key, value in shape.items() if key not in about}, {"type": "string"}], **about}


def _defined(model: type[BaseModel], key: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """Put a model's schema and those of its parts under `$defs`, names kept apart by `key`."""
    template = f"#/$defs/{key}.{{model}}"
    shape = model.model_json_schema(ref_template=template, by_alias=True)
    for name, part in shape.pop("$defs", {}).items():
        definitions[f"{key}.{name}"] = part
    shape.pop("title", None)
    properties = shape.setdefault("properties", {})
    for name in _prepared_fields(model) & set(properties):
        properties[name] = _also_text(properties[name])
    definitions[key] = shape
    return {"$ref": f"#/$defs/{key}"}
