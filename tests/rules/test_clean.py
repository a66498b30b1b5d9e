"""Rules on lines clean; documents are judged by what is left; every line that goes is counted."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.rules import RuleSet, apply_rules
from corpus_forge.steps.filter import FilterStep

LONG = {"signal": "line_word_count", "keep": [2, None], "action": "clean"}
ENDED = {"signal": "line_ends_sentence", "keep": [1, None], "action": "clean"}
NO_BRACE = {"signal": "line_braces", "keep": [None, 0]}
WORDS = {"signal": "word_count", "keep": [2, None]}


def rule_set(*rules: dict, **more) -> RuleSet:
    return RuleSet.model_validate({"family": "mine", "title": "Mine", "source": "me", "rules": rules, **more})


def verdicts(texts: list[str], *rules: dict, **more) -> list[tuple]:
    table = apply_rules(texts, rule_set(*rules, **more)).to_pydict()
    return list(zip(table["rule"], table["value"], table["text"], strict=True))


def test_lines_leave_and_the_document_is_judged_by_the_rest():
    assert verdicts(["one two.\nx\n three four. \n", "x\ny"], LONG, WORDS) == [
        (None, None, "one two.\nthree four."),
        ("mine.word_count", 0.0, "x\ny"),
    ]


def test_signals_before_rules_on_lines_see_the_whole_text():
    assert verdicts(["x\ny"], WORDS, LONG) == [(None, None, "")]


def test_a_rule_on_lines_sees_only_what_earlier_rules_left():
    texts = ["one { two\nthree four.", "one {{ two.\nthree { four."]
    assert verdicts(texts, ENDED, NO_BRACE) == [(None, None, "three four."), ("mine.line_braces", 2.0, texts[1])]
    assert [row[0] for row in verdicts(texts, NO_BRACE, ENDED)] == ["mine.line_braces"] * 2


def test_citations_go_where_the_set_says_so():
    assert verdicts(["a b [1] c [edit]."], LONG, citations="remove") == [(None, None, "a b  c .")]
    assert verdicts(["a b [1] c [edit]."], LONG) == [(None, None, "a b [1] c [edit].")]


def test_no_texts_and_texts_of_nothing():
    assert verdicts([], LONG, WORDS) == []
    assert verdicts(["", "\n\n"], LONG) == [(None, None, "")] * 2


def test_the_step_replaces_the_text_and_counts_the_lines():
    step = FilterStep(rules=rule_set(LONG, ENDED, WORDS))
    outcome = step.start()(pa.record_batch({"text": pa.array(["one two.\nx\nno end\ny", "x"], pa.string())}))
    assert outcome.batch["text"].to_pylist() == ["one two.", "x"]
    assert outcome.batch["mine_removed_lines"].to_pylist() == [3, 1]
    assert outcome.batch["word_count"].to_pylist() == [2, 0]
    assert outcome.cleaned == {"lines mine.line_ends_sentence": 1, "lines mine.line_word_count": 3}
    assert {row: removal.rule for row, removal in outcome.removed.items()} == {1: "mine.word_count"}
    assert step.measures() == ("word_count", "mine_removed_lines")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**WORDS, "action": "clean"}, "'word_count' is a signal of whole documents: nothing of them can be cleaned"),
        ({**LONG, "action": "flag"}, "'line_word_count' is a signal of lines, which are cleaned, or removed"),
    ],
)
def test_an_action_that_does_not_fit_its_signal_is_refused(rule, message):
    with pytest.raises(ValidationError, match=message):
        rule_set(rule)


def test_what_cleans_is_part_of_the_identity_and_what_does_not_is_as_it_was():
    assert rule_set(LONG).identity()["citations"] == "keep"
    assert "citations" not in rule_set(WORDS).identity()
