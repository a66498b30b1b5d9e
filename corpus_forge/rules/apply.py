"""Rule sets applied to texts: measured, cleaned, judged. Documents' signals behind rules on lines are of what these leave."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.document import Seen
from corpus_forge.errors import RequestError
from corpus_forge.rules.clean import cleaned
from corpus_forge.rules.files import load_rules
from corpus_forge.rules.judge import NO_RULE, Verdicts, flags_of, judge, seen_by_rules
from corpus_forge.rules.rule import Given
from corpus_forge.rules.rule_set import RuleSet
from corpus_forge.text.columns import Texts, text_array, text_column
from corpus_forge.text.signals import measured, registry
from corpus_forge.text.splitters import Words


class Applied(NamedTuple):
    """texts: large_string[n], cleaned where the document stays; cleaned_texts: all of them.

    columns: document signals, the count of removed lines, and the names of flags that a document has.
    line_columns: what rules looked at that remove a document by a line of it, by `RuleSet.line_column`. cleaned: lines that
    rules took out of documents, by the name of the rule. seen: what each rule looked at, by its full name.
    """

    texts: pa.Array
    cleaned_texts: pa.Array
    columns: dict[str, pa.Array]
    line_columns: dict[str, pa.Array]
    verdicts: Verdicts
    cleaned: dict[str, int]
    seen: dict[str, Seen]


def applied(texts: pa.Array, rules: RuleSet, given: Given | None = None) -> Applied:
    """Measure, clean and judge. `given`: languages and sources of the texts, where rules are only for some."""
    known, measuring = given or {}, _Measuring(texts, rules.words)
    for group in rules.groups():
        if group[0].level == "line":
            step = cleaned(measuring.texts, group, rules.citations == "remove", known)
            measuring.texts = step.texts
            measuring.lines |= step.columns
            measuring.seen |= {f"{rules.family}.{key}": seen for key, seen in step.seen.items()}
            measuring.removed_lines = measuring.removed_lines + step.removed_lines
        else:
            last = group[-1] is rules.rules[-1]
            measuring.measure([*(rule.signal for rule in group), *(rules.measure if last else ())])
    measuring.measure([name for name in rules.measure if name not in measuring.columns])
    return _judged(measuring, rules, known)


class _Measuring:
    """What is known of texts on their way through the groups of a rule set."""

    def __init__(self, texts: pa.Array, words: Words) -> None:
        self.before = self.texts = texts
        self.words = words
        self.columns: dict[str, pa.Array] = {}
        self.lines: dict[str, np.ndarray] = {}
        self.seen: dict[str, Seen] = {}
        self.removed_lines = np.zeros(len(texts), np.int64)

    def measure(self, names: Sequence[str]) -> None:
        """Add columns of signals, from one pass."""
        chosen = [registry.get(name) for name in dict.fromkeys(names)]
        if chosen:
            before = text_column(self.before) if any(one.compares for one in chosen) else None
            arrays = measured(text_column(self.texts), chosen, self.words, before)
            self.columns |= {one.name: array for one, array in zip(chosen, arrays, strict=True)}


def _judged(found: _Measuring, rules: RuleSet, given: Given) -> Applied:
    looked = {rule.signal for rule in rules.rules if rule.level == "document"}
    numbers = {name: found.columns[name].to_numpy(zero_copy_only=False) for name in looked}
    verdicts = judge({rules.removed_lines: found.removed_lines, **found.lines, **numbers}, rules, given)
    columns = dict(found.columns)
    if rules.cleans:
        columns[rules.removed_lines] = pa.array(found.removed_lines)
    if rules.flags:
        columns[rules.flags] = flags_of(verdicts, rules)
    cleaning = {rules.rule_name(rule) for rule in rules.rules if rule.action in ("clean", "cut")}
    lines = {f"lines {name}": seen.failed for name, seen in found.seen.items() if name in cleaning and seen.failed}
    return Applied(
        texts=pc.if_else(pa.array(verdicts.keep), found.texts, found.before) if rules.cleans else found.texts,
        cleaned_texts=found.texts,
        columns=columns,
        line_columns={rules.line_column(key): pa.array(column) for key, column in found.lines.items()},
        verdicts=verdicts,
        cleaned=dict(sorted(lines.items())),
        seen={**found.seen, **seen_by_rules(verdicts, rules, given)},
    )


def apply_rules(
    texts: Texts,
    rules: str | PathLike[str] | RuleSet,
    *,
    language: str | Sequence[str | None] | pa.Array | None = None,
    source: str | Sequence[str | None] | pa.Array | None = None,
) -> pa.Table:
    """Table[keep: bool, rule: string, value: float64, text: large_string, flags: list<string>], a row a text, in input order.

    `rules` is a name (`gopher_quality`, `gopher_quality@datatrove`), a path or a RuleSet. `rule` is the rule that decided, as
    `gopher_quality.word_count`, and `value` the number it looked at; both are null where all rules hold. `text` is what rules
    on lines leave of a text that is kept; `flags` the rules with `action: flag` that it fails on. `language` and `source`, one
    for all texts or one each, are for rules with `when`. RequestError for an unknown name, and for a column that is not given.
    """
    chosen = rules if isinstance(rules, RuleSet) else load_rules(rules)
    array = text_array(texts).cast(pa.large_string())
    given = {"language": language, "source": source}
    known = {name: _column(name, value, len(array)) for name, value in given.items() if value is not None}
    made = applied(array, chosen, known)
    names = rule_names(chosen, made.verdicts.rule)
    values = pa.array(made.verdicts.value, mask=made.verdicts.rule == NO_RULE)
    return pa.table(
        {
            "keep": made.verdicts.keep,
            "rule": pa.array(names, pa.string()),
            "value": values,
            "text": made.texts,
            "flags": flags_of(made.verdicts, chosen),
        }
    )


def _column(name: str, value: str | Sequence[str | None] | pa.Array, rows: int) -> pa.Array:
    column = pa.array([value] * rows if isinstance(value, str) else value, pa.string())
    if len(column) != rows:
        raise RequestError(f"{name} has {len(column)} values for {rows} texts. Give one for all, or one each.")
    return column


def rule_names(rules: RuleSet, indices: np.ndarray) -> Sequence[str | None]:
    """Name of each rule by its index, None for NO_RULE."""
    names = [rules.rule_name(rule) for rule in rules.rules]
    return [None if index == NO_RULE else names[index] for index in indices.tolist()]
