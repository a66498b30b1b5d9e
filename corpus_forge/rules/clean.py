"""Rules on lines: which lines a text loses, which documents leave for one of their lines, and the text that is left.

Rules are looked at in file order, and a later one sees only the lines that earlier ones have left, as in C4. Counts are kept by
rule, so that a report can say what took the lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.rules.holding import holds
from corpus_forge.rules.rule_set import Rule
from corpus_forge.text.cleaning import Lines, joined_lines, lines_of
from corpus_forge.text.columns import text_column
from corpus_forge.text.signals import registry


class Cleaned(NamedTuple):
    """texts: large_string[n]. removed_lines: int64[n]. by_rule: lines that each signal's rule took out.

    columns: float64[n] for each rule that removes documents: the value of the first line that fails, else a bound it keeps.
    """

    texts: pa.Array
    removed_lines: np.ndarray
    by_rule: dict[str, int]
    columns: dict[str, np.ndarray]


def cleaned(texts: pa.Array, rules: Iterable[Rule], without_citations: bool) -> Cleaned:
    """Texts without the lines that rules on lines take out. A text from which nothing is taken is stripped line by line too."""
    wanted = list(rules)
    counts = frozenset().union(*(registry.get(rule.signal).counts for rule in wanted))
    lines = lines_of(text_column(texts), without_citations, counts)
    keep = np.ones(len(lines.bounds), bool)
    by_rule: dict[str, int] = {}
    columns: dict[str, np.ndarray] = {}
    for rule in wanted:
        values = lines.values(registry.get(rule.signal))
        failed = keep & ~holds(values, rule.keep)
        if rule.action == "clean":
            by_rule[rule.signal] = int(failed.sum())
            keep &= ~failed
        else:
            columns[rule.signal] = _first_failing(lines, values, failed, rule)
    return Cleaned(joined_lines(lines, keep), lines.sums(~keep), by_rule, columns)


def _first_failing(lines: Lines, values: np.ndarray, failed: np.ndarray, rule: Rule) -> np.ndarray:
    low, high = rule.keep
    column = np.full(len(lines.firsts) - 1, low if low is not None else high, np.float64)
    # Assigned from the last to the first, so that the first of a text is what stays.
    at = np.flatnonzero(failed)[::-1]
    column[lines.of_text()[at]] = values[at]
    return column
