"""Verdicts over columns of signals: which documents leave, by which rule, with which value, and all that they fail on.

Pure arithmetic over columns: measuring is done before, so that the same function serves the run, a notebook and `whatif`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.document import Failing, Seen
from corpus_forge.rules.holding import holds
from corpus_forge.rules.rule import Given, Rule
from corpus_forge.rules.rule_set import RuleSet

NO_RULE = -1


class Verdicts(NamedTuple):
    """keep: bool[n]. rule: int64[n], index of the rule that decided, NO_RULE where all hold. value: float64[n], NaN there.

    A document that only rules with action `flag` fail on is kept, and has the first of them as its rule.
    failed: bool[n] by index of the rule, whether the document fails on it; rules that clean lines are not among them.
    values: float64[n], what each of these looked at.
    """

    keep: np.ndarray
    rule: np.ndarray
    value: np.ndarray
    failed: dict[int, np.ndarray]
    values: dict[int, np.ndarray]


def judge(columns: Mapping[str, np.ndarray], rules: RuleSet, given: Given | None = None) -> Verdicts:
    """Verdicts over columns of signals, each [n]. The first failing rule in file order decides, removing before flagging.

    `columns` has documents' signals by their names, and by its key the line's value of a rule that removes documents by their
    lines; a rule that cleans decides nothing here. `given`: languages and sources, where rules are only for some.
    """
    rows = len(next(iter(columns.values())))
    verdicts = Verdicts(np.ones(rows, bool), np.full(rows, NO_RULE, np.int64), np.full(rows, np.nan), {}, {})
    for action in ("remove", "flag"):
        for index, rule in enumerate(rules.rules):
            if rule.action == action:
                values = np.asarray(columns[column_of(rule)], np.float64)
                failed = ~holds(values, rule.keep) & rule.covers(given or {}, rows)
                verdicts.failed[index], verdicts.values[index] = failed, values
                deciding = failed & (verdicts.rule == NO_RULE)
                verdicts.keep[deciding] = action == "flag"
                verdicts.rule[deciding] = index
                verdicts.value[deciding] = values[deciding]
    return verdicts


def column_of(rule: Rule) -> str:
    """The column that a rule looks at: its signal, or of rules on lines its key, since each has a line of its own."""
    return rule.signal if rule.level == "document" else rule.key


def flags_of(verdicts: Verdicts, rules: RuleSet) -> pa.Array:
    """list<string>[n]: the keys of the flagging rules that each document fails on, in file order."""
    flagging = [index for index, rule in enumerate(rules.rules) if rule.action == "flag"]
    rows = len(verdicts.keep)
    failed = np.array([verdicts.failed[index] for index in flagging], bool).reshape(len(flagging), rows)
    names = np.array([rules.rules[index].key for index in flagging], object)
    offsets = np.concatenate([[0], np.cumsum(failed.sum(0))]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, pa.array(names[np.nonzero(failed.T)[1]].tolist(), pa.string()))


def failing_rules(verdicts: Verdicts, rules: RuleSet, row: int) -> tuple[Failing, ...]:
    """All removing rules that a document fails on, in file order."""
    found = [(index, rule) for index, rule in enumerate(rules.rules) if rule.action == "remove" and verdicts.failed[index][row]]
    return tuple(Failing(rules.rule_name(rule), float(verdicts.values[index][row]), *rule.keep) for index, rule in found)


def seen_by_rules(verdicts: Verdicts, rules: RuleSet, given: Given) -> dict[str, Seen]:
    """What each rule on documents looked at, by the rule's full name."""
    return {
        rules.rule_name(rule): seen(verdicts.values[index][rule.covers(given, len(verdicts.keep))], verdicts.failed[index])
        for index, rule in enumerate(rules.rules)
        if rule.level == "document"
    }


def seen(values: np.ndarray, failed: np.ndarray) -> Seen:
    """Of the values a rule is for, float64[k], and which documents or lines failed."""
    numbers = values[~np.isnan(values)]
    ends = (float(numbers.min()), float(numbers.max())) if len(numbers) else (None, None)
    return Seen(len(values), int(failed.sum()), *ends)
