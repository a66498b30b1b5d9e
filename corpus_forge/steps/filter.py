"""Step `filter`: measures the signals of a rule set, adds them as columns, and removes what a rule does not keep.

The rules travel with the step, not the path of their file: a worker on another machine needs no file, and the fingerprint is
made of the rules as used. The cost is that a user's file is read when the pipeline is loaded and never again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from corpus_forge.document import Outcome, Removal, with_column
from corpus_forge.registry import steps
from corpus_forge.rules.apply import Applied, applied
from corpus_forge.rules.files import is_path, load_rules
from corpus_forge.rules.judge import failing_rules
from corpus_forge.rules.rule import Given, Interval, When, checked_interval, interval
from corpus_forge.rules.rule_set import RuleSet
from corpus_forge.steps.base import MapStep, Step
from corpus_forge.text.columns import text_array, text_column
from corpus_forge.text.passes import kernels_of
from corpus_forge.text.signals import VERSION as SIGNALS_VERSION
from corpus_forge.text.signals import measured, registry
from corpus_forge.text.splitters import Words


class _Needs:
    """Of a step, the columns that its rules' conditions look at besides the text."""

    def __get__(self, step: FilterStep | None, owner: type) -> tuple[str, ...]:
        conditional = step is not None and step.rule_set().conditions("language")
        return ("text", "language") if conditional else ("text",)


