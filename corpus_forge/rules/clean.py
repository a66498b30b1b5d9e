"""Rules on lines: which lines a text loses, which documents leave for one of their lines, and the text that is left.

Rules are looked at in file order, and a later one sees only the lines that earlier ones have left, as in C4. Counts are kept by
rule, so that a report can say what took the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.document import Seen
from corpus_forge.rules.holding import holds
from corpus_forge.rules.judge import seen
from corpus_forge.rules.rule import Given, Rule
from corpus_forge.text.cleaning import Lines, joined_lines, lines_of
from corpus_forge.text.columns import text_column
from corpus_forge.text.signals import registry


class Cleaned(NamedTuple):
    """texts: large_string[n]. removed_lines: int64[n]. seen: by key, what each rule looked at, in lines.

    columns: float64[n] by the key of each rule that removes documents: the value of the first line that fails, else a bound
    it keeps.
    """

    texts: pa.Array
    removed_lines: np.ndarray
    seen: dict[str, Seen]
    columns: dict[str, np.ndarray]


def cleaned(texts: pa.Array, rules: Sequence[Rule], without_citations: bool, given: Given) -> Cleaned:
    """Texts without the lines that rules on lines take out. A text from which nothing is taken is stripped line by line too.

    A text that none of the rules is for stays as it is.
    """
    counts = frozenset().union(*(registry.get(rule.signal).counts for rule in rules))
    lines = lines_of(text_column(texts), without_citations, counts)
    keep = np.ones(len(lines.bounds), bool)
    looked: dict[str, Seen] = {}
    columns: dict[str, np.ndarray] = {}
    covered = np.zeros(len(texts), bool)
    for rule in rules:
        of_rule = rule.covers(given, len(texts))
        covered |= of_rule
        values, judged = lines.values(registry.get(rule.signal)), keep & of_rule[lines.of_text()]
        failed = judged & ~holds(values, rule.keep)
        looked[rule.key] = seen(values[judged], failed)
        if rule.action == "clean":
            keep &= ~failed
        else:
            columns[rule.key] = _first_failing(lines, values, failed, rule)
    made = joined_lines(lines, keep)
    left = made if covered.all() else pc.if_else(pa.array(covered), made, texts)
    return Cleaned(left, lines.sums(~keep), looked, columns)


def _first_failing(lines: Lines, values: np.ndarray, failed: np.ndarray, rule: Rule) -> np.ndarray:
    low, high = rule.keep
    column = np.full(len(lines.firsts) - 1, low if low is not None else high, np.float64)
    # Assigned from the last to the first, so that the first of a text is what stays.
    at = np.flatnonzero(failed)[::-1]
    column[lines.of_text()[at]] = values[at]
    return column
