"""Rules with `when`, flags, the full ledger and what rules have seen: in a call, a step, and a run's report."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError
from rich.console import Console

from corpus_forge.document import Failing, Seen
from corpus_forge.errors import RequestError
from corpus_forge.pipeline import Pipeline, Run
from corpus_forge.report.terminal import report_view
from corpus_forge.rules import RuleSet, apply_rules
from corpus_forge.steps.filter import FilterStep

ENGLISH = {"name": "english", "signal": "word_count", "keep": [3, None], "when": {"language": "en"}}
OTHERS = {"name": "others", "signal": "word_count", "keep": [2, None], "when": {"language": ["de", "fr"], "source": "web"}}
MARKS = {"signal": "hash_to_word_ratio", "keep": [None, 0.25], "action": "flag"}
DOTS = {"signal": "ellipsis_to_word_ratio", "keep": [None, 0.25], "action": "flag"}


def rule_set(*rules: dict, **more) -> RuleSet:
    return RuleSet.model_validate({"family": "mine", "title": "Mine", "source": "me", "rules": rules, **more})


def batch(*rows: tuple[str, str | None, str]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        {name: pa.array(values, pa.string()) for name, values in zip(("text", "language", "source"), columns, strict=True)}
    )


def test_a_rule_is_for_documents_of_its_languages_and_sources():
    table = apply_rules(
        ["a b", "a b", "a", "a", "a", "a"],
        rule_set(ENGLISH, OTHERS),
        language=["en", "de", "de", "de", "it", None],
        source=["web", "web", "web", "books", "web", "web"],
    )
    assert table["rule"].to_pylist() == ["mine.english", None, "mine.others", None, None, None]
    assert table["value"].to_pylist() == [2.0, None, 1.0, None, None, None]


def test_one_language_for_all_and_none_given():
    assert apply_rules(["a"], rule_set(ENGLISH), language="en")["keep"].to_pylist() == [False]
    assert apply_rules(["a"], rule_set(ENGLISH), language="de")["keep"].to_pylist() == [True]
    with pytest.raises(RequestError, match=r"documents of one language only \(en\), and none is known here"):
        apply_rules(["a"], rule_set(ENGLISH))
    with pytest.raises(RequestError, match="language has 2 values for 1 texts"):
        apply_rules(["a"], rule_set(ENGLISH), language=["en", "de"])


def test_lines_of_other_documents_stay_as_they_are():
    clean = {"signal": "line_word_count", "keep": [2, None], "action": "clean", "when": {"language": ["en"]}}
    table = apply_rules([" a\nb c ", " a\nb c "], rule_set(clean), language=["en", "de"])
    assert table["text"].to_pylist() == ["b c", " a\nb c "]


def test_a_rule_on_lines_removes_only_documents_that_it_is_for():
    brace = {"signal": "line_braces", "keep": [None, 0], "when": {"source": ["web"]}}
    table = apply_rules(["{", "{"], rule_set(brace), source=["web", "code"])
    assert table["rule"].to_pylist() == ["mine.line_braces", None]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([ENGLISH, {**ENGLISH, "name": None}, {**OTHERS, "name": None}], "two rules look at 'word_count'"),
        ([{**ENGLISH, "when": {}}], "names neither a language nor a source"),
        ([{**ENGLISH, "when": {"langage": ["en"]}}], "Extra inputs are not permitted"),
        (
            [ENGLISH, {"signal": "line_word_count", "keep": [1, None], "action": "clean"}, OTHERS],
            "'word_count' is looked at before and behind rules on lines",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(rules, message):
    with pytest.raises(ValidationError, match=message):
        rule_set(*rules)


def test_signals_that_are_only_measured():
    step = FilterStep(rules=rule_set(ENGLISH | {"when": None}, measure=["char_count", "word_count"]))
    made = step.start()(batch(("a b c", "en", "web"))).batch
    assert made.schema.names == ["text", "language", "source", "word_count", "char_count"]
    assert made["char_count"].to_pylist() == [5]
    with pytest.raises(ValidationError, match=r"no signal is named 'char_cont'. Did you mean 'char_count'"):
        rule_set(ENGLISH, measure=["char_cont"])
    with pytest.raises(ValidationError, match="is a signal of lines"):
        rule_set(ENGLISH, measure=["line_braces"])


def test_the_step_names_flags_in_a_column_and_counts_each():
    step = FilterStep(rules=rule_set(MARKS, DOTS))
    outcome = step.start()(batch(("# …", "en", "web"), ("a b", "en", "web"), ("#", "en", "web")))
    assert outcome.removed == {}
    assert outcome.batch["mine_flags"].to_pylist() == [
        ["hash_to_word_ratio", "ellipsis_to_word_ratio"],
        [],
        ["hash_to_word_ratio"],
    ]
    assert outcome.cleaned == {"flagged mine.ellipsis_to_word_ratio": 1, "flagged mine.hash_to_word_ratio": 2}
    assert "mine_flags" in step.measures()


def test_the_condition_of_a_step_is_for_rules_without_one():
    step = FilterStep(rules="gopher_quality", when={"language": ["en"]})
    outcome = step.start()(batch(("a", "en", "web"), ("a", "de", "web")))
    assert list(outcome.removed) == [0]
    assert step.needs == ("text", "language")
    assert FilterStep(rules="gopher_quality").needs == FilterStep.needs == ("text",)
    assert step.identity() != FilterStep(rules="gopher_quality").identity()


def test_the_full_ledger_has_every_failing_rule():
    rules = rule_set({**ENGLISH, "when": None}, {**MARKS, "action": "remove"}, {"signal": "char_count", "keep": [1, 9]})
    rows = batch(("# b", "en", "web"), ("a b c d e f", "en", "web"))
    full = FilterStep(rules=rules, ledger="full").start()(rows).failing
    assert full[0] == (
        Failing("mine.english", 1.0, 3.0, None),
        Failing("mine.hash_to_word_ratio", 0.5, None, 0.25),
    )
    assert full[1] == (Failing("mine.char_count", 11.0, 1.0, 9.0),)
    assert FilterStep(rules=rules).start()(rows).failing == {}


def test_what_rules_have_seen():
    rules = rule_set(
        {"signal": "line_word_count", "keep": [2, None], "action": "clean"}, {**OTHERS, "when": {"language": ["de"]}}
    )
    outcome = FilterStep(rules=rules).start()(batch(("a\nb c\nd e f", "de", "web"), ("a b c", "en", "web")))
    assert outcome.seen == {"mine.line_word_count": Seen(4, 1, 1.0, 3.0), "mine.others": Seen(1, 0, 5.0, 5.0)}
    assert Seen(1, 0, 5.0, 5.0).joined(Seen()).joined(Seen(2, 1, 1.0, 4.0)) == Seen(3, 1, 1.0, 5.0)


def run(folder: Path, steps: list, **more) -> Run:
    rows = [{"text": "a b c d"}, {"text": "a # #"}, {"text": "a b c d e f g"}, {"text": "a"}]
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sources = [{"name": "web", "format": "jsonl", "paths": [str(folder / "in.jsonl")]}]
    made = Pipeline.from_dict({"name": "x", "sources": sources, "steps": steps, **more})
    return made.run(folder / "run", executor="inline")


RULES = """
family: mine
title: Mine
source: me
rules:
  - {signal: word_count, keep: [2, 9]}
  - {signal: char_count, keep: [3, null]}
  - {signal: stop_word_count, keep: [null, 3]}
  - {signal: hash_to_word_ratio, keep: [null, 0.5], action: flag}
