"""Rules applied to signals: which documents leave, by which rule, with which value.

Pure arithmetic over columns: measuring is done before, so that the same function serves the run, a notebook and `whatif`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.rules.files import load_rules
from corpus_forge.rules.rule_set import Interval, RuleSet
from corpus_forge.text.columns import Texts, text_array, text_column
from corpus_forge.text.signals import measured

NO_RULE = -1


class Verdicts(NamedTuple):
    """keep: bool[n]. rule: int64[n], index of the rule that decided, NO_RULE where all hold. value: float64[n], NaN there.

    A document that only rules with action `flag` fail on is kept, and has the first of them as its rule.
    """

    keep: np.ndarray
    rule: np.ndarray
    value: np.ndarray


def holds(values: np.ndarray, keep: Interval) -> np.ndarray:
    """bool[n]: does each value lie in the closed interval? NaN lies in none."""
    low, high = keep
    inside = ~np.isnan(values)
    if low is not None:
        inside &= values >= low
    if high is not None:
        inside &= values <= high
    return inside


def judge(columns: Mapping[str, np.ndarray], rules: RuleSet) -> Verdicts:
    """Verdicts over columns of signals, each [n]. The first failing rule in file order decides, removing before flagging."""
    rows = len(columns[rules.rules[0].signal])
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


def apply_rules(texts: Texts, rules: str | RuleSet) -> pa.Table:
    """Table[keep: bool, rule: string, value: float64, text: large_string], one row per text, in input order.

    `rules` is a name (`gopher_quality`, `gopher_quality@datatrove`), a path or a RuleSet. `rule` is the rule that decided, as
    `gopher_quality.word_count`, and `value` the number it looked at; both are null where all rules hold. RequestError for an
    unknown name.
    """
    chosen = rules if isinstance(rules, RuleSet) else load_rules(rules)
    array = text_array(texts)
    arrays = measured(text_column(array), chosen.signals())
    columns = {one.name: values.to_numpy() for one, values in zip(chosen.signals(), arrays, strict=True)}
    verdicts = judge(columns, chosen)
    names = rule_names(chosen, verdicts.rule)
    values = pa.array(verdicts.value, mask=verdicts.rule == NO_RULE)
    texts_out = array.cast(pa.large_string())
    return pa.table({"keep": verdicts.keep, "rule": pa.array(names, pa.string()), "value": values, "text": texts_out})


def rule_names(rules: RuleSet, indices: np.ndarray) -> Sequence[str | None]:
    """Name of each rule by its index, None for NO_RULE."""
    names = [rules.rule_name(rule) for rule in rules.rules]
    return [None if index == NO_RULE else names[index] for index in indices.tolist()]
