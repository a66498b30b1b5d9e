"""Rules on lines: which lines a text loses, which documents leave for one of their lines, and the text that is left.

Rules are looked at in file order, and a later one sees only the lines that earlier ones have left, as in C4. Counts are kept by
rule, so that a report can say what took the lines. Two kinds of lines: stripped ones, as C4's own code and datatrove take them
(`str.splitlines`), and bare ones between newlines, as DCLM does; the signals of a rule say which.
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
from corpus_forge.rules.rule import Given, Rule, is_bare
from corpus_forge.text.bare_lines import BareLines
from corpus_forge.text.cleaning import StrippedLines
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
    """Texts without the lines that rules on lines take out. A text from which nothing is taken is stripped too.

    A text that none of the rules is for stays as it is.
    """
    lines = _lines(texts, rules, without_citations)
    of_text = lines.of_text()
    looked: dict[str, Seen] = {}
    columns: dict[str, np.ndarray] = {}
    covered = np.zeros(len(texts), bool)
    for rule in rules:
        of_rule = rule.covers(given, len(texts))
        covered |= of_rule
        values, judged = lines.values(registry.get(rule.signal)), lines.judged() & of_rule[of_text]
        failed = judged & ~holds(values, rule.keep)
        looked[rule.key] = seen(values[judged], failed)
        if rule.action == "remove":
            columns[rule.key] = _first_failing(of_text, len(texts), values, failed, rule)
        elif rule.action == "cut":
            assert isinstance(lines, BareLines)
            lines.keep &= ~lines.cut(registry.get(rule.signal), failed)
        else:
            lines.keep &= ~failed
    left = lines.joined()
    if not covered.all():
        left = pc.if_else(pa.array(covered), left, texts)
    return Cleaned(left, lines.sums(~lines.keep), looked, columns)


def _lines(texts: pa.Array, rules: Sequence[Rule], without_citations: bool) -> BareLines | StrippedLines:
    if is_bare(rules[0]):
        return BareLines(texts, without_citations)
    counts = frozenset(count for rule in rules for count in registry.get(rule.signal).counts)
    return StrippedLines(texts, without_citations, counts)


def _first_failing(of_text: np.ndarray, texts: int, values: np.ndarray, failed: np.ndarray, rule: Rule) -> np.ndarray:
    low, high = rule.keep
    column = np.full(texts, low if low is not None else high, np.float64)
    # Assigned from the last to the first, so that the first of a text is what stays.
    at = np.flatnonzero(failed)[::-1]
    column[of_text[at]] = values[at]
    return column