"""


def test_the_report_names_rules_that_never_fired_with_the_closest_value(tmp_path, capsys):
    (tmp_path / "mine.yaml").write_text(RULES)
    made = run(tmp_path, [{"filter": str(tmp_path / "mine.yaml")}], ledger="full")
    rows = {row["rule"]: row for row in made.report["rules"]}
    assert rows["mine.word_count"] | {"step": ""} == {
        "step": "",
        "rule": "mine.word_count",
        "keep": [2.0, 9.0],
        "action": "remove",
        "level": "document",
        "decided": 2,
        "judged": 4,
        "failed": 2,
        "closest": None,
    }
    assert [rows["mine.char_count"][key] for key in ("decided", "failed", "closest")] == [0, 1, None]
    assert [rows["mine.stop_word_count"][key] for key in ("decided", "failed", "closest")] == [0, 0, 0.0]
    assert [rows["mine.hash_to_word_ratio"][key] for key in ("decided", "failed")] == [0, 1]
    Console(width=120).print(report_view(made.report))
    shown = capsys.readouterr().out.split("rules that never fired")[1]
    assert "1 fail, on other rules first" in shown
    assert "mine.stop_word_count" in shown
    assert "mine.word_count" not in shown
    removed = made.removed().to_pylist()
    assert [row["detail"] for row in removed] == ["kept: 2 to 9"] * 2
    assert [[each["rule"] for each in row["failing"]] for row in removed] == [
        ["mine.word_count"],
        ["mine.word_count", "mine.char_count"],
    ]


def test_check_names_a_language_nobody_gives_and_a_source_that_is_not_there(tmp_path):
    sources = [{"name": "web", "format": "jsonl", "paths": [str(tmp_path / "*.jsonl")]}]
    steps = [{"filter": {"rules": "gopher_quality", "when": {"language": ["en"], "source": ["wep"]}}}]
    problems = Pipeline.from_dict({"name": "x", "sources": sources, "steps": steps}).check(read=False)
    said = " ".join(str(problem) for problem in problems)
    assert "have no column 'language' here. A step that gives it: language" in said
    assert "no source is named 'wep'. Did you mean 'web'?" in said
