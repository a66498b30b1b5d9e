"""Plain values become a typed pipeline, or a list of everything that is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from corpus_forge.config import PipelineConfig, pipeline_from_dict
from corpus_forge.config.messages import PipelineError
from corpus_forge.errors import ConfigError


def _errors(data: Any) -> dict[str, str]:
    """Path → problem and fix of a pipeline that is refused."""
    with pytest.raises(PipelineError) as caught:
        pipeline_from_dict(data, where="my.yaml")
    assert str(caught.value).startswith("my.yaml: ")
    return {error.where: f"{error.problem} {error.fix}".strip() for error in caught.value.errors}


def test_a_pipeline_is_typed(pipeline: dict[str, Any]) -> None:
    config = pipeline_from_dict(pipeline)
    assert isinstance(config, PipelineConfig)
    assert [step.name for step in config.steps] == ["extract", "score", "keep", "best"]
    assert (config.steps[2].rules, config.seed, config.sources[0].format) == ("gopher", 0, "pages")
    assert config.tokenize is not None
    assert (config.tokenize.seq_len, config.tokenize.shard_tokens, config.tokenize.train.sample) == (
        256,
        32_000_000,
        256_000_000,
    )


def test_resolved_is_json_and_gives_the_same_pipeline_again(pipeline: dict[str, Any]) -> None:
    config = pipeline_from_dict(pipeline)
    resolved = json.loads(json.dumps(config.resolved()))
    assert pipeline_from_dict(resolved) == config
    assert pipeline_from_dict(resolved).resolved() == resolved
    assert resolved["steps"][:3] == [
        {"extract": {"engine": "fast"}},
        {"score": {"languages": [], "least": 0.5, "size": 1}},
        {"keep": {"rules": "gopher", "set": {}}},
    ]
    assert resolved["sources"] == [{"format": "pages", "name": "web", "paths": ["a.warc"]}]


def test_without_tokenize_and_steps(pipeline: dict[str, Any]) -> None:
    config = pipeline_from_dict({"name": "x", "sources": pipeline["sources"]})
    assert (config.steps, config.tokenize) == ((), None)
    assert pipeline_from_dict(config.resolved()) == config


def test_the_input_is_not_changed(pipeline: dict[str, Any]) -> None:
    before = json.dumps(pipeline)
    pipeline_from_dict(pipeline)
    assert json.dumps(pipeline) == before


def test_unknown_keys_name_path_value_and_nearest(pipeline: dict[str, Any]) -> None:
    pipeline["steps"][2] = {"keep": {"ruls": "gopher"}}
    pipeline["sead"] = 5
    pipeline["tokenize"]["train"]["sampel"] = "1G"
    assert _errors(pipeline) == {
        "steps[2].keep.rules": "is required, but missing. See `corpus-forge list steps`.",
        "steps[2].keep.ruls": (
            "unknown key, value \"gopher\". Did you mean 'rules'? Known: rules, set. See `corpus-forge list steps`."
        ),
        "sead": (
            "unknown key, value 5. Did you mean 'seed'? Known: keep_signals, ledger, mix, name, seed, sources, steps, "
            "tokenize, training. See `corpus-forge schema`."
        ),
        "tokenize.train.sampel": "unknown key, value \"1G\". Did you mean 'sample'? Known: kind, sample, vocab_size, weights.",
    }


def test_unknown_names_of_steps_and_formats(pipeline: dict[str, Any]) -> None:
    pipeline["steps"][0] = "extrakt"
    pipeline["sources"][0]["format"] = "page"
    assert _errors(pipeline) == {
        "sources[0].format": (
            "no source format is named \"page\". Did you mean 'pages'? Known: pages, texts. See `corpus-forge list sources`."
        ),
        "steps[0]": (
            "no step is named 'extrakt', value {}. Did you mean 'extract'? Known: best, extract, keep, score."
            " See `corpus-forge list steps`."
        ),
    }


@pytest.mark.parametrize(
    ("step", "path", "words"),
    [
        ({"extract": "fats"}, "extract.engine", "must be 'fast' or 'precise'; it is \"fats\" (text). Did you mean 'fast'?"),
        ({"score": {"least": "high"}}, "score.least", 'must be a number; it is "high" (text).'),
        ({"score": {"least": 2}}, "score.least", "must be at most 1.0; it is 2."),
        ({"score": {"languages": "en"}}, "score.languages", 'must be a list such as [a, b]; it is "en" (text).'),
        (
            {"score": {"languages": ["de", False]}},
            "score.languages[1]",
            "must be text; it is false. YAML reads a bare yes, no, on and off as true or false: put it in quotes.",
        ),
        ({"score": {"size": {}}}, "score.size", "must be a whole number or a list such as [a, b]; it is {} (a mapping)."),
        (
            {"keep": {"rules": "x", "set": {"a": [1]}}},
            "keep.set.a[1]",
            "is required, but missing. See `corpus-forge list steps`.",
        ),
        ({"keep": {"rules": None}}, "keep.rules", "must be text; it is null (nothing)."),
        ({"score": 5}, "score", "must be a mapping such as {key: value}; it is 5."),
    ],
)
def test_wrong_values_are_told_in_words(pipeline: dict[str, Any], step: Any, path: str, words: str) -> None:
    pipeline["steps"][1] = step
    assert _errors(pipeline) == {f"steps[1].{path}": words}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"a": 1, "b": 2}, 'must be one step, `name` or `name: parameters`, not {"a": 1, "b": 2}.'),
        (5, "must be one step, `name` or `name: parameters`, not 5."),
        ({}, "must be one step, `name` or `name: parameters`, not {}."),
    ],
)
def test_an_item_of_steps_has_one_name(pipeline: dict[str, Any], item: Any, words: str) -> None:
    pipeline["steps"].append(item)
    assert _errors(pipeline)["steps[4]"].startswith(words)


@pytest.mark.parametrize(
    ("seq_len", "near"), [(1000, "896 or 1024"), (100, "128 or 256"), (2047, "1920 or 2048"), (129, "128 or 256")]
)
def test_seq_len_names_the_nearest_two(pipeline: dict[str, Any], seq_len: int, near: str) -> None:
    pipeline["tokenize"]["seq_len"] = seq_len
    assert _errors(pipeline) == {"tokenize.seq_len": f"must be a multiple of 128; the nearest are {near}; it is {seq_len}."}


@pytest.mark.parametrize(
    ("keys", "has"), [((), "none of 'tokenizer', 'tiktoken' and 'train'"), (("tokenizer", "train"), "'tokenizer' and 'train'")]
)
def test_exactly_one_vocabulary(pipeline: dict[str, Any], keys: tuple[str, ...], has: str) -> None:
    values = {"tokenizer": "t.json", "train": {"vocab_size": 1000}}
    pipeline["tokenize"] = {key: values[key] for key in keys}
    assert _errors(pipeline)["tokenize"].startswith(f"has {has}; give exactly one")


def test_units_and_bounds_of_tokenize(pipeline: dict[str, Any]) -> None:
    pipeline["tokenize"] = {"train": {"vocab_size": 300}, "shard_tokens": "-5", "packing": "best"}
    assert _errors(pipeline) == {
        "tokenize.train.vocab_size": "must be at least 359; it is 300.",
        "tokenize.packing": (
            "must be 'concat', 'best_fit', 'pad' or 'one_per_row'; it is \"best\" (text). Did you mean 'best_fit'?"
        ),
        "tokenize.shard_tokens": 'must be a count such as 500, 64K, 1.5M or 10B, not negative; it is "-5" (text).',
    }


def test_sources_are_there_and_have_different_names(pipeline: dict[str, Any]) -> None:
    pipeline["sources"] = [*pipeline["sources"], {"name": "web", "format": "texts", "paths": ["b"]}]
    assert _errors(pipeline) == {"sources[1].name": "'web' is also the name of sources[0]; names of sources differ."}
    assert _errors({"name": "x", "sources": []}) == {"sources": "must have at least one entry."}
    assert _errors({"name": "x"})["sources"].startswith("is required, but missing.")
    assert _errors({"name": "x", "sources": {"a": 1}})["sources"].startswith("must be a list")
    assert _errors({"sources": pipeline["sources"][:1]}) == {"name": "is required, but missing. See `corpus-forge schema`."}


def test_a_name_cannot_leave_its_folder(pipeline: dict[str, Any]) -> None:
    for name in ("../x", "a/b", "", ".", "-x", "a\nb"):
        assert "name" in _errors({**pipeline, "name": name})
        pipeline["sources"][0]["name"] = name
        assert "sources[0].name" in _errors(pipeline)
        pipeline["sources"][0]["name"] = "web"


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_what_is_no_mapping(data: Any) -> None:
    assert _errors(data)["(top)"].startswith("must be a mapping with 'name' and 'sources'")


def test_all_problems_are_listed_at_once_in_one_config_error(pipeline: dict[str, Any]) -> None:
    pipeline["steps"] = ["extrakt", {"keep": {}}, {"score": {"least": -1}}]
    with pytest.raises(ConfigError) as caught:
        pipeline_from_dict(pipeline, where="my.yaml")
    lines = str(caught.value).splitlines()
    assert lines[0] == "my.yaml: 3 problems"
    assert [line.split(":")[0] for line in lines[1:]] == ["  steps[0]", "  steps[1].keep.rules", "  steps[2].score.least"]
    assert (caught.value.exit_code, caught.value.where) == (2, "steps[0]")
    assert "pydantic" not in str(caught.value)


def test_models_are_frozen(pipeline: dict[str, Any]) -> None:
    config = pipeline_from_dict(pipeline)
    with pytest.raises(ValueError, match="frozen"):
        config.name = "other"
