"""Rules applied to signals: which documents leave, by which rule, with which value.

Pure arithmetic over columns: measuring is done before, so that the same function serves the run, a notebook and `whatif`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from os import PathLike
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.rules.clean import cleaned
from corpus_forge.rules.files import load_rules
from corpus_forge.rules.holding import holds
from corpus_forge.rules.rule_set import RuleSet
from corpus_forge.text.columns import Texts, text_array, text_column
from corpus_forge.text.signals import measured, registry

NO_RULE = -1


class Verdicts(NamedTuple):
    """keep: bool[n]. rule: int64[n], index of the rule that decided, NO_RULE where all hold. value: float64[n], NaN there.

    A document that only rules with action `flag` fail on is kept, and has the first of them as its rule.
    """

    keep: np.ndarray
    rule: np.ndarray
    value: np.ndarray


def judge(columns: Mapping[str, np.ndarray], rules: RuleSet) -> Verdicts:
    """Verdicts over columns of signals, each [n]. The first failing rule in file order decides, removing before flagging.

    A rule that cleans decides nothing here, and of one that removes documents by their lines the column has a line's value.
    """
    rows = len(next(iter(columns.values())))
    verdicts = Verdicts(np.ones(rows, bool), np.full(rows, NO_RULE, np.int64), np.full(rows, np.nan))
    for action in ("remove", "flag"):
        for index, rule in enumerate(rules.rules):
            if rule.action == action:
                values = np.asarray(columns[rule.signal], np.float64)
                failed = ~holds(values, rule.keep) & (verdicts.rule == NO_RULE)
                verdicts.keep[failed] = action == "flag"
                verdicts.rule[failed] = index
                verdicts.value[failed] = values[failed]
    return verdicts


class Applied(NamedTuple):
    """texts: large_string[n], cleaned where the document stays; cleaned_texts: all of them.

    columns: document signals, and the count of removed lines.
    line_columns: what rules looked at that remove a document by a line of it, by `RuleSet.line_column`. cleaned: lines that
    rules took out of documents, by the name of the rule.
    """

    texts: pa.Array
    cleaned_texts: pa.Array
    columns: dict[str, pa.Array]
    line_columns: dict[str, pa.Array]
    verdicts: Verdicts
    cleaned: dict[str, int]


def applied(texts: pa.Array, rules: RuleSet) -> Applied:
    """Measure, clean and judge. Signals of documents that stand behind rules on lines are measured on what these leave."""
    current = texts
    columns: dict[str, pa.Array] = {}
    line_values: dict[str, np.ndarray] = {}
    counts: Counter[str] = Counter()
    for level, group in groupby(rules.rules, key=lambda rule: rule.level):
        part = list(group)
        if level == "line":
            step = cleaned(current, part, rules.citations == "remove")
            current = step.texts
            line_values |= step.columns
            counts.update({f"lines {rules.family}.{name}": count for name, count in step.by_rule.items() if count})
            columns[rules.removed_lines] = _plus(columns.get(rules.removed_lines), step.removed_lines)
        else:
            chosen = [registry.get(rule.signal) for rule in part]
            arrays = measured(text_column(current), chosen, rules.words)
            columns |= {one.name: array for one, array in zip(chosen, arrays, strict=True)}
    verdicts = judge({**line_values, **{name: array.to_numpy() for name, array in columns.items()}}, rules)
    kept = pc.if_else(pa.array(verdicts.keep), current, texts) if rules.cleans else texts
    lines = {rules.line_column(name): pa.array(column) for name, column in line_values.items()}
    return Applied(kept, current, columns, lines, verdicts, dict(sorted(counts.items())))


def _plus(before: pa.Array | None, count: np.ndarray) -> pa.Array:
    return pa.array(count if before is None else before.to_numpy() + count, pa.int64())


def apply_rules(texts: Texts, rules: str | PathLike[str] | RuleSet) -> pa.Table:
    """Table[keep: bool, rule: string, value: float64, text: large_string], one row per text, in input order.

    `rules` is a name (`gopher_quality`, `gopher_quality@datatrove`), a path or a RuleSet. `rule` is the rule that decided, as
    `gopher_quality.word_count`, and `value` the number it looked at; both are null where all rules hold. `text` is what rules
    on lines leave of a text that is kept. RequestError for an unknown name.
    """
    chosen = rules if isinstance(rules, RuleSet) else load_rules(rules)
    made = applied(text_array(texts).cast(pa.large_string()), chosen)
    names = rule_names(chosen, made.verdicts.rule)
    values = pa.array(made.verdicts.value, mask=made.verdicts.rule == NO_RULE)
    return pa.table({"keep": made.verdicts.keep, "rule": pa.array(names, pa.string()), "value": values, "text": made.texts})


def rule_names(rules: RuleSet, indices: np.ndarray) -> Sequence[str | None]:
    """Name of each rule by its index, None for NO_RULE."""
    names = [rules.rule_name(rule) for rule in rules.rules]
    return [None if index == NO_RULE else names[index] for index in indices.tolist()]