@steps.add("filter")
class FilterStep(MapStep):
    """Keep the documents whose signals lie in the intervals of a rule set."""

    name: ClassVar[str] = "filter"
    version: ClassVar[int] = 2
    shorthand: ClassVar[str | None] = "rules"
    needs: ClassVar[Any] = _Needs()
    decides: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    rules: str | RuleSet = Field(description="A shipped rule set such as gopher_quality, or the path of your own file.")
    set: dict[str, Interval] = Field(default={}, description="Other intervals by signal: {word_count: [80, 100000]}.")
    words: Words | None = Field(
        default=None, description="What a word is: default, whitespace or uax29; else what the rules say."
    )
    when: When | None = Field(
        default=None, description="Only for these documents, others pass: {language: [en], source: [web]}."
    )
    ledger: Literal["first", "full"] = Field(
        default="first",
        description="full: removed/ has all rules that a document fails on; the pipeline's key of that name sets it.",
    )
    keep_signals: bool = Field(
        default=False, description="Keep what whatif needs of removed documents; the pipeline's key of that name sets it."
    )
    later: tuple[str | RuleSet, ...] = Field(
        default=(), description="Rule sets of later steps, measured on removed documents too; keep_signals fills it in."
    )

    @field_validator("rules")
    @classmethod
    def _resolved(cls, rules: str | RuleSet) -> str | RuleSet:
        """The full name of a shipped rule set; the content of a file. RequestError for what does not exist."""
        if isinstance(rules, RuleSet):
            return rules
        loaded = load_rules(rules)
        return loaded if is_path(rules) else loaded.name

    @field_validator("set")
    @classmethod
    def _hold_numbers(cls, intervals: dict[str, Interval]) -> dict[str, Interval]:
        return {name: checked_interval(keep) for name, keep in sorted(intervals.items())}

    @model_validator(mode="after")
    def _override_what_exists(self) -> FilterStep:
        self.rule_set()
        return self

    def rule_set(self) -> RuleSet:
        """The rules as used, overrides applied."""
        rules = self.rules if isinstance(self.rules, RuleSet) else load_rules(self.rules)
        chosen = rules.with_intervals(self.set).only_when(self.when)
        return chosen.model_copy(update={"words": self.words}) if self.words else chosen

    def keeping_signals(self, following: Sequence[Step]) -> FilterStep:
        """The step that also measures, on documents that it removes, what filters behind it look at.

        Filters behind a step that may change texts are left out: what they would see is not known here.
        """
        later: list[str | RuleSet] = []
        for step in following:
            if isinstance(step, FilterStep):
                named = isinstance(step.rules, str) and not (step.set or step.when or step.words)
                later.append(step.rules if named else step.rule_set().model_copy(update={"golden": ()}))
            elif isinstance(step, MapStep) and not step.leaves_text:
                break
        return self.model_copy(update={"keep_signals": True, "later": tuple(later)})

    def identity(self) -> dict[str, Any]:
        """The rules as used, and the version of the kernels that measure."""
        kept = {"later": [_loaded(rules).identity() for rules in self.later]} if self.keep_signals else {}
        ledger = {"ledger": self.ledger} if self.ledger != "first" else {}
        return {
            "step": self.name,
            "version": self.version,
            "signals_version": SIGNALS_VERSION,
            "rules": self.rule_set().identity(),
            **kept,
            **ledger,
        }

    def named_sources(self) -> tuple[str, ...]:
        """Sources that rules are only for."""
        return self.rule_set().conditions("source")

    def facts(self) -> dict[str, Any]:
        """The rules with their intervals: a report names those that never fired."""
        rules = self.rule_set()
        told = [
            {"rule": rules.rule_name(rule), "keep": list(rule.keep), "action": rule.action, "level": rule.level}
            for rule in rules.rules
        ]
        return {"kind": "rules", "rules": told}

    def measures(self) -> tuple[str, ...]:
        """The signals of its rules."""
        rules = self.rule_set()
        counted = (rules.removed_lines,) if rules.cleans else ()
        flags = (rules.flags,) if rules.flags else ()
        return (*(signal.name for signal in rules.document_signals()), *counted, *flags)

    def kernels(self) -> tuple[str, ...]:
        """Those that count what its rules look at, and what it measures for filters behind it."""
        sets = (self.rule_set(), *(_loaded(rules) for rules in self.later))
        signals = {one.name: one for rules in sets for one in (*rules.signals(), *rules.document_signals())}
        return kernels_of(count for one in signals.values() for count in one.counts)

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The function over batches; kernels come from the cache that `kernels()` has been made ready in."""
        rules, later = self.rule_set(), [_loaded(each) for each in self.later] if self.keep_signals else None
        return lambda batch: filtered(batch, rules, later, self.ledger == "full")


def _loaded(rules: str | RuleSet) -> RuleSet:
    return rules if isinstance(rules, RuleSet) else load_rules(rules)


def filtered(batch: pa.RecordBatch, rules: RuleSet, later: Sequence[RuleSet] | None = None, full: bool = False) -> Outcome:
    """The batch with a column for each signal, and who leaves by which rule.

    Flagged documents and lines that were taken out are counted in `cleaned`. Where `later` is given, documents that leave have
    the columns of these rule sets too, and all have `byte_count`. `full`: with all rules that they fail on.
    """
    texts = text_array(batch.column("text")).cast(pa.large_string())
    given = {name: batch.column(name) for name in ("language", "source") if name in batch.schema.names}
    made = applied(texts, rules, given)
    for name, values in made.columns.items():
        if not (name in batch.schema.names and name in registry and registry.get(name).needs):
            batch = with_column(batch, name, values)
    if rules.cleans:
        batch = with_column(batch, "text", made.texts)
    if later is not None:
        batch = _with_kept_signals(batch, made, later, given)
    removed = {row: _removal(made, rules, row) for row in np.flatnonzero(~made.verdicts.keep).tolist()}
    failing = {row: failing_rules(made.verdicts, rules, row) for row in removed} if full else {}
    done = made.cleaned | _flagged(made, rules)
    return Outcome(batch, removed=removed, cleaned=dict(sorted(done.items())), seen=made.seen, failing=failing)


def _removal(made: Applied, rules: RuleSet, row: int) -> Removal:
    rule = rules.rules[made.verdicts.rule[row]]
    return Removal(rules.rule_name(rule), float(made.verdicts.value[row]), f"kept: {interval(rule.keep)}")


def _flagged(made: Applied, rules: RuleSet) -> dict[str, int]:
    """Documents that stay with a flag, by rule."""
    counts = Counter({index: int((failed & made.verdicts.keep).sum()) for index, failed in made.verdicts.failed.items()})
    return {f"flagged {rules.rule_name(rules.rules[index])}": count for index, count in (+counts).items()}


def _with_kept_signals(batch: pa.RecordBatch, made: Applied, later: Sequence[RuleSet], given: Given) -> pa.RecordBatch:
    """What `whatif` needs: bytes of texts, what line rules looked at, and for documents that leave, signals of later sets."""
    [size] = measured(text_column(made.texts), [registry.get("byte_count")])
    columns: dict[str, pa.Array] = {"byte_count": size, **made.line_columns}
    leaving = pa.array(np.flatnonzero(~made.verdicts.keep))
    place = np.full(batch.num_rows, -1)
    place[leaving.to_numpy()] = np.arange(len(leaving))
    rows = pa.array(place, mask=place < 0)
    texts, of_leaving = made.cleaned_texts.take(leaving), {name: column.take(leaving) for name, column in given.items()}
    for rules in later:
        behind = applied(texts, rules, of_leaving)
        texts = behind.cleaned_texts
        found = {**behind.columns, **behind.line_columns}
        columns |= {name: values.take(rows) for name, values in found.items() if name not in (*made.columns, rules.flags)}
    for name, values in columns.items():
        known = name in batch.schema.names
        batch = with_column(batch, name, pc.coalesce(values, batch.column(name)) if known else values)
    return batch
