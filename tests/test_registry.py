"""Families: one name for several models, told apart by the value of one key."""

from __future__ import annotations

import jsonschema
import pytest

from corpus_forge import registry
from corpus_forge.config import json_schema, pipeline_from_dict
from corpus_forge.config.messages import PipelineError
from corpus_forge.errors import RequestError
from corpus_forge.steps import load_names
from corpus_forge.steps.dedup.exact import ExactDedup
from corpus_forge.steps.dedup.family import dedup, methods
from corpus_forge.steps.dedup.minhash import MinhashDedup


def pipeline(step) -> dict:
    return {"name": "p", "sources": [{"name": "w", "format": "jsonl", "paths": ["x.jsonl"]}], "steps": [step]}


@pytest.mark.parametrize(
    ("written", "member"),
    [
        ("dedup", ExactDedup),
        ({"dedup": None}, ExactDedup),
        ({"dedup": "minhash"}, MinhashDedup),
        ({"dedup": {"keep": "longest"}}, ExactDedup),
        ({"dedup": {"preset": "fineweb"}}, MinhashDedup),
        ({"dedup": {"method": "minhash", "bands": 3}}, MinhashDedup),
    ],
)
def test_the_key_chooses_the_member_and_the_schema_agrees(written, member):
    load_names()
    config = pipeline_from_dict(pipeline(written))
    assert type(config.steps[0]) is member
    assert pipeline_from_dict(config.resolved()).steps == config.steps
    jsonschema.validate(config.resolved(), json_schema())
    jsonschema.validate(pipeline(written), json_schema())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"dedup": "minhsh"}, "no method of dedup is named 'minhsh'. Did you mean 'minhash'"),
        ({"dedup": {"method": "exact", "bands": 3}}, "`bands` belongs to method: minhash, and the method is exact"),
        ({"dedup": {"method": "minhash", "bnds": 3}}, r"steps\[0\].dedup.bnds: unknown key, value 3. Did you mean 'bands'"),
    ],
)
def test_a_wrong_key_is_told_with_the_member_it_belongs_to(written, said):
    load_names()
    with pytest.raises(PipelineError, match=said):
        pipeline_from_dict(pipeline(written))
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(pipeline(written))


def test_members_are_labelled_by_family_and_value():
    load_names()
    labels = [label for label, _ in registry.models_of(registry.steps, "dedup")]
    assert labels == [f"dedup: {value}" for value in methods]
    assert registry.models_of(registry.steps, "redact")[0][0] == "redact"


def test_a_member_is_registered_once():
    with pytest.raises(RequestError, match="two methods of dedup are named 'exact'"):
        methods.add("exact")(MinhashDedup)
    assert dedup.make({}) == ExactDedup()
