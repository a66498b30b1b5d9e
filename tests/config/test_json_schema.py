"""The schema accepts what the models accept and refuses what an editor can know to be wrong."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from corpus_forge.config import json_schema, pipeline_from_dict
from corpus_forge.errors import ConfigError


@pytest.fixture
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    return jsonschema.Draft202012Validator(schema)


def test_all_ways_to_write_a_step_are_valid(validator: jsonschema.Draft202012Validator, pipeline: dict[str, Any]) -> None:
    validator.validate(pipeline)
    validator.validate(pipeline_from_dict(pipeline).resolved())
    validator.validate({**pipeline, "tokenize": None, "steps": None})
    for parts in ({"web": 3}, {"web": "100%"}, {"web": "1B"}, {"web": None}, ["web"], {"a": {"source": "web", "epochs": 2}}):
        changed = {**pipeline, "mix": {"parts": parts}, "training": {"train": {"steps": 3}}}
        validator.validate(changed)
        validator.validate(pipeline_from_dict(changed).resolved())
    validator.validate(
        {**pipeline, "steps": ["extract", {"extract": "precise"}, {"extract": {"engine": "fast"}}, {"extract": None}]}
    )


@pytest.mark.parametrize(
    "change",
    [
        {"steps": ["extrakt"]},
        {"steps": [{"extract": "fats"}]},
        {"steps": [{"keep": {"ruls": "x"}}]},
        {"steps": [{"keep": {}}]},
        {"steps": [{"score": 5}]},
        {"steps": [{"extract": None, "score": None}]},
        {"sources": []},
        {"sources": [{"name": "a", "format": "nothing", "paths": ["x"]}]},
        {"sources": [{"name": "a", "paths": ["x"]}]},
        {"sources": [{"name": "a", "format": "pages", "paths": []}]},
        {"tokenize": {"train": {"vocab_size": "many"}}},
        {"tokenize": {"train": {"vocab_size": 1000}, "shard_tokens": "5 apples"}},
        {"seed": -1},
        {"mixture": {}},
        {"mix": {"parts": {"web": {"wight": 1}}}},
        {"mix": {"tokens": "many"}},
    ],
)
def test_what_the_schema_refuses_the_models_refuse_too(
    validator: jsonschema.Draft202012Validator, pipeline: dict[str, Any], change: dict[str, Any]
) -> None:
    assert not validator.is_valid({**pipeline, **change})
    with pytest.raises(ConfigError, match=r"^pipeline: "):
        pipeline_from_dict({**pipeline, **change})


def test_hover_texts_are_the_first_sentence_of_docstrings(validator: jsonschema.Draft202012Validator) -> None:
    schema = validator.schema
    sources = schema["properties"]["sources"]["items"]["anyOf"]
    assert [each["$ref"] for each in sources[:-1]] == ["#/$defs/format-pages", "#/$defs/format-texts"]
    assert "describes a corpus" in sources[-1]["properties"]["format"]["description"]
    assert schema["$defs"]["format-pages"]["properties"]["format"]["const"] == "pages"
    assert schema["$defs"]["step-keep"]["properties"]["set"]["description"] == "Other intervals."
    steps = schema["properties"]["steps"]["anyOf"][0]["items"]["anyOf"]
    assert {"const": "extract", "description": "Pages to texts."} in steps


def test_a_list_that_may_be_one_value_may_be_so_in_the_schema(
    validator: jsonschema.Draft202012Validator, pipeline: dict[str, Any]
) -> None:
    pipeline["sources"] = [{"name": "books", "format": "texts", "paths": "a.txt"}]
    validator.validate(pipeline)
    assert pipeline_from_dict(pipeline).sources[0].model_dump()["paths"] == ["a.txt"]
    pipeline["sources"][0]["paths"] = 5
    assert not validator.is_valid(pipeline)


def test_a_mapping_is_never_a_shorthand(validator: jsonschema.Draft202012Validator, pipeline: dict[str, Any]) -> None:
    assert not validator.is_valid({**pipeline, "steps": [{"keep": {"a": 1}}]})
