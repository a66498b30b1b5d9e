"""The step measures, adds columns, and says who leaves by which rule."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.config.build import pipeline_from_dict
from corpus_forge.config.messages import PipelineError
from corpus_forge.document import Removal
from corpus_forge.rules import load_rules
from corpus_forge.steps import load_steps
from corpus_forge.steps.filter import FilterStep

GOOD = "the house of wood " * 13
SHORT = "the house of wood"


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.record_batch({"text": pa.array(texts, pa.large_string()), "url": pa.array(["u"] * len(texts), pa.string())})


def test_rows_signals_and_removals():
    outcome = FilterStep(rules="gopher_quality").start()(batch(SHORT, GOOD, None))
    says = "kept: 50 to 100000"
    assert dict(outcome.removed) == {
        0: Removal("gopher_quality.word_count", 4.0, says),
        2: Removal("gopher_quality.word_count", 0.0, says),
    }
    assert outcome.quarantined == {}
    assert outcome.kept()["url"].to_pylist() == ["u"]
    assert outcome.batch["word_count"].to_pylist() == [4, 52, 0]
    assert outcome.batch["mean_word_length"].to_pylist() == [3.5, 3.5, 0.0]


def test_columns_have_stable_names_and_types():
    outcome = FilterStep(rules="gopher_quality").start()(batch())
    assert outcome.batch.schema.names[:3] == ["text", "url", "word_count"]
    types = {field.name: str(field.type) for field in outcome.batch.schema}
    assert types == {
        "text": "large_string",
        "url": "string",
        "word_count": "int64",
        "mean_word_length": "double",
        "hash_to_word_ratio": "double",
        "ellipsis_to_word_ratio": "double",
        "bullet_line_share": "double",
        "ellipsis_line_share": "double",
        "alphabetic_word_share": "double",
        "stop_word_count": "int64",
    }


def test_other_intervals():
    step = FilterStep(rules="gopher_quality", set={"word_count": (4, None)})
    assert step.start()(batch(SHORT)).removed == {}


def test_flagged_documents_stay_and_are_counted():
    rules = {
        "family": "mine",
        "title": "t",
        "source": "s",
        "rules": [{"signal": "word_count", "keep": [9, None], "action": "flag"}],
    }
    outcome = FilterStep.model_validate({"rules": rules}).start()(batch(SHORT, GOOD, SHORT))
    assert outcome.removed == {}
    assert outcome.cleaned == {"flagged mine.word_count": 2}


def test_the_identity_is_made_of_the_rules_as_used():
    plain, full = FilterStep(rules="gopher_quality"), FilterStep(rules="gopher_quality@datatrove")
    other = FilterStep(rules="gopher_quality", set={"word_count": (80, 100000)})
    assert plain.identity() == full.identity() != other.identity()
    assert plain.identity()["rules"]["name"] == "gopher_quality@datatrove"
    assert other.identity()["rules"]["rules"][0] == {"signal": "word_count", "keep": [80.0, 100000.0], "action": "remove"}


def test_a_file_travels_as_its_content(tmp_path):
    """A worker makes the step anew from its fields, where the file is not."""
    path = tmp_path / "mine.yaml"
    path.write_text("{family: mine, title: t, source: s, rules: [{signal: word_count, keep: [9, null]}]}")
    step = FilterStep(rules=str(path))
    path.unlink()
    again = FilterStep.model_validate(step.model_dump(mode="json"))
    assert again == step
    assert again.identity() == step.identity()
    assert str(tmp_path) not in str(step.identity())
    assert again.start()(batch(SHORT)).removed == {0: Removal("mine.word_count", 4.0, "kept: at least 9")}


def test_intervals_that_hold_no_number_are_refused():
    with pytest.raises(ValidationError, match="no number is at least 5 and at most 4"):
        FilterStep(rules="gopher_quality", set={"word_count": (5, 4)})


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"filter": "gopher_qualty"},
            r"steps\[0\].filter: no rule set is named 'gopher_qualty'. Did you mean 'gopher_quality'",
        ),
        (
            {"filter": {"rules": "gopher_quality", "set": {"word_cout": [1, 2]}}},
            r"steps\[0\].filter: set.word_cout: gopher_quality@datatrove has no rule on 'word_cout'. Did you mean 'word_count'",
        ),
        ({"filter": "./absent.yaml"}, r"steps\[0\].filter: absent.yaml: cannot be read: No such file"),
    ],
)
def test_a_pipeline_file_is_answered_with_the_place(item, message):
    load_steps()
    with pytest.raises(PipelineError, match=message):
        pipeline_from_dict({"name": "x", "steps": [item]})


def test_the_shorthand_names_a_rule_set():
    assert FilterStep.shorthand == "rules"
    assert FilterStep(rules="gopher_quality").rule_set() == load_rules("gopher_quality@datatrove")
