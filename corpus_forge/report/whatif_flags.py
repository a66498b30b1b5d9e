"""How many kept documents each flagging rule would name: a flag removes nothing, so that is all that its interval changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from corpus_forge.report.whatif_filters import Filter
from corpus_forge.rules.holding import holds
from corpus_forge.rules.rule import Given, Rule


class _Flag(NamedTuple):
    """A rule that flags, as it was and as it is to be."""

    name: str
    before: Rule
    after: Rule


def flag_counts(
    root: Path, filters: Sequence[Filter], gained: Sequence[Mapping[str, Any]], lost: Collection[int]
) -> list[dict[str, Any]]:
    """One row a flagging rule, in the run's order: rule, and how many documents have its flag before and after."""
    flags = [
        _Flag(one.after.rule_name(after), before, after)
        for one in filters
        for before, after in zip(one.before.rules, one.after.rules, strict=True)
        if after.action == "flag"
    ]
    before, after = [0] * len(flags), [0] * len(flags)
    names = {"id", "language", "source", *(flag.after.signal for flag in flags)}
    for path in sorted((root / "documents").glob("part-*.parquet")) if flags else ():
        part = ds.dataset(str(path), format="parquet")
        table = part.to_table(columns=[name for name in part.schema.names if name in names])
        stays = ~pc.is_in(table["id"], pa.array(sorted(lost), pa.uint64())).to_numpy()
        given = {name: table[name].combine_chunks() for name in ("language", "source") if name in table.schema.names}
        for index, flag in enumerate(flags):
            values = table[flag.after.signal].to_numpy().astype(np.float64)
            before[index] += int(_failed(flag.before, values, given).sum())
            after[index] += int((_failed(flag.after, values, given) & stays).sum())
    for index, flag in enumerate(flags):
        after[index] += sum(_fails(flag.after, row["measured"]) for row in gained)
    return [{"rule": flag.name, "before": old, "after": new} for flag, old, new in zip(flags, before, after, strict=True)]


def _failed(rule: Rule, values: np.ndarray, given: Given) -> np.ndarray:
    """bool[n]: the documents that the rule is for and does not keep."""
    return ~holds(values, rule.keep) & rule.covers(given, len(values))


def _fails(rule: Rule, measured: Mapping[str, Any]) -> bool:
    value = measured.get(rule.signal)
    return rule.covers_one(measured) and not holds(np.array([np.nan if value is None else value]), rule.keep)[0]
